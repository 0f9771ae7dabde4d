"""The reference tables that fit a world: who is billed for which vendor account, for what, at what price.

The sample in warehouse/reference/sample is `write_reference(World(), directory)`. Every vendor account
is mapped or excluded with a reason: a fresh start shows a bill, not a list of gaps.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from connectors.sandbox import agreements, cost_list, rate_cards
from connectors.sandbox.infrascale_plans import ROOT_ID, customer_id, reseller_id
from connectors.sandbox.portfolio import EPOCH, NEVER, Customer
from connectors.sandbox.price_list import (
    ENTITIES,
    MARKETS,
    METERS,
    SINCE,
    SKUS,
    SOLD_AS,
    TAXES,
)
from connectors.sandbox.resellerclub import plans as resellerclub
from connectors.sandbox.revirt365 import estate as revirt365
from connectors.sandbox.world import World
from connectors.sandbox.xopero import plans as xopero

Row = dict[str, str]

DEMO = 10
"""Index of the customer that is a demonstration tenant of ours."""
EXCLUDED_UNTIL = "2029-01-01"
"""Whoever excludes an account looks at it again."""

ENTITY = "billing_entity_id name country tax_id currency time_zone invoice_prefix payment_days margin_floor"
CUSTOMER = (
    "customer_id name kind parent_customer_id bill_to billing_entity_id currency rate_card tax_code "
    "country tax_id po_number valid_from valid_to"
)
MAPPING = "vendor connection account_id state customer_id reason valid_from valid_to"
SKU = "sku name service unit quantity_step rounding tax_class"
METER = "vendor meter unit gap_policy min_coverage valid_from valid_to"
SKU_MAPPING = (
    "vendor product meter sku dimension aggregation percentile term_months ratio valid_from valid_to"
)
CONTRACT = "contract_id customer_id name valid_from valid_to"
ITEM = "contract_id item_id sku quantity unit_price billed proration valid_from valid_to"
COMMITMENT = "contract_id commitment_id sku amount period valid_from valid_to"
DISCOUNT = "customer_id discount_id sku percent reason valid_from valid_to"
TAX = "tax_code tax_class name category percent exemption_reason valid_from valid_to"
FX = "fx_set from_currency to_currency rate source quoted_on valid_from valid_to"
TOLERANCES = (("R-31", "", "0.05", "", ""), ("R-31", "JPY", "5", "", ""))
"""Vendors round each of their lines: a few smallest units are nobody's mistake."""


def reference_tables(world: World) -> dict[str, list[Row]]:
    """The rows of each reference table by its name, cells as they stand in CSV."""
    tables = {
        "billing_entity": _rows(ENTITY, ENTITIES),
        "customer": [*_resellers(world), *_customers(world)],
        "account_mapping": list(_mappings(world)),
        "sku": _rows(SKU, SKUS),
        "meter": _rows(METER, ((*cells, SINCE, "") for cells in METERS)),
        "sku_mapping": _rows(SKU_MAPPING, ((*cells, SINCE, "") for cells in SOLD_AS)),
        "rate_card": _rows("rate_card name side currency", rate_cards.cards()),
        "rate": list(rate_cards.rates()),
        "vendor_terms": _rows(
            "vendor connection rate_card valid_from valid_to",
            ((vendor, "default", rate_cards.cost_card(vendor), SINCE, "") for vendor, _ in cost_list.CARDS),
        ),
        "contract": _rows(CONTRACT, agreements.CONTRACTS),
        "contract_item": _rows(ITEM, agreements.ITEMS),
        "commitment": _rows(COMMITMENT, agreements.COMMITMENTS),
        "discount": _rows(DISCOUNT, agreements.DISCOUNTS),
        "tax_rate": _rows(TAX, ((*cells, SINCE, "") for cells in TAXES)),
        "fx_rate": _rows(FX, cost_list.exchange_rates()),
        "tolerance": _rows("code currency amount percent count", TOLERANCES),
    }
    for plant in world.plants:
        if plant.reference:
            plant.reference(tables)
    return tables


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


def _rows(columns: str, lines: Iterable[tuple[str, ...]]) -> list[Row]:
    return [_row(columns, *cells) for cells in lines]


def _customer_row(
    code: str, name: str, parent: str, market: tuple[str, str, str, str] | None, *, since: str, until: str
) -> Row:
    """A customer that gets its own invoice on the terms of a market, or whose usage goes to its parent."""
    entity, currency, tax_code, country = market or ("", "", "", "")
    return _row(
        CUSTOMER,
        code,
        name,
        "reseller" if code.startswith("R") else "end_customer",
        parent,
        "self" if market else "parent",
        entity,
        currency,
        rate_cards.sell_card(currency) if currency else "",
        tax_code,
        country,
        f"{country}{code.replace('-', '')}" if tax_code in {"EU-REVERSE", "NL-HIGH"} else "",
        agreements.ORDER_NUMBERS.get(code, ""),
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
        MAPPING,
        vendor,
        "default",
        account_id,
        "excluded" if reason else "mapped",
        customer,
        reason,
        SINCE,
        EXCLUDED_UNTIL if reason else "",
    )


def _reseller_code(index: int) -> str:
    return f"R-{index + 1:04d}"


def _customer_code(customer: Customer) -> str:
    return f"C-{customer.index + 1:06d}"


def _iso(day: date) -> str:
    return day.isoformat()
