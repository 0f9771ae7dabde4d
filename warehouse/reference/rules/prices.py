"""Rules of rate cards, prices and exchange rates."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from warehouse.reference.rows import Mistake, Row, Rows
from warehouse.reference.rules.time import both_hold, grouped, overlaps

PRICE = ("rate_card", "customer_id", "sku", "dimension")
TIERED = ("graduated", "volume")
OF_A_TIER = {"tier_from", "tier_to", "unit_price", "flat_price"}
# Which models a column means something in. One that is empty in a model that needs it is a mistake,
# and so is one that says something where nobody reads it.
READ_IN = {
    "unit_price": ("flat", "per_unit", "package", *TIERED),
    "flat_price": TIERED,
    "package_size": ("package",),
    "percent": ("percentage", "cost_plus"),
    "basis": ("percentage",),
}


def model_has_its_columns(rows: Rows) -> Iterator[Mistake]:
    """What the model computes with is there, and nothing else."""
    for row in rows["rate"]:
        model = row["model"]
        if model in TIERED and {"unit_price", "flat_price"} <= row.empty:
            yield row.mistake("unit_price", "is empty, and so is flat_price", "Write 0 if the tier is free")
        for column, models in READ_IN.items():
            if model not in models and row[column]:
                what = f"{row[column]} means nothing in {model}"
                yield row.mistake(column, what, f"Leave it empty, or use {' or '.join(models)}")
            elif model in models and model not in TIERED and column in row.empty:
                yield row.mistake(column, f"is empty, but the model is {model}", "Fill it in")
        if row["package_size"] is not None and not row["package_size"]:
            yield row.mistake("package_size", "is zero", "Say how many units a package has")


def tiers_meet(rows: Rows) -> Iterator[Mistake]:
    """The tiers of a price lie one upon the other, from 0 without end, and agree in everything else."""
    for group in grouped(rows["rate"], *PRICE, "valid_from").values():
        yield from _agree(group)
        tiers = sorted(group, key=lambda row: row["tier_from"])
        if tiers[0]["tier_from"]:
            yield tiers[0].mistake("tier_from", "the first tier does not start at 0", "Start it at 0")
        for lower, upper in pairwise(tiers):
            if lower["tier_to"] != upper["tier_from"]:
                what = f"{upper['tier_from']} is not where the tier below ends, on {lower.place}"
                yield upper.mistake("tier_from", what, "Let tiers meet without gap or overlap")
        if tiers[-1]["tier_to"] is not None:
            yield tiers[-1].mistake("tier_to", "the last tier has an end", "Leave it empty")


def _agree(tiers: list[Row]) -> Iterator[Mistake]:
    first = tiers[0]
    for row in tiers[1:]:
        for column in first.cells.keys() - OF_A_TIER:
            if row[column] != first[column]:
                what = f"differs from {first.place}, another tier of the same price"
                yield row.mistake(column, what, "Make it the same for all tiers")
    if len(tiers) > 1 and first["model"] not in TIERED:
        what = f"{first['model']} has one price, here are {len(tiers)}"
        yield first.mistake("model", what, "Use graduated or volume")


def one_price_at_a_time(rows: Rows) -> Iterator[Mistake]:
    """A price ends where the next one begins."""
    firsts = [row for row in rows["rate"] if not row["tier_from"]]
    for _, row, other in overlaps(firsts, PRICE):
        if row["valid_from"] != other["valid_from"]:
            what = f"the price on {other.place} holds on the same days"
            yield row.mistake("valid_from", what, "End the older one with valid_to")


def limits_make_sense(rows: Rows) -> Iterator[Mistake]:
    """The least that a month costs is not more than the most."""
    for row in rows["rate"]:
        if row["minimum"] is not None and row["maximum"] is not None and row["minimum"] > row["maximum"]:
            what = f"{row['minimum']} is more than maximum {row['maximum']}"
            yield row.mistake("minimum", what, "Lower it, or leave one of them empty")


def percentage_of_a_price(rows: Rows) -> Iterator[Mistake]:
    """A percentage is taken of a SKU that is sold, and not of another percentage."""
    skus = {row["sku"] for row in rows["sku"]}
    percentages = grouped((row for row in rows["rate"] if row["model"] == "percentage"), "rate_card", "sku")
    for row in rows["rate"]:
        if row["model"] != "percentage" or row["basis"] in {None, "*"}:
            continue
        if row["basis"] not in skus:
            what = f"{row['basis']!r} is not in sku"
            yield row.mistake("basis", what, "Name the SKU it is taken of, or * for all")
        elif any(both_hold(other, row) for other in percentages.get((row["rate_card"], row["basis"]), ())):
            what = f"{row['basis']!r} is itself priced as a percentage"
            yield row.mistake("basis", what, "Name a SKU with a price of its own, or * for all")


def side_fits(rows: Rows) -> Iterator[Mistake]:
    """What a vendor charges stands on a cost card, and a cost is the same for all our customers."""
    sides = {row["rate_card"]: row["side"] for row in rows["rate_card"]}
    for row in rows["vendor_terms"]:
        if sides.get(row["rate_card"]) == "sell":
            what = f"{row['rate_card']!r} is a sell card"
            yield row.mistake("rate_card", what, "Name the card with what the vendor charges, of side cost")
    for row in rows["rate"]:
        if sides.get(row["rate_card"]) != "cost":
            continue
        if row["customer_id"]:
            what = f"{row['rate_card']!r} is a cost card, which has no customers"
            yield row.mistake("customer_id", what, "Leave it empty")
        if row["model"] == "cost_plus":
            what = f"cost_plus on the cost card {row['rate_card']!r}"
            yield row.mistake("model", what, "Only a sell card can be priced by what it costs")


def currencies_differ(rows: Rows) -> Iterator[Mistake]:
    """An exchange rate is between two currencies."""
    for row in rows["fx_rate"]:
        if row["from_currency"] == row["to_currency"]:
            what = f"is {row['to_currency']}, and so is from_currency"
            yield row.mistake("to_currency", what, "Remove the row: a currency is worth itself")
