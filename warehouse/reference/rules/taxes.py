"""Rules of tax: every invoiced line has one, and an untaxed one has its reason."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.reference.rows import Mistake, Rows
from warehouse.reference.rules.time import both_hold, grouped, uncovered

NEEDS_A_REASON = ("E", "AE", "K", "G", "O")
# EN 16931, BR-AE-02 and BR-IC-02: the seller's number and the buyer's stand on the invoice.
NEEDS_BOTH_NUMBERS = ("AE", "K")


def only_standard_has_a_percentage(rows: Rows) -> Iterator[Mistake]:
    """Every category but S is taxed with 0 %."""
    for row in rows["tax_rate"]:
        if row["percent"] and row["category"] != "S":
            what = f"{row['percent']} in category {row['category']}"
            yield row.mistake("percent", what, "Only category S has a rate above 0")


def untaxed_says_why(rows: Rows) -> Iterator[Mistake]:
    """A category that leaves the tax away has the reason that the invoice prints."""
    for row in rows["tax_rate"]:
        if row["category"] in NEEDS_A_REASON and row["exemption_reason"] is None:
            what = f"is empty in category {row['category']}"
            yield row.mistake("exemption_reason", what, "Say why no tax is charged")


def always_taxed(rows: Rows) -> Iterator[Mistake]:
    """Who gets an invoice has a tax rate for every class of SKU, from the first day to the last."""
    rates = grouped(rows["tax_rate"], "tax_code", "tax_class")
    codes = {code for code, _ in rates}
    classes = sorted({row["tax_class"] for row in rows["sku"]})
    for row in rows["customer"]:
        code = row["tax_code"]
        for tax_class in classes if row["bill_to"] == "self" and code in codes else ():
            fitting = [*rates.get((code, tax_class), ()), *rates.get((code, "*"), ())]
            if day := uncovered(fitting, row):
                what = f"{code!r} has no rate for tax class {tax_class!r} on {day}, when the customer is "
                remedy = "Add the rate to tax_rate or end the row with valid_to"
                yield row.mistake("tax_code", f"{what}still invoiced", remedy)


def reverse_charge_has_both_numbers(rows: Rows) -> Iterator[Mistake]:
    """Where the buyer owes the tax, the numbers of both stand on the invoice."""
    entities = {row["billing_entity_id"]: row for row in rows["billing_entity"]}
    rates = grouped((row for row in rows["tax_rate"] if row["category"] in NEEDS_BOTH_NUMBERS), "tax_code")
    for row in rows["customer"]:
        used = [rate for rate in rates.get((row["tax_code"],), ()) if both_hold(rate, row)]
        if row["bill_to"] != "self" or not used:
            continue
        category = used[0]["category"]
        if row["tax_id"] is None:
            what = f"is empty, but {row['tax_code']!r} is of category {category}"
            yield row.mistake("tax_id", what, "Fill in the customer's VAT number, or use another tax_code")
        entity = entities.get(row["billing_entity_id"])
        if entity and entity["tax_id"] is None:
            what = (
                f"{row['tax_code']!r} is of category {category}, and {entity['billing_entity_id']!r} has no "
            )
            yield row.mistake("tax_code", f"{what}tax_id", "Fill it in in billing_entity, or use another")
