"""Search answers: numbered rows in one object beside two counts, and the parameters all searches share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from connectors.sandbox.faults import Faults
from connectors.sandbox.resellerclub.estate import ResellerClubDay

LARGEST = 500

Row = TypeVar("Row")


class Mistake(Exception):
    """An answer with status ERROR; the status line may still say 200."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.message, self.status = message, status


@dataclass(frozen=True, slots=True)
class Call:
    """One GET of one command, and the state at that instant."""

    command: str
    query: QueryParams
    state: ResellerClubDay
    faults: Faults

    def number(self, name: str) -> int:
        """A parameter that has to be there and be a number."""
        text = self.query.get(name)
        if text is None or not text.isdecimal():
            raise Mistake(f"Required parameter missing: {name}")
        return int(text)

    def one_of(self, name: str) -> set[str]:
        """The values of a parameter that may be repeated; empty when it is not there."""
        return set(self.query.getlist(name))

    def between(self, name: str) -> Callable[[datetime], bool]:
        """Whether an instant lies within `<name>-start` and `<name>-end`, both of them outside."""
        start, end = (self.query.get(f"{name}-{side}") for side in ("start", "end"))
        for text in (start, end):
            if text is not None and not text.isdecimal():
                raise Mistake(f"Invalid value for {name}: epoch seconds expected")
        return lambda at: (
            (start is None or at.timestamp() > int(start)) and (end is None or at.timestamp() < int(end))
        )

    def found(self, rows: Sequence[Row], told: Callable[[Row], Mapping[str, Any]], least: int = 1) -> object:
        """One page of `rows`: keys "1", "2" ... that begin anew on each page, and counts as strings."""
        size, page = self.number("no-of-records"), self.number("page-no")
        if not least <= size <= LARGEST:
            raise Mistake(f"no-of-records should be between {least} and {LARGEST}")
        if page < 1:
            raise Mistake("page-no should be at least 1")
        start = (page - 1) * size
        shown = self.faults.page("resellerclub", self.command, rows, start, size)
        numbered = {str(number): told(row) for number, row in enumerate(shown, 1)}
        return {
            "recsonpage": str(len(rows[start : start + size])),
            "recsindb": str(len(rows)),
            # The vendor's objects have no order: ten stands before two.
            **dict(sorted(numbered.items())),
        }
