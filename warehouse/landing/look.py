"""One look at a vendor: a pull that is landed, or the record of why it is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors import clock
from connectors.errors import IncompletePull, OutsideSnapshotWindow, VendorError
from connectors.stream import Evidence, Exchange, Stream, UsageDay
from connectors.transport.concurrency import prefetch
from warehouse.landing.folder import Folder
from warehouse.landing.pull import Pull, Status, fingerprint, schema_fingerprint
from warehouse.landing.reading import Reading
from warehouse.landing.responses import ResponsesFile


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: a stream through one connection, for one day, into its locked folder.

    Attributes:
        current: the pull that counts until now.
    """

    folder: Folder
    stream: Stream
    connection: str
    day: UsageDay
    current: Pull | None

    def take(self, fetch: Callable[[], Iterator[Exchange]]) -> Pull:
        """Ask, keep, parse, prove, commit.

        Raises:
            VendorError: with the record of the failure in `pull`.
        """
        started_at = clock.now()
        self.folder.clear_drafts()
        with (
            ResponsesFile(self.folder.draft("responses")) as responses,
            Reading(self.stream, self.folder.draft("rows"), self.folder.draft("quarantine")) as reading,
        ):
            try:
                self._read(fetch, responses, reading)
            except VendorError as error:
                for attempt in error.exchanges:
                    responses.keep(attempt)
                error.pull = self._fail(str(error), started_at, responses, reading)
                raise
            except Exception as error:
                # Its own words may hold anything, a secret too: only its type is kept.
                reason = f"stopped by an unexpected {type(error).__name__}; the log of the run tells where"
                self._fail(reason, started_at, responses, reading)
                raise
            return self._land(started_at, responses, reading)

    def refuse(self, sentence: str) -> OutsideSnapshotWindow:
        """Record that the day cannot be read; returns the error that says so."""
        error = OutsideSnapshotWindow(sentence)
        error.pull = self._commit(
            Status.REFUSED, sentence, clock.now(), evidence=Evidence(), sha256="", kinds=set()
        )
        return error

    def _read(
        self, fetch: Callable[[], Iterator[Exchange]], responses: ResponsesFile, reading: Reading
    ) -> None:
        with closing(prefetch(fetch(), size=lambda exchange: len(exchange.body))) as exchanges:
            for exchange in exchanges:
                # Kept before it is parsed: an answer that cannot be parsed is the evidence.
                response_no = responses.keep(exchange)
                reading.take(response_no, exchange)
        evidence = reading.finish()
        if not reading.answers:
            raise IncompletePull(f"{self.stream.id} asked nothing of the vendor, so nothing is known")
        self.stream.prove(evidence)

    def _land(self, started_at: datetime, responses: ResponsesFile, reading: Reading) -> Pull:
        rows_sha256 = reading.rows_sha256()
        # An answer without rows says that there is nothing; where nobody was asked, nothing was said.
        content = (rows_sha256, schema_fingerprint(self.stream), reading.evidence.pages > 0)
        current = self.current
        if current and (current.rows_sha256, current.schema, current.pages > 0) == content:
            return current
        responses.close()
        kinds = {"responses", "rows"} | ({"quarantine"} if reading.evidence.quarantined else set())
        return self._commit(
            Status.OK,
            "",
            started_at,
            evidence=reading.evidence,
            sha256=reading.sha256,
            rows_sha256=rows_sha256,
            kinds=kinds,
        )

    def _fail(self, reason: str, started_at: datetime, responses: ResponsesFile, reading: Reading) -> Pull:
        responses.close()
        kinds = {"responses"} if responses.count else set()
        return self._commit(
            Status.FAILED, reason, started_at, evidence=reading.evidence, sha256=reading.sha256, kinds=kinds
        )

    def _commit(
        self,
        status: Status,
        reason: str,
        started_at: datetime,
        *,
        evidence: Evidence,
        sha256: str,
        kinds: set[str],
        rows_sha256: str = "",
    ) -> Pull:
        version = 0
        # A failure has no version; only under a fixed clock can it be the same one twice.
        what: tuple[object, ...] = (status, reason, started_at, sha256)
        if status is Status.OK:
            version = self.current.version + 1 if self.current else 1
            what = (version, rows_sha256)
        whose = (self.stream.vendor, self.connection, self.stream.name, self.day.date)
        pull_id = fingerprint(*whose, *what)
        paths = {kind: self.folder.name_in_home(pull_id, kind) for kind in kinds}
        pull = Pull(
            pull_id=pull_id,
            vendor=self.stream.vendor,
            connection=self.connection,
            stream=self.stream.name,
            usage_date=self.day.date,
            version=version,
            status=status,
            reason=reason,
            pages=evidence.pages,
            rows=evidence.rows,
            vendor_total=evidence.totals[-1] if evidence.totals else None,
            quarantined=evidence.quarantined,
            repeated=evidence.repeated,
            unknown_fields=tuple(sorted(evidence.unknown_fields)),
            schema=schema_fingerprint(self.stream),
            started_at=started_at,
            finished_at=clock.now(),
            responses_path=paths.get("responses"),
            rows_path=paths.get("rows"),
            quarantine_path=paths.get("quarantine"),
            sha256=sha256,
            rows_sha256=rows_sha256,
            responses_sha256=_sha256(self.folder.draft("responses")) if "responses" in kinds else "",
        )
        return self.folder.commit(pull, kinds)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
