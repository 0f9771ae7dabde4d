"""From answers to rows: the one way, walked when a pull is landed and again when it is replayed."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from connectors.stream import Evidence, Exchange, Page, Role, Stream
from warehouse.landing.keys import Keys, copy_without, find_repeats, keys_of
from warehouse.landing.records import RecordFile
from warehouse.landing.responses import identity
from warehouse.landing.rows import RESPONSE_NO, RowsFile

QUARANTINE = pa.schema(
    [
        RESPONSE_NO,
        pa.field("reason", pa.string(), nullable=False),
        pa.field("payload", pa.string(), nullable=False),
    ]
)
PIECE = 1 << 20  # bytes read at once of a file that can be as large as the pull


class Reading:
    """Parses the accepted answers of one pull into a rows file and a quarantine file.

    Parameters:
        stream: whose answers they are.
        rows, quarantine: paths to write; the second is made only when there is a row for it.
    """

    def __init__(self, stream: Stream, rows: Path, quarantine: Path) -> None:
        self.evidence = Evidence()
        self.answers = 0
        self._stream = stream
        self._rows = RowsFile(rows, stream.schema)
        self._quarantine = RecordFile(quarantine, QUARANTINE)
        self._keys = Keys(stream.key) if stream.key else None
        self._second_look: Keys | None = None
        self._content = hashlib.sha256()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._rows)
        self._open.enter_context(self._quarantine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def sha256(self) -> str:
        """Hex SHA-256 over role, operation, context and body hash of the accepted answers in order."""
        return self._content.hexdigest()

    def rows_sha256(self) -> str:
        """Hex SHA-256 of the finished rows and quarantine files: what the answers amount to.

        A vendor may number each answer anew (a trace id) and mean the same: these stay the same then.
        """
        content = hashlib.sha256()
        for path in (self._rows.path, self._quarantine.path):
            if path.exists():
                with path.open("rb") as file:
                    while piece := file.read(PIECE):
                        content.update(piece)
        return content.hexdigest()

    def take(self, response_no: int, exchange: Exchange) -> None:
        """Read one answer; a rejected one is passed over.

        Raises:
            ContractBroken: the answer is not what the vendor's contract says.
        """
        if exchange.role is Role.REJECTED:
            return
        self.answers += 1
        self._content.update(identity(exchange))
        page = self._stream.parse(exchange)
        if exchange.role is Role.SECOND_LOOK:
            # Where rows may truly repeat there is no key: two walks are then compared by content.
            self._second_look = self._second_look or Keys(self._stream.key or self._stream.schema.names)
            self._second_look.add(page.rows)
            return
        self._note_claims(page)
        if exchange.role is Role.ROWS:
            self._land(response_no, page)

    def finish(self) -> Evidence:
        """Write what is left, leave out rows repeated to the letter, and say what the pull amounts to."""
        evidence = self.evidence
        self._rows.close()
        if self._second_look:
            first = self._keys or keys_of(self._rows.path, self._second_look.columns)
            evidence.second_look = np.array_equal(first.sorted(), self._second_look.sorted())
        if self._keys and len(repeated := self._keys.repeated()):
            repeats = find_repeats(self._rows.path, self._keys.columns, repeated)
            evidence.repeated, evidence.conflicting = len(repeats.identical), len(repeats.conflicting)
            if repeats.identical:
                self._leave_out(repeats.identical)
        self._quarantine.close()
        evidence.rows, evidence.quarantined = self._rows.count, self._quarantine.count
        return evidence

    def _note_claims(self, page: Page) -> None:
        evidence = self.evidence
        evidence.unknown_fields |= page.unknown_fields
        for claims, claim in (
            (evidence.totals, page.vendor_total),
            (evidence.page_counts, page.vendor_pages),
        ):
            if claim is not None and claim not in claims:
                claims.append(claim)

    def _land(self, response_no: int, page: Page) -> None:
        self.evidence.pages += 1
        self._rows.add(response_no, page.rows)
        if self._keys:
            self._keys.add(page.rows)
        for row in page.quarantined:
            self._quarantine.add({"response_no": response_no, "reason": row.reason}, row.payload.encode())

    def _leave_out(self, row_numbers: set[int]) -> None:
        path = self._rows.path
        whole = path.replace(path.with_suffix(".whole.tmp"))
        self._rows = self._open.enter_context(RowsFile(path, self._stream.schema))
        copy_without(whole, self._rows, row_numbers)
        self._rows.close()
        whole.unlink()
