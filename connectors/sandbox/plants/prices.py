"""What a quantity costs by the lists of the world, worked out apart from the warehouse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connectors.sandbox.cost_list import CARDS, COSTS, exchange_rates
from connectors.sandbox.price_list import PRICES, Price


def sell(sku: str, quantity: Decimal | int | str, on: date) -> Decimal:
    """What a customer of the euro card pays for a month's quantity of one SKU, exact, in EUR.

    Parameters:
        quantity: in the SKU's unit.
        on: a day on which the price is in force.

    Raises:
        ValueError: there is no such price, or it is not one of a price for each unit.
    """
    return _priced([price for price in PRICES if price.sku == sku], Decimal(quantity), on)


def cost(vendor: str, sku: str, quantity: Decimal | int | str, on: date) -> Decimal:
    """What a vendor charges for a quantity, exact, in the currency of its card.

    With tiers it is what the first units cost: those of one customer in a large world cost less.

    Parameters, Raises: as `sell`.
    """
    return _priced([price for of, price in COSTS if of == vendor and price.sku == sku], Decimal(quantity), on)


def in_euro(vendor: str, amount: Decimal, on: date) -> Decimal:
    """An amount in the currency of a vendor's card, exact, in EUR at the rate of its quarter."""
    currency = dict(CARDS)[vendor]
    if currency == "EUR":
        return amount
    return amount * next(
        Decimal(rate)
        for _, from_currency, to_currency, rate, _, _, since, until in exchange_rates()
        if (from_currency, to_currency) == (currency, "EUR") and since <= on.isoformat() < until
    )


def _priced(prices: list[Price], quantity: Decimal, on: date) -> Decimal:
    found = [
        price
        for price in prices
        if not price.customer
        and not price.dimension
        and price.since <= on.isoformat()
        and (not price.until or on.isoformat() < price.until)
    ]
    if len(found) != 1 or found[0].model not in {"per_unit", "volume", "graduated"}:
        raise ValueError(f"{len(found)} prices for each unit are in force on {on}")
    amount, below = Decimal(0), Decimal(0)
    for tier_to, unit_price in found[0].tiers:
        bound = Decimal(tier_to) if tier_to else quantity
        if found[0].model == "volume":
            if quantity <= bound:
                return quantity * Decimal(unit_price)
            continue
        within = max(min(quantity, bound) - below, Decimal(0))
        amount, below = amount + within * Decimal(unit_price), bound
    return amount
