"""RedAPI's answers to rows: which member holds them, and what version 1 calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from connectors.errors import ContractBroken
from connectors.redstor import client, fields
from connectors.redstor.paging import stated_total
from connectors.stream import Exchange, Field, Page, Presence
from connectors.transport.json_exact import members_of
from connectors.transport.json_rows import ARRAY, OBJECT, JsonRows

RESULTS = "results"
_BESIDE = frozenset({"nextPageToken", "totalCount"})
_GUIDS = frozenset({"company_id", "parent_company_id", "subscription_id"})
_NO_LICENSES: Mapping[str, str | None] = {"licensed_users": None}
_V1_COUNTERS: Mapping[str, str | None] = {
    "success": "success",
    "errors": "errors",
    "warnings": "warnings",
    "missed": None,
}
_COMPANY = frozenset({"company_id"})
_COMPANY_FACTS = frozenset({"company_id", "company_name", "parent_company_id"})


def _shape(
    columns: tuple[Field, ...],
    rows_at: str,
    sources: Mapping[str, str | None] | None = None,
    given: frozenset[str] = frozenset(),
    *,
    beside: frozenset[str] = _BESIDE,
    verbatim: frozenset[str] = frozenset(),
) -> JsonRows:
    return JsonRows(
        columns,
        rows_at,
        beside=beside if rows_at not in (ARRAY, OBJECT) else frozenset(),
        total_at="totalCount",
        sources=sources or {},
        given=given,
        guids=_GUIDS & {f.column for f in columns},
        verbatim=verbatim,
    )


# The topmost company may have no parent to name.
_ROOT_COMPANY = tuple(
    replace(f, presence=Presence.OPTIONAL) if f.column == "parent_company_id" else f for f in fields.COMPANIES
)

_SHAPES: Mapping[tuple[str, str], JsonRows] = {
    ("1", client.ROOT): _shape(_ROOT_COMPANY, OBJECT),
    ("1", client.COMPANY): _shape(_ROOT_COMPANY, OBJECT),
    ("1", client.V1_CUSTOMERS): _shape(fields.COMPANIES, RESULTS),
    ("2.0", client.ROOT): _shape(_ROOT_COMPANY, OBJECT),
    ("2.0", client.COMPANY): _shape(_ROOT_COMPANY, OBJECT),
    ("2.0", client.V2_CUSTOMERS): _shape(fields.COMPANIES, RESULTS),
    ("1", client.PRODUCTS): _shape(
        fields.PRODUCTS,
        ARRAY,
        {"product_id": "id", "product_name": "name", "services": None},
        verbatim=frozenset({"editions", "children"}),
    ),
    ("2.0", client.PRODUCTS): _shape(
        fields.PRODUCTS,
        RESULTS,
        {"short_name": None, "description": None, "children": None},
        verbatim=frozenset({"editions", "services"}),
    ),
    ("1", client.V1_SUBSCRIPTIONS): _shape(fields.SUBSCRIPTIONS, ARRAY, given=_COMPANY),
    ("2.0", client.V2_SUBSCRIPTIONS): _shape(fields.SUBSCRIPTIONS, RESULTS, given=_COMPANY),
    ("1", client.V1_OWN_CONSUMPTION): _shape(fields.CONSUMPTION, ARRAY, _NO_LICENSES, _COMPANY_FACTS),
    ("1", client.V1_CONSUMPTION): _shape(fields.CONSUMPTION, RESULTS, _NO_LICENSES),
    ("2.0", client.V2_CONSUMPTION): _shape(fields.CONSUMPTION, RESULTS, given=_COMPANY_FACTS),
    ("1", client.V1_BACKUPS): _shape(
        fields.BACKUP_STATUS,
        "statuses",
        _V1_COUNTERS,
        _COMPANY,
        beside=frozenset({"companyId", "companyName"}),
    ),
    ("2.0", client.V2_BACKUPS): _shape(fields.BACKUP_STATUS, RESULTS, given=_COMPANY),
}

_SUMMARY_SHAPES = {
    version: _shape(fields.CONSUMPTION_SUMMARY, OBJECT, sources, frozenset({"company_id", "scope"}))
    for version, sources in (("1", _NO_LICENSES), ("2.0", {}))
}
_SCOPES = {"companySummary": "company", "customerSummary": "customers"}


def read_rows(exchange: Exchange) -> Page:
    """The rows of one answer.

    Raises:
        ContractBroken: see `JsonRows.read`.
    """
    context = exchange.context
    page = _SHAPES[context["api_version"], exchange.operation].read(exchange)
    rows = page.rows.num_rows + len(page.quarantined)
    total = stated_total(page.vendor_total, int(context.get("page", "1")), rows)
    # A list's total is the pull's only where the pull is that list and a known number of other rows.
    if total is None or "other_rows" not in context:
        return replace(page, vendor_total=None)
    return replace(page, vendor_total=total + int(context["other_rows"]))


def read_summary(exchange: Exchange) -> Page:
    """Consumption summary: one row for the company itself and one for all its customers.

    Raises:
        ContractBroken: either is missing, or not an object of figures.
    """
    shape = _SUMMARY_SHAPES[exchange.context["api_version"]]
    try:
        members = members_of(exchange.body)
    except ValueError as error:
        raise ContractBroken(
            f"{exchange.operation} answered something else than a summary: {error}"
        ) from None
    if missing := _SCOPES.keys() - members.keys():
        raise ContractBroken(f"{exchange.operation} told no {' and no '.join(sorted(missing))}")
    halves = [
        shape.read(replace(exchange, body=bytes(members[name]), context={**exchange.context, "scope": scope}))
        for name, scope in _SCOPES.items()
    ]
    return Page(
        pa.concat_batches([half.rows for half in halves]),
        unknown_fields=frozenset(members.keys() - _SCOPES.keys()).union(*(h.unknown_fields for h in halves)),
    )
