"""The reference tables as CSV files in a directory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from warehouse.reference.rows import Mistake, ReferenceMistakes, Sheet
from warehouse.reference.schema import TABLES


def sheets(directory: Path, mistakes: list[Mistake]) -> Iterator[Sheet]:
    """Each table that has a file, as text; what is wrong with the directory is added to `mistakes`.

    Raises:
        FileNotFoundError: there is no such directory.
    """
    if not directory.is_dir():
        raise FileNotFoundError(
            f"there is no reference directory at {directory}: create it, "
            "or name the right one; its files are described in warehouse/reference/README.md"
        )
    tables = {f"{table.name}.csv": table for table in TABLES}
    for path in sorted(directory.glob("*.csv")):
        if path.name not in tables:
            remedy = f"Rename it to one of {', '.join(sorted(tables))}"
            mistakes.append(Mistake(path.name, 0, "", "is not a reference table", remedy))
    for name, table in tables.items():
        if (directory / name).exists():
            yield Sheet(table, name, "line", lines(directory / name))


def lines(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Number and cells of each line, the header first.

    Raises:
        ReferenceMistakes: the file is not CSV from here on.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        try:
            for cells in lines:
                yield lines.line_num, cells
        except UnicodeDecodeError:
            mistake = Mistake(path.name, 0, "", "is not UTF-8 text", "Save it as CSV UTF-8")
            raise ReferenceMistakes([mistake]) from None
        except csv.Error as error:
            mistake = Mistake(path.name, lines.line_num, "", f"is not CSV: {error}", "Check its quotes")
            raise ReferenceMistakes([mistake]) from None
