"""Rules that the declaration of every table implies: validity, keys, what refers to what."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from warehouse.reference.rows import Mistake, Rows
from warehouse.reference.rules.time import overlaps
from warehouse.reference.schema import TABLES


def ends_after_it_begins(rows: Rows) -> Iterator[Mistake]:
    """A row holds for a day at least."""
    for table in TABLES:
        for row in rows[table.name] if table.is_dated else ():
            if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
                yield row.mistake(
                    "valid_to",
                    f"{row['valid_to']} is not after valid_from {row['valid_from']}",
                    "It is the first day on which the row no longer holds; empty means until further notice",
                )


def key_is_unique(rows: Rows) -> Iterator[Mistake]:
    """No two rows that hold on the same day share their key."""
    for table in TABLES:
        for key, row, other in overlaps(rows[table.name], table.key, dated=table.is_dated):
            shown = " ".join(str(part) for part in key if part != "")
            when = " on the same days" if table.is_dated else ""
            remedy = "Remove one, or end the older one with valid_to" if table.is_dated else "Remove one"
            yield row.mistake(table.key[-1], f"{shown} stands on {other.place} too{when}", remedy)


def what_is_named_is_there(rows: Rows, broken: Collection[str]) -> Iterator[Mistake]:
    """What a cell refers to is a row of the other table."""
    for table in TABLES:
        for column in table.columns:
            other, _, other_column = column.refers_to.partition(".")
            if not other or other in broken:
                continue
            known = {row[other_column] for row in rows[other]} | {None, ""}
            for row in rows[table.name]:
                if row[column.name] not in known:
                    what = f"{row[column.name]!r} is not in {other}"
                    yield row.mistake(column.name, what, "Add it there or correct it here")
