"""The reference tables as the oracle of rating reads them, from RATING.md alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.warehouse.rating_oracle import Row, Run, after, days, holds, latest, rounded, runs

DEFAULTS: dict[str, Row] = {
    "rate": {
        "customer_id": "",
        "dimension": "",
        "tier_from": 0,
        "tier_to": None,
        "unit_price": 0,
        "flat_price": 0,
        "included": 0,
        "pooled": "no",
        "minimum": None,
        "maximum": None,
        "proration": "actual",
        "valid_to": None,
    },
    "sku": {"tax_class": "standard"},
    "contract_item": {"billed": "arrears", "proration": "actual", "valid_to": None},
}


class Book:
    """The reference tables with their defaults, and what can be read off them."""

    def __init__(self, reference: dict[str, list[Row]], long_ago: date) -> None:
        self.tables = {
            table: [{"valid_from": long_ago, **DEFAULTS.get(table, {}), **row} for row in rows]
            for table, rows in reference.items()
        }

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    @cached_property
    def prices(self) -> dict[tuple[str, str], list[tuple[Row, ...]]]:
        """All tiers of each price, by rate card and SKU."""
        grouped: dict[Any, list[Row]] = defaultdict(list)
        for row in self["rate"]:
            grouped[
                row["rate_card"], row["sku"], row["customer_id"], row["dimension"], row["valid_from"]
            ].append(row)
        found: dict[tuple[str, str], list[tuple[Row, ...]]] = defaultdict(list)
        for (card, sku, *_), rows in grouped.items():
            found[card, sku].append(tuple(rows))
        return found

    def price(self, card: str, customer: str, sku: str, dimension: str, day: date) -> tuple[Row, ...] | None:
        """The price that holds on a day for a billed customer."""
        fitting = [
            price
            for price in self.prices.get((card, sku), [])
            if holds(price[0], day)
            and price[0]["customer_id"] in ("", customer)
            and price[0]["dimension"] in ("", dimension)
        ]
        return max(
            fitting,
            key=lambda price: (price[0]["customer_id"] != "", price[0]["dimension"] != ""),
            default=None,
        )

    def runs(
        self, month: date, card: str, customer: str, sku: str, dimension: str, zone: str
    ) -> tuple[list[Run], bool, bool, bool]:
        """The prices of a month, whether a day has none, whether any has, and whether they are pooled."""
        of_day = [self.price(card, customer, sku, dimension, day) for day in days(month, after(month))]
        found, gaps = runs(month, of_day, zone)
        last = next((price for price in reversed(of_day) if price), None)
        return found, gaps, last is not None, last is not None and last[0]["pooled"] == "yes"

    def terms(self, month: date, customer: str) -> Row | None:
        """The terms of whoever gets the invoice for a customer."""
        seen = customer
        while row := latest((r for r in self["customer"] if r["customer_id"] == seen), month):
            if row["bill_to"] == "self":
                return row
            seen = row["parent_customer_id"]
        return None

    def zone(self, terms: Row) -> str:
        return next(
            str(entity["time_zone"])
            for entity in self["billing_entity"]
            if entity["billing_entity_id"] == terms["billing_entity_id"]
        )

    def card_currency(self, card: str) -> str:
        return next(str(row["currency"]) for row in self["rate_card"] if row["rate_card"] == card)

    def fx(self, month: date, one: str, other: str) -> Fraction | None:
        """None when there is no rate."""
        if one == other:
            return Fraction(1)
        last = after(month) - timedelta(days=1)
        return next(
            (
                Fraction(row["rate"])
                for row in self["fx_rate"]
                if (row["from_currency"], row["to_currency"]) == (one, other) and holds(row, last)
            ),
            None,
        )

    def converted(self, amount: Fraction, month: date, one: str, other: str) -> Fraction | None:
        rate = self.fx(month, one, other)
        return None if rate is None else rounded(amount * rate)

    def tax_class(self, sku: str) -> str:
        """Of the SKU, or that of what is for all."""
        return next((str(row["tax_class"]) for row in self["sku"] if row["sku"] == sku), "standard")
