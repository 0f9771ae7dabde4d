"""The reference tables that fit a world: who is billed for which vendor account, for what, at what price.

The sample in warehouse/reference/sample is `write_reference(World(), directory)`. Every vendor account
is mapped or excluded with a reason: a fresh start shows a bill, not a list of gaps.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from connectors.sandbox.infrascale_plans import ROOT_ID, customer_id, reseller_id
from connectors.sandbox.portfolio import EPOCH, NEVER, Customer
from connectors.sandbox.price_list import ENTITIES, MARKETS, METERS, PER_EURO, PRICES, SINCE, SKUS, TAXES
from connectors.sandbox.resellerclub import plans as resellerclub
from connectors.sandbox.revirt365 import estate as revirt365
from connectors.sandbox.world import World
from connectors.sandbox.xopero import plans as xopero

Row = dict[str, str]

DEMO = 10
"""Index of the customer that is a demonstration tenant of ours."""


def reference_tables(world: World) -> dict[str, list[Row]]:
    """The rows of each reference table by its name, cells as they stand in CSV."""
    return {
        "billing_entity": [
            _row("billing_entity_id name country tax_id currency time_zone invoice_prefix", *cells)
            for cells in ENTITIES
        ],
        "customer": [*_resellers(world), *_customers(world)],
        "account_mapping": list(_mappings(world)),
        "sku": [_row("sku name service unit", *cells) for cells in SKUS],
        "meter": [
            _row(
                "vendor product meter sku aggregation divisor quantity_step valid_from valid_to",
                *cells,
                SINCE,
                "",
            )
            for cells in METERS
        ],
        "rate_card": [
            _row("rate_card name currency", f"{currency}-2024", f"Resellers, {currency}", currency)
            for currency in PER_EURO
        ],
        "rate": list(_rates()),
        "tax_rate": [
            _row("tax_code name category percent exemption_reason valid_from valid_to", *cells, SINCE, "")
            for cells in TAXES
        ],
    }


def write_reference(world: World, directory: Path) -> None:
    """Write one CSV file (UTF-8, LF) for each reference table of a world."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in reference_tables(world).items():
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _row(columns: str, *cells: str) -> Row:
    return dict(zip(columns.split(), cells, strict=True))


def _customer_row(
    code: str, name: str, parent: str, market: tuple[str, str, str, str] | None, *, since: str, until: str
) -> Row:
    """A customer that gets its own invoice on the terms of a market, or whose usage goes to its parent."""
    entity, currency, tax_code, country = market or ("", "", "", "")
    return _row(
        "customer_id name kind parent_customer_id bill_to billing_entity_id currency rate_card tax_code "
        "country tax_id valid_from valid_to",
        code,
        name,
        "reseller" if code.startswith("R") else "end_customer",
        parent,
        "self" if market else "parent",
        entity,
        currency,
        f"{currency}-2024" if currency else "",
        tax_code,
        country,
        f"{country}{code.replace('-', '')}" if tax_code in {"EU-REVERSE", "NL-HIGH"} else "",
        since,
        until,
    )


def _resellers(world: World) -> Iterator[Row]:
    for reseller in world.portfolio.resellers:
        market = MARKETS[reseller.index % len(MARKETS)]
        yield _customer_row(_reseller_code(reseller.index), reseller.name, "", market, since=SINCE, until="")


def _customers(world: World) -> Iterator[Row]:
    """End customers are invoiced through their reseller, ours directly; a move makes a second row."""
    for customer in world.portfolio.customers:
        if customer.index == DEMO:
            continue
        spans = [(customer.reseller, SINCE, "")]
        if customer.moves_on < NEVER and customer.moves_to != customer.reseller:
            moved = _iso(EPOCH + timedelta(days=customer.moves_on))
            spans = [(customer.reseller, SINCE, moved), (customer.moves_to, moved, "")]
        for reseller, since, until in spans:
            parent = "" if reseller is None else _reseller_code(reseller)
            market = None if parent else MARKETS[customer.index % 2]
            yield _customer_row(
                _customer_code(customer), customer.name, parent, market, since=since, until=until
            )


def _mappings(world: World) -> Iterator[Row]:
    redstor = world.redstor_plans
    own = "Our own backups"
    yield _mapping("infrascale", str(ROOT_ID), reason=own)
    yield _mapping("redstor", redstor.root, reason=own)
    for reseller, company_id in zip(world.portfolio.resellers, redstor.resellers, strict=True):
        code = _reseller_code(reseller.index)
        yield _mapping("infrascale", str(reseller_id(reseller.index)), code)
        yield _mapping("redstor", company_id, code)
        yield _mapping("xopero", str(xopero.partner_id(reseller.index)), code)
    for customer in world.portfolio.customers:
        code, reason = _customer_code(customer), ""
        if customer.index == DEMO:
            code, reason = "", "Demonstration tenant"
        if customer.on_infrascale:
            yield _mapping("infrascale", str(customer_id(customer.index)), code, reason)
        if customer.on_redstor:
            yield _mapping("redstor", redstor.customers[customer.index], code, reason)
        if customer.on_xopero:
            yield _mapping("xopero", str(xopero.customer_id(customer.index)), code, reason)
        if customer.on_resellerclub:
            yield _mapping("resellerclub", str(resellerclub.customer_id(customer.index)), code, reason)
        if customer.on_revirt365:
            yield _mapping("revirt365", revirt365.customer_id(world.seed, customer.index), code, reason)


def _mapping(vendor: str, account_id: str, customer: str = "", reason: str = "") -> Row:
    return _row(
        "vendor connection account_id state customer_id reason valid_from valid_to",
        vendor,
        "default",
        account_id,
        "excluded" if reason else "mapped",
        customer,
        reason,
        SINCE,
        "",
    )


def _rates() -> Iterator[Row]:
    for currency, factor in PER_EURO.items():
        for sku, model, tiers, since, until in PRICES:
            tier_from = "0"
            for tier_to, euro in tiers:
                price = (Decimal(euro) * factor).normalize()
                yield _row(
                    "rate_card sku model tier_from tier_to unit_price valid_from valid_to",
                    f"{currency}-2024",
                    sku,
                    model,
                    tier_from,
                    tier_to,
                    f"{price:f}",
                    since,
                    until,
                )
                tier_from = tier_to


def _reseller_code(index: int) -> str:
    return f"R-{index + 1:04d}"


def _customer_code(customer: Customer) -> str:
    return f"C-{customer.index + 1:06d}"


def _iso(day: date) -> str:
    return day.isoformat()
