"""The rate cards of the world: what resellers pay, in each currency, and what the vendors charge."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.sandbox.cost_list import CARDS, COSTS
from connectors.sandbox.price_list import PER_EURO, PRICES, Price

RATE = (
    "rate_card customer_id sku dimension model tier_from tier_to unit_price flat_price package_size "
    "percent basis included pooled minimum maximum proration valid_from valid_to"
)
MONEY = ("flat_price", "minimum", "maximum")


def cards() -> Iterator[tuple[str, ...]]:
    """Code, name, side and currency of each rate card."""
    for currency in PER_EURO:
        yield sell_card(currency), f"Resellers, {currency}", "sell", currency
    for vendor, currency in CARDS:
        yield cost_card(vendor), f"What {vendor} charges us", "cost", currency


def sell_card(currency: str) -> str:
    """Code of the card with what resellers pay in a currency."""
    return f"{currency}-2024"


def cost_card(vendor: str) -> str:
    """Code of the card with what a vendor charges."""
    return f"COST-{vendor.upper()}"


def rates() -> Iterator[dict[str, str]]:
    """The rows of reference.rate, cells as they stand in CSV."""
    for currency, factor in PER_EURO.items():
        for price in PRICES:
            if price.card in {"", sell_card(currency)}:
                yield from _tiers(sell_card(currency), price, factor)
    for vendor, cost in COSTS:
        yield from _tiers(cost_card(vendor), cost, Decimal(1))


def _tiers(card: str, price: Price, factor: Decimal) -> Iterator[dict[str, str]]:
    """The rows of one price, its money in the card's currency."""
    tier_from = "0"
    more = {name: _money(cell, factor) if name in MONEY else cell for name, cell in price.more.items()}
    for tier_to, unit_price in price.tiers:
        yield dict.fromkeys(RATE.split(), "") | {
            "rate_card": card,
            "customer_id": price.customer,
            "sku": price.sku,
            "dimension": price.dimension,
            "model": price.model,
            "tier_from": tier_from,
            "tier_to": tier_to,
            "unit_price": _money(unit_price, factor) if unit_price else "",
            "valid_from": price.since,
            "valid_to": price.until,
            **more,
        }
        tier_from = tier_to


def _money(text: str, factor: Decimal) -> str:
    return f"{(Decimal(text) * factor).normalize():f}"
