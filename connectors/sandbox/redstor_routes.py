"""What each RedAPI path answers, by version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.sandbox import redstor_answers as answers
from connectors.sandbox.redstor_calls import Call, NothingToTell, Route, consumption
from connectors.sandbox.redstor_estate import PRODUCTS
from connectors.sandbox.redstor_paging import Problem


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
    own = estate.summed([company.company_id], paid_only=paid_only)
    below = estate.summed(estate.below(company.company_id), paid_only=paid_only)
    return {
        "companySummary": answers.usage(own, call.version),
        "customerSummary": answers.usage(below, call.version),
    }


def _own_consumption(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    held = consumption(call.world.redstor(day), [company.company_id], paid_only)
    rows = [answers.consumption(row, call.version) for row in held]
    return call.bare(rows) if call.version == 1 else call.paged(rows)


def _direct_consumption(call: Call) -> object:
    company, day, paid_only = call.company(), call.day(), call.flag("shouldExcludeTrials")
    estate = call.world.redstor(day)
    rows = []
    for child in estate.children.get(company.company_id, ()):
        held = consumption(estate, [child, *estate.below(child)], paid_only)
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


def route(path: str, version: int) -> Route | None:
    """The route of a path in a version, if there is one."""
    for pattern, operation, answer in _ROUTES[version]:
        if match := pattern.fullmatch(path):
            return Route(operation, match.groupdict(), answer)
    return None
