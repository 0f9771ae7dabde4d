"""One RedAPI request: what it asks for, and the lists its answer is a page of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from connectors.sandbox import redstor_answers as answers
from connectors.sandbox.faults import Faults
from connectors.sandbox.redstor_estate import Company, Consumption, RedstorDay
from connectors.sandbox.redstor_paging import Problem, Tokens, paged
from connectors.sandbox.world import World

_OF_A_PAGE = {"apiVersion", "maxResults", "pageToken", "shouldReturnCount"}


class NothingToTell(Exception):
    """204: the vendor has nothing for this company or date, which is not the same as zero."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path of one version; `operation` has `{companyId}` and the like in place of ids."""

    operation: str
    ids: Mapping[str, str]
    answer: Callable[[Call], object]


class Lists:
    """Long lists as they stand in answers, kept for the pages that follow, and the tokens of these."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.tokens = Tokens()
        self.customers = lru_cache(64)(self._customers)
        self.transitive = lru_cache(8)(self._transitive)

    def _customers(self, day: date, company_id: str, deep: bool) -> tuple[tuple[str, msgspec.Raw], ...]:
        """(name, Company) of the customers of a company, in the order of the estate."""
        estate = self._world.redstor(day)
        below = estate.below(company_id) if deep else estate.children.get(company_id, ())
        return tuple((estate.by_id[c].name, _raw(answers.company(estate.by_id[c]))) for c in below)

    def _transitive(self, day: date, company_id: str, paid_only: bool) -> tuple[msgspec.Raw, ...]:
        """Consumption rows of everything below a company (V1)."""
        estate = self._world.redstor(day)
        return tuple(
            _raw(answers.transitive_consumption(row, estate))
            for company in estate.below(company_id)
            for row in consumption(estate, [company], paid_only)
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one path, and the world at that instant."""

    world: World
    lists: Lists
    faults: Faults
    now: datetime
    version: int
    route: Route
    query: Mapping[str, str]

    @property
    def shown(self) -> date:
        """The day whose closing figures are shown when none is asked for."""
        return self.world.day_at(self.now)

    @property
    def estate(self) -> RedstorDay:
        """The closing figures shown."""
        return self.world.redstor(self.shown)

    def company(self) -> Company:
        """The company asked for, in the path (V1) or as companyId (V2).

        Raises:
            Problem: 400 for what is not a UUID, 404 for a company outside the caller's tree.
        """
        text = self.route.ids.get("companyId") or self.query.get("companyId")
        if text is None:
            raise Problem(400, "companyId is required.")
        try:
            company_id = str(UUID(text))
        except ValueError:
            raise Problem(400, "companyId is not a UUID.") from None
        if company_id not in self.estate.by_id:
            raise Problem(404, "The company was not found.")
        return self.estate.by_id[company_id]

    def day(self) -> date:
        """The day of `date`, in its own offset; today's figures are the latest closing ones.

        Raises:
            Problem: 400 for what is not an instant with an offset, 422 for a day that has not begun.
        """
        text = self.query.get("date")
        if text is None:
            return self.shown
        try:
            asked = datetime.fromisoformat(text)
        except ValueError:
            raise Problem(400, "date is not a date-time.") from None
        if asked.tzinfo is None:
            raise Problem(400, "date has no offset.")
        if asked.date() > self.now.astimezone(self.world.zone).date():
            raise Problem(422, "date lies in the future.")
        return min(asked.date(), self.shown)

    def flag(self, name: str) -> bool:
        """A boolean of the query; false when it is not there."""
        text = self.query.get(name, "false").lower()
        if text not in {"true", "false"}:
            raise Problem(400, f"{name} must be true or false.")
        return text == "true"

    def paged(self, rows: Sequence[Any]) -> object:
        """One page of `rows`."""
        asked = [each for each in sorted(self.query.items()) if each[0] not in _OF_A_PAGE]
        return paged(
            rows,
            self.version,
            self.route.operation,
            self.faults,
            self.query.get("maxResults"),
            self.query.get("pageToken"),
            self.lists.tokens,
            (self.version, self.route.operation, *self.route.ids.values(), *asked),
            counted=self.flag("shouldReturnCount"),
        )

    def bare(self, rows: list[Any]) -> object:
        """V1: the rows as a bare array, or 204 when there are none."""
        if not rows:
            raise NothingToTell
        return self.faults.page("redstor", self.route.operation, rows, 0, len(rows))


def consumption(estate: RedstorDay, companies: Iterable[str], paid_only: bool) -> list[Consumption]:
    held = estate.consumption_of
    return [row for c in companies for row in held.get(c, ()) if not (paid_only and row.is_trial)]


def _raw(row: answers.Row) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(row))
