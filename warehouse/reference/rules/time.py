"""Rows in time: which hold on the same day, and on which day none does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from warehouse.reference.rows import Row

FOR_EVER = date.max


def end(row: Row) -> date:
    """The first day on which the row no longer holds."""
    return row["valid_to"] or FOR_EVER


def both_hold(one: Row, other: Row) -> bool:
    """Whether there is a day on which both rows hold."""
    return bool(one["valid_from"] < end(other) and other["valid_from"] < end(one))


def uncovered(rows: Iterable[Row], row: Row) -> date | None:
    """The first day on which `row` holds and none of `rows` does; None when there is no such day."""
    covered_until: date = row["valid_from"]
    for other in sorted(rows, key=lambda other: other["valid_from"]):
        if other["valid_from"] > covered_until:
            break
        covered_until = max(covered_until, end(other))
    return covered_until if covered_until < end(row) else None


def grouped(rows: Iterable[Row], *key: str) -> dict[tuple[Any, ...], list[Row]]:
    """The rows by the values of their key, in the order of the rows."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in key)].append(row)
    return groups


def overlaps(
    rows: Iterable[Row], key: tuple[str, ...], *, dated: bool = True
) -> Iterator[tuple[tuple[Any, ...], Row, Row]]:
    """Rows that share `key` with a row before them in time while both hold, and that other row."""
    for values, group in grouped(rows, *key).items():
        if dated:
            group.sort(key=lambda row: row["valid_from"])
        latest = group[0]
        for row in group[1:]:
            if not dated or row["valid_from"] < end(latest):
                yield values, row, latest
            if not dated or end(row) >= end(latest):
                latest = row
