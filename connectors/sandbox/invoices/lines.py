"""The lines of the invoices of the vendors of the world, right to the cent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from connectors.sandbox.cost_list import CARDS, COSTS
from connectors.sandbox.invoices.metered import READINGS, quantities
from connectors.sandbox.plants.plant import InvoiceLine
from connectors.sandbox.price_list import SKUS, Price
from connectors.sandbox.world import World

VENDORS = tuple(READINGS)
CENT = Decimal("0.01")


def vendor_invoice(
    world: World, vendor: str, month: date, since: date | None = None
) -> tuple[InvoiceLine, ...]:
    """The invoice of a vendor for a month, by account and SKU, as the plants have it.

    What nobody used has no line.

    Parameters:
        month: its first day.
        since: the first day that counts for what is charged by the highest day of several months; that of
            the month when None.
    """
    used = quantities(world, vendor, month, since or month)
    totals: dict[str, Fraction] = defaultdict(Fraction)
    amounts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    counted: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for key, quantity in used.items():
        totals[key.way.sku] += quantity
        counted[key.account_id, key.way.sku] += quantity
    for key, quantity in used.items():
        if totals[key.way.sku]:
            share = _cost(_price(vendor, key.way.sku), totals[key.way.sku]) * quantity / totals[key.way.sku]
            amounts[key.account_id, key.way.sku] += share
    after = (month + timedelta(days=31)).replace(day=1)
    lines = tuple(
        InvoiceLine(
            f"{vendor[:3].upper()}-{month:%Y%m}",
            after + timedelta(days=2),
            account_id,
            _sku(sku)[1],
            sku,
            month,
            after,
            _exact(quantity),
            _sku(sku)[3],
            Decimal(_price(vendor, sku).tiers[0][1]) if _price(vendor, sku).model == "per_unit" else None,
            dict(CARDS)[vendor],
            _cents(amounts[account_id, sku]),
        )
        for (account_id, sku), quantity in sorted(counted.items())
        if quantity
    )
    for plant in world.plants:
        if plant.invoice and plant.vendor == vendor:
            lines = plant.invoice(lines, month)
    return lines


def _price(vendor: str, sku: str) -> Price:
    return next(price for seller, price in COSTS if (seller, price.sku) == (vendor, sku))


def _sku(sku: str) -> tuple[str, ...]:
    return next(row for row in SKUS if row[0] == sku)


def _cost(price: Price, quantity: Fraction) -> Fraction:
    """What a quantity costs; RATING.md, models."""
    cost, tier_from = Fraction(0), Fraction(0)
    flat = Fraction(price.more.get("flat_price", 0))
    for upper, unit_price in price.tiers:
        tier_to = Fraction(upper) if upper else quantity
        part = min(quantity, tier_to) - tier_from
        if part > 0 and price.model == "volume":
            cost = quantity * Fraction(unit_price) + flat
        elif part > 0:
            cost += part * Fraction(unit_price) + flat
        tier_from = tier_to
    return cost


def _exact(quantity: Fraction) -> Decimal:
    """A quantity that has no more than six decimals."""
    return Decimal(int(quantity * 10**6)).scaleb(-6).normalize() + 0


def _cents(amount: Fraction) -> Decimal:
    return int(amount * 100 + Fraction(1, 2)) * CENT
