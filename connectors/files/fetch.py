"""A file as the exchange it is: asked for by a person, answered with its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from connectors import clock
from connectors.errors import ContractBroken, NotConfigured
from connectors.files.mapping import Mapping, read_mapping
from connectors.files.table import PARQUET, XLSX
from connectors.stream import Exchange

OPERATION = "file"
_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class FileToImport:
    """What a person hands over.

    Attributes:
        file: CSV, XLSX or Parquet.
        mapping: what its columns mean.
        rows: how many rows it has, as counted by the person; None when not counted.
        total: what the column `control.sum_of` adds up to; None when not known.
    """

    file: Path
    mapping: Mapping
    rows: int | None = None
    total: Decimal | None = None

    @property
    def stream(self) -> str:
        """The stream its rows belong to."""
        return "usage" if self.mapping.kind == "usage" else "invoices"

    def days(self, day: date) -> list[date]:
        """The usage dates that the file speaks of when it is imported for `day`."""
        if self.mapping.period == "day":
            return [day]
        first = day.replace(day=1)
        return [each for n in range(31) if (each := first + timedelta(days=n)).month == first.month]

    def exchange(self, day: date) -> Iterator[Exchange]:
        """The one exchange of a pull for `day`.

        Raises:
            ContractBroken: the file cannot be read.
            NotConfigured: nothing vouches for it being whole.
        """
        mapping = self.mapping
        counted = self.rows is not None or mapping.table.count_label
        if not counted and not mapping.control.sum_of:
            raise NotConfigured(
                f"nothing proves that {self.file.name} is whole: count its rows and give --rows, or name in "
                "[control] the column sum_of that --sum or its own total line adds up"
            )
        if not counted and self.total is None and not mapping.table.total_label:
            raise NotConfigured(
                f"nothing proves that {self.file.name} is whole: give --sum or --rows, or name the first "
                "cell of its total line in [table] total_label"
            )
        if self.total is not None and not mapping.control.sum_of:
            raise NotConfigured(
                f"the mapping {mapping.name} does not say what --sum adds up: "
                "name the column in [control] sum_of"
            )
        try:
            body = self.file.read_bytes()
        except OSError as error:
            raise ContractBroken(f"{self.file} cannot be read: {error.strerror}") from None
        sha256 = hashlib.sha256(body).hexdigest()
        period = day.isoformat() if mapping.period == "day" else f"{day:%Y-%m}"
        context = {
            "file": self.file.name,
            "mapping": mapping.model_dump_json(exclude_defaults=True),
            "period": period,
        }
        if self.rows is not None:
            context["rows"] = str(self.rows)
        if self.total is not None:
            context["sum"] = str(self.total)
        yield Exchange(
            operation=OPERATION,
            request=f"import {self.file.name} as {mapping.name} for {period}, SHA-256 {sha256}",
            status=0,
            content_type=_TYPES.get(body[:4], "text/csv"),
            body=body,
            received_at=clock.now(),
            context=context,
        )


def file_to_import(file: Path, mapping: Path, rows: int | None, total: Decimal | None) -> FileToImport:
    """The same, with the mapping read.

    Raises:
        NotConfigured: the mapping has mistakes.
    """
    return FileToImport(file, read_mapping(mapping), rows, total)
