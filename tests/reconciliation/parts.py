"""The staging tables, each with the part of the world's truth that vendors' answers would fill it with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import pyarrow as pa

from connectors.sandbox.infrascale_truth import (
    infrascale_accounts,
    infrascale_history,
    infrascale_readings,
    infrascale_totals,
)
from connectors.sandbox.redstor_truth import (
    redstor_accounts,
    redstor_readings,
    redstor_statuses,
    redstor_subscriptions,
    redstor_totals,
)
from connectors.sandbox.resellerclub.truth import (
    resellerclub_accounts,
    resellerclub_prices,
    resellerclub_readings,
    resellerclub_subscriptions,
    resellerclub_totals,
    resellerclub_transactions,
)
from connectors.sandbox.revirt365.truth import revirt365_accounts, revirt365_readings, revirt365_sessions
from connectors.sandbox.world import World
from connectors.sandbox.xopero.truth import (
    xopero_accounts,
    xopero_prices,
    xopero_readings,
    xopero_subscriptions,
    xopero_totals,
)

# Beyond those of the same pull that are there already.
ROW_NO = "row_number() OVER () + (SELECT count(*) FROM {table}) AS row_no"
TEXT, DAY, TRUTH = pa.string(), pa.date32(), pa.bool_()
Told = Callable[[World, date], Iterable[Any]]
"""The rows of a day, as one vendor's truth has them."""
Stream = str | Callable[[Any], str]
"""Which stream tells a row."""


@dataclass(frozen=True)
class Part:
    """One staging table.

    Attributes:
        types: of the columns that are taken from the truth, by name.
        vendors: what each of them tells, and through which stream.
        more: SQL of the columns that the truth does not have.
    """

    types: dict[str, pa.DataType]
    vendors: dict[str, tuple[Told, Stream]]
    more: str = ""


_RESOURCES = {
    "backup_account": "accounts",
    "license": "licenses",
    "cloud_service": "cloud_usage",
    "appliance": "appliances",
}
_OWN_STREAM = attrgetter("stream")
PARTS = {
    "usage_snapshot": Part(
        {
            **dict.fromkeys(("account_id", "resource_id", "resource_name", "resource_type"), TEXT),
            **dict.fromkeys(("product", "meter", "unit"), TEXT),
            "quantity": pa.int64(),
            "is_trial": TRUTH,
        },
        {
            "infrascale": (
                lambda world, day: infrascale_readings(world.infrascale(day)),
                lambda row: _RESOURCES[row.resource_type],
            ),
            "redstor": (lambda world, day: redstor_readings(world.redstor(day)), "consumption"),
            "xopero": (lambda world, day: xopero_readings(world.xopero(day)), "customer_usage"),
            "resellerclub": (
                lambda world, day: resellerclub_readings(world.resellerclub(day), world.zone),
                "orders",
            ),
            "revirt365": (lambda world, day: revirt365_readings(world.revirt365(day)), "usage"),
        },
        "'reported' AS quality, " + ROW_NO,
    ),
    "vendor_account": Part(
        dict.fromkeys(("account_id", "parent_account_id", "name", "account_type", "status"), TEXT)
        | {"is_active": TRUTH},
        {
            "infrascale": (lambda world, day: infrascale_accounts(world.infrascale(day)), "entities"),
            "redstor": (lambda world, day: redstor_accounts(world.redstor(day)), "companies"),
            "xopero": (
                lambda world, day: xopero_accounts(world.xopero(day)),
                lambda row: f"{row.account_type}s",
            ),
            "resellerclub": (lambda world, day: resellerclub_accounts(world.resellerclub(day)), "customers"),
            "revirt365": (lambda world, day: revirt365_accounts(world.revirt365(day)), "customers"),
        },
    ),
    "history_event": Part(
        {
            **dict.fromkeys(("account_id", "resource_id", "event_type", "status", "occurred_at_zone"), TEXT),
            "occurred_at": pa.timestamp("us"),
            **dict.fromkeys(("uploaded_bytes", "duration_seconds"), pa.int64()),
        },
        {
            "infrascale": (
                lambda world, day: infrascale_history(world.events_of(day), day),
                "history_events",
            ),
            "redstor": (
                lambda world, day: redstor_statuses(world.redstor(day), day, world.zone),
                "backup_status",
            ),
            "revirt365": (lambda world, day: revirt365_sessions(world.revirt365(day), day), "sessions"),
        },
        ROW_NO,
    ),
    "subscription": Part(
        {
            **dict.fromkeys(("account_id", "subscription_id", "product", "plan", "status", "unit"), TEXT),
            "is_trial": TRUTH,
            "quantity": pa.int64(),
            **dict.fromkeys(("started_on", "ends_on"), DAY),
        },
        {
            "redstor": (lambda world, day: redstor_subscriptions(world.redstor(day)), "subscriptions"),
            "xopero": (lambda world, day: xopero_subscriptions(world.xopero(day)), "subscriptions"),
            "resellerclub": (
                lambda world, day: resellerclub_subscriptions(world.resellerclub(day), world.zone),
                "orders",
            ),
        },
    ),
    "vendor_price": Part(
        {
            **dict.fromkeys(("product", "plan", "price_kind", "currency"), TEXT),
            "term_months": pa.int32(),
            "price": pa.decimal128(17, 9),
        },
        {
            "xopero": (lambda _, __: xopero_prices(), "available_products"),
            "resellerclub": (
                lambda _, day: resellerclub_prices(day),
                lambda row: "customer_prices" if row.price_kind == "customer" else "cost_prices",
            ),
        },
    ),
    "vendor_transaction": Part(
        {
            **dict.fromkeys(("transaction_id", "kind", "order_id", "product", "currency"), TEXT),
            "occurred_at": pa.timestamp("us", "UTC"),
            **dict.fromkeys(("amount", "tax_amount"), pa.decimal128(18, 4)),
            "description": TEXT,
        },
        {
            "resellerclub": (
                lambda world, day: resellerclub_transactions(world.resellerclub(day), world.zone),
                "transactions",
            )
        },
    ),
    "vendor_total": Part(
        {
            **dict.fromkeys(("scope", "account_id", "resource_id", "resource_type", "meter"), TEXT),
            **dict.fromkeys(("unit", "stream"), TEXT),
            "quantity": pa.decimal128(28, 9),
        },
        {
            "infrascale": (lambda world, day: infrascale_totals(world.infrascale(day)), _OWN_STREAM),
            "redstor": (lambda world, day: redstor_totals(world.redstor(day)), _OWN_STREAM),
            "xopero": (lambda world, day: xopero_totals(world.xopero(day)), _OWN_STREAM),
            "resellerclub": (lambda world, day: resellerclub_totals(world.resellerclub(day)), _OWN_STREAM),
        },
        ROW_NO,
    ),
}
