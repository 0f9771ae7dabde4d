"""What a reference table holds once it is read, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.reference.schema import Table


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a reference table, and what to do about it.

    Attributes:
        file: name of the CSV file, or `table <name>` of a database.
        line: of the file, the header being 1; of the table by its key, the first row being 1; 0 for the
            whole of it.
        column: header of the column; empty for the row as a whole.
        what: what is wrong.
        remedy: how to mend it.
        counted: what `line` counts: `line` or `row`.
    """

    file: str
    line: int
    column: str
    what: str
    remedy: str
    counted: str = "line"

    def __str__(self) -> str:
        line = f" {self.counted} {self.line}" if self.line else ""
        column = f", {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.what}. {self.remedy}."


class ReferenceMistakes(Exception):
    """The reference tables cannot be used; `mistakes` and `lines` name every reason."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        self.lines = tuple(map(str, mistakes))
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True)
class Sheet:
    """One table as text, before its cells are read.

    Attributes:
        table: its declaration.
        file, counted: as in `Mistake`.
        lines: number and cells of each line, those of the header first; iterating raises
            ReferenceMistakes where it cannot go on.
    """

    table: Table
    file: str
    counted: str
    lines: Iterable[tuple[int, Sequence[str]]]

    def mistake(self, line: int, column: str, what: str, remedy: str) -> Mistake:
        """A mistake in this sheet."""
        return Mistake(self.file, line, column, what, remedy, self.counted)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a reference table.

    Attributes:
        line: where it stands.
        cells: by column; empty ones hold the column's default, or None.
        empty: columns whose cell was empty, or not there.
        sheet: where it was read; None when it was not read from anywhere.
    """

    line: int
    cells: dict[str, Any]
    empty: frozenset[str] = frozenset()
    sheet: Sheet | None = None

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]

    @property
    def place(self) -> str:
        """Where it stands in its table: `line 3`."""
        return f"{self.sheet.counted if self.sheet else 'line'} {self.line}"

    def mistake(self, column: str, what: str, remedy: str) -> Mistake:
        """A mistake in one of its cells."""
        if self.sheet is None:
            return Mistake("", self.line, column, what, remedy)
        return self.sheet.mistake(self.line, column, what, remedy)


Rows = dict[str, list[Row]]
"""The rows of every reference table by table name."""
