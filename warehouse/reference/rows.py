"""What a reference table holds once it is read, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: the line it stands on and its cells by column, empty ones None."""

    line: int
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


Rows = dict[str, list[Row]]
"""The rows of every reference table by table name."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a reference file, and what to do about it.

    Attributes:
        file: name of the CSV file.
        line: of the file, the header being 1; 0 for the file as a whole.
        column: header of the column; empty for the row as a whole.
        what: what is wrong.
        remedy: how to mend it.
    """

    file: str
    line: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        line = f" line {self.line}" if self.line else ""
        column = f", {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.what}. {self.remedy}."


class ReferenceMistakes(Exception):
    """The reference files cannot be used; `mistakes` and `lines` name every reason."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        self.lines = tuple(map(str, mistakes))
        super().__init__("\n".join(self.lines))
