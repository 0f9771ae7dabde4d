"""What each RedAPI path answers, by version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from connectors.sandbox import redstor_answers as answers
from connectors.sandbox.faults import Faults
from connectors.sandbox.redstor_estate import PRODUCTS, Company, Consumption, RedstorDay, total
from connectors.sandbox.redstor_paging import Problem, paged
from connectors.sandbox.world import World


class NothingToTell(Exception):
    """204: the vendor has nothing for this company or date, which is not the same as zero."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path of one version; `operation` has `{companyId}` and the like in place of ids."""

    operation: str
    ids: Mapping[str, str]
    answer: Callable[[Call], object]


class Lists:
    """Long lists as they stand in answers, kept for the pages that follow."""

    def __init__(self, world: World) -> None:
        self._world = world
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
            for row in _consumption(estate, [company], paid_only)
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
        return paged(
            rows,
            self.version,
            self.route.operation,
            self.faults,
            self.query.get("maxResults"),
            self.query.get("pageToken"),
            counted=self.flag("shouldReturnCount"),
        )

    def bare(self, rows: list[Any]) -> object:
        """V1: the rows as a bare array, or 204 when there are none."""
        if not rows:
            raise NothingToTell
        return self.faults.page("redstor", self.route.operation, rows, 0, len(rows))


def route(path: str, version: int) -> Route | None:
    """The route of a path in a version, if there is one."""
    for pattern, operation, answer in _ROUTES[version]:
        if match := pattern.fullmatch(path):
            return Route(operation, match.groupdict(), answer)
    return None


def _root(call: Call) -> object:
    return answers.company(call.estate.root)


def _company(call: Call) -> object:
    return answers.company(call.company())


def _customers(call: Call) -> object:
    return _found(call, call.lists.customers(call.shown, call.company().company_id, False))


def _all_customers(call: Call) -> object:
    return _found(call, call.lists.customers(call.shown, call.company().company_id, True))


def _search(call: Call) -> object:
    if "search" not in call.query:
        raise Problem(400, "search is required.")
    return _found(call, call.lists.customers(call.shown, call.estate.root.company_id, True))


def _found(call: Call, rows: Sequence[tuple[str, msgspec.Raw]]) -> object:
    """The customers whose name has `search` in it, by name when `orderBy` says so."""
    if search := call.query.get("search", "").lower():
        rows = [row for row in rows if search in row[0].lower()]
    if order := call.query.get("orderBy", ""):
        if order not in {"ascending", "descending"}:
            raise Problem(400, "orderBy must be ascending or descending.")
        rows = sorted(rows, key=lambda row: row[0], reverse=order == "descending")
    return call.paged([raw for _, raw in rows])


def _products(call: Call) -> object:
    rows = [answers.product(product, call.version) for product in PRODUCTS]
    return call.bare(rows) if call.version == 1 else call.paged(rows)


def _product(call: Call) -> object:
    for product in PRODUCTS:
        if str(product.product_id) == call.route.ids["productId"]:
            return answers.product(product, call.version)
    raise Problem(404, "The product was not found.")


def _subscriptions(call: Call) -> object:
    held = call.estate.subscriptions_of.get(call.company().company_id, [])
    rows = [answers.subscription(row) for row in held]
    return call.bare(rows) if call.version == 1 else call.paged(rows)


def _summary(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    estate = call.world.redstor(day)
    if company.company_id not in estate.by_id:
        raise NothingToTell
    own = _consumption(estate, [company.company_id], paid_only)
    below = _consumption(estate, estate.below(company.company_id), paid_only)
    return {
        "companySummary": answers.usage(total(row.usage for row in own), call.version),
        "customerSummary": answers.usage(total(row.usage for row in below), call.version),
    }


def _own_consumption(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    held = _consumption(call.world.redstor(day), [company.company_id], paid_only)
    rows = [answers.consumption(row, call.version) for row in held]
    return call.bare(rows) if call.version == 1 else call.paged(rows)


def _direct_consumption(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    estate = call.world.redstor(day)
    rows = []
    for child in estate.children.get(company.company_id, ()):
        held = _consumption(estate, [child, *estate.below(child)], paid_only)
        if held:
            rows.append(answers.direct_consumption(estate.by_id[child], held))
    return call.paged(rows)


def _transitive_consumption(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    return call.paged(call.lists.transitive(day, company.company_id, paid_only))


def _status(call: Call) -> object:
    company = call.company()
    held = _statuses(call, [company.company_id])
    if call.version == 2:
        return call.paged(answers.statuses(held, 2))
    if not held:
        raise NothingToTell
    return answers.company_statuses(company, held)


def _customer_statuses(call: Call) -> object:
    """Direct customers; `aggregate` adds what is below each."""
    estate, rows = call.estate, []
    for child in estate.children.get(call.company().company_id, ()):
        holders = [child, *estate.below(child)] if call.flag("aggregate") else [child]
        if held := _statuses(call, holders):
            rows.append(answers.company_statuses(estate.by_id[child], held))
    return call.paged(rows)


def _status_summary(call: Call) -> object:
    company = call.company()
    own = _statuses(call, [company.company_id])
    below = answers.statuses(_statuses(call, call.estate.below(company.company_id)), call.version)
    if call.version == 2:
        return {"companySummary": answers.statuses(own, 2), "customerSummary": below}
    return {"companySummary": answers.company_statuses(company, own), "customerSummary": below}


def _consumption(estate: RedstorDay, companies: Iterable[str], paid_only: bool) -> list[Consumption]:
    held = estate.consumption_of
    return [row for c in companies for row in held.get(c, ()) if not (paid_only and row.is_trial)]


def _statuses(call: Call, companies: Iterable[str]) -> list[Any]:
    wanted, held = call.query.get("productId"), call.estate.backup_statuses_of
    if wanted is not None and not wanted.isdecimal():
        raise Problem(400, "productId must be a number.")
    return [
        row
        for c in companies
        for row in held.get(c, ())
        if wanted is None or row.product.product_id == int(wanted)
    ]


def _raw(row: answers.Row) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(row))


_SHARED = {
    "/companies": _root,
    "/companies/{companyId}": _company,
    "/companies/{companyId}/customers": _customers,
    "/products": _products,
}
_V1 = {
    "/companies/search": _search,
    **_SHARED,
    "/companies/{companyId}/customers/transitive": _all_customers,
    "/products/{productId}": _product,
    "/companies/{companyId}/subscriptions": _subscriptions,
    "/companies/{companyId}/consumption/summary": _summary,
    "/companies/{companyId}/consumption/company": _own_consumption,
    "/companies/{companyId}/consumption/customers/direct": _direct_consumption,
    "/companies/{companyId}/consumption/customers/transitive": _transitive_consumption,
    "/companies/{companyId}/backups/status": _status,
    "/companies/{companyId}/backups/status/customers": _customer_statuses,
    "/companies/{companyId}/backups/status/summary": _status_summary,
}
_V2 = {
    **_SHARED,
    "/subscriptions": _subscriptions,
    "/consumption": _own_consumption,
    "/consumption/summary": _summary,
    "/backups/status": _status,
    "/backups/status/summary": _status_summary,
}


def _compiled(
    paths: Mapping[str, Callable[[Call], object]],
) -> list[tuple[re.Pattern[str], str, Callable[[Call], object]]]:
    return [
        (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), path, answer)
        for path, answer in paths.items()
    ]


_ROUTES = {1: _compiled(_V1), 2: _compiled(_V2)}
