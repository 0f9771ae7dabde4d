"""What must hold between the rows of the reference tables, beyond the type of each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import pairwise

from warehouse.reference.rows import Mistake, Row, Rows
from warehouse.reference.schema import TABLES

FOR_EVER = date.max
NEEDED_TO_INVOICE = ("billing_entity_id", "currency", "rate_card", "tax_code")
NEEDS_A_REASON = ("E", "AE", "K", "G", "O")


def mistakes_between(rows: Rows, broken: Collection[str] = ()) -> list[Mistake]:
    """Every rule that the rows break.

    Parameters:
        rows: those that could be read.
        broken: files with rows that could not; what hangs on those is not judged.
    """
    return [
        *_validity(rows),
        *_keys(rows),
        *_references(rows, broken),
        *_customers(rows),
        *_untaxed(rows, broken),
        *_mappings(rows["account_mapping"]),
        *_meters(rows["meter"]),
        *(() if "rate.csv" in broken else _rates(rows["rate"])),
        *_taxes(rows["tax_rate"]),
    ]


def _validity(rows: Rows) -> Iterator[Mistake]:
    for table in TABLES:
        for row in rows[table.name] if table.is_dated else ():
            if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
                yield Mistake(
                    f"{table.name}.csv",
                    row.line,
                    "valid_to",
                    f"{row['valid_to']} is not after valid_from {row['valid_from']}",
                    "It is the first day on which the row no longer holds; empty means until further notice",
                )


def _keys(rows: Rows) -> Iterator[Mistake]:
    for table in TABLES:
        for key, row, other in _overlaps(rows[table.name], table.key, dated=table.is_dated):
            when = " on the same days" if table.is_dated else ""
            yield Mistake(
                f"{table.name}.csv",
                row.line,
                table.key[-1],
                f"{' '.join(str(part) for part in key)} stands on line {other.line} too{when}",
                "Remove one, or end the older one with valid_to" if table.is_dated else "Remove one",
            )


def _references(rows: Rows, broken: Collection[str]) -> Iterator[Mistake]:
    for table in TABLES:
        for column in table.columns:
            other, _, other_column = column.refers_to.partition(".")
            if not other or f"{other}.csv" in broken:
                continue
            known = {row[other_column] for row in rows[other]}
            for row in rows[table.name]:
                if row[column.name] is not None and row[column.name] not in known:
                    yield Mistake(
                        f"{table.name}.csv",
                        row.line,
                        column.name,
                        f"{row[column.name]!r} is not in {other}.csv",
                        "Add it there or correct it here",
                    )


def _customers(rows: Rows) -> Iterator[Mistake]:
    file = "customer.csv"
    currency_of = {row["rate_card"]: row["currency"] for row in rows["rate_card"]}
    parents = {row["customer_id"]: row["parent_customer_id"] for row in rows["customer"]}
    for row in rows["customer"]:
        if row["bill_to"] == "parent" and not row["parent_customer_id"]:
            what = "is empty, but its invoice goes to its parent"
            yield Mistake(
                file, row.line, "parent_customer_id", what, "Name the parent or set bill_to to self"
            )
        for column in NEEDED_TO_INVOICE if row["bill_to"] == "self" else ():
            if row[column] is None:
                what = "is empty, but the customer gets its own invoice"
                yield Mistake(file, row.line, column, what, "Fill it in or set bill_to to parent")
        card = currency_of.get(row["rate_card"], row["currency"])
        if row["bill_to"] == "self" and row["currency"] and card != row["currency"]:
            what = f"{row['rate_card']!r} is in {card}, its invoices are in {row['currency']}"
            yield Mistake(file, row.line, "rate_card", what, "Choose a rate card in the same currency")
        if _is_above_itself(row["customer_id"], parents):
            what = f"{row['customer_id']!r} is its own ancestor"
            yield Mistake(file, row.line, "parent_customer_id", what, "Break the circle")


def _untaxed(rows: Rows, broken: Collection[str]) -> Iterator[Mistake]:
    """Who gets an invoice has a tax rate from the first day to the last."""
    if "tax_rate.csv" in broken:
        return
    rates: dict[str, list[Row]] = defaultdict(list)
    for rate in sorted(rows["tax_rate"], key=lambda rate: rate["valid_from"]):
        rates[rate["tax_code"]].append(rate)
    for row in rows["customer"]:
        if row["bill_to"] != "self" or row["tax_code"] not in rates:
            continue
        taxed_until = row["valid_from"]
        for rate in rates[row["tax_code"]]:
            if rate["valid_from"] <= taxed_until:
                taxed_until = max(taxed_until, rate["valid_to"] or FOR_EVER)
        if taxed_until < (row["valid_to"] or FOR_EVER):
            what = f"{row['tax_code']!r} has no rate on {taxed_until}, when the customer is still invoiced"
            remedy = "Add the rate to tax_rate.csv or end the row with valid_to"
            yield Mistake("customer.csv", row.line, "tax_code", what, remedy)


def _is_above_itself(customer: str, parents: dict[str, str | None]) -> bool:
    above, seen = parents.get(customer), set[str]()
    while above is not None and above not in seen:
        if above == customer:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def _mappings(rows: list[Row]) -> Iterator[Mistake]:
    needed = {"mapped": "customer_id", "excluded": "reason"}
    for row in rows:
        column = needed[row["state"]]
        if row[column] is None:
            what = f"is empty, but the account is {row['state']}"
            yield Mistake("account_mapping.csv", row.line, column, what, "Fill it in")


def _meters(rows: list[Row]) -> Iterator[Mistake]:
    yield from _inside_a_month("meter.csv", rows)
    for row in rows:
        if not row["quantity_step"]:
            remedy = "Use 1 for whole units, 0.000001 for the finest"
            yield Mistake("meter.csv", row.line, "quantity_step", "is zero", remedy)
    alike = ("aggregation", "divisor", "quantity_step")
    for _, row, other in _overlaps(rows, ("vendor", "meter", "sku"), dated=True):
        for column in alike:
            if row[column] != other[column]:
                what = f"differs from line {other.line}, which feeds the same SKU from the same meter"
                yield Mistake("meter.csv", row.line, column, what, "Make them equal, or use another SKU")


def _rates(rows: list[Row]) -> Iterator[Mistake]:
    prices: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
    yield from _inside_a_month("rate.csv", rows)
    for row in rows:
        prices[row["rate_card"], row["sku"], row["valid_from"]].append(row)
    for tiers in prices.values():
        yield from _tiers(sorted(tiers, key=lambda row: row["tier_from"]))
    firsts = [row for row in rows if not row["tier_from"]]
    for _, row, other in _overlaps(firsts, ("rate_card", "sku"), dated=True):
        if row["valid_from"] != other["valid_from"]:
            what = f"the price on line {other.line} holds on the same days"
            yield Mistake("rate.csv", row.line, "valid_from", what, "End the older one with valid_to")


def _inside_a_month(file: str, rows: list[Row]) -> Iterator[Mistake]:
    for row in rows:
        for column in ("valid_from", "valid_to"):
            if row[column] and row[column].day != 1:
                what = f"{row[column]} is not the first day of a month"
                yield Mistake(file, row.line, column, what, "Let the change wait for the next billing month")


def _tiers(tiers: list[Row]) -> Iterator[Mistake]:
    file, first = "rate.csv", tiers[0]
    for row in tiers[1:]:
        for column in ("model", "valid_to"):
            if row[column] != first[column]:
                what = f"differs from line {first.line}, another tier of the same price"
                yield Mistake(file, row.line, column, what, "Make it the same for all tiers")
    if first["tier_from"]:
        yield Mistake(file, first.line, "tier_from", "the first tier does not start at 0", "Start it at 0")
    for lower, upper in pairwise(tiers):
        if lower["tier_to"] != upper["tier_from"]:
            what = f"{upper['tier_from']} is not where the tier below ends, on line {lower.line}"
            yield Mistake(file, upper.line, "tier_from", what, "Let tiers meet without gap or overlap")
    if tiers[-1]["tier_to"] is not None:
        yield Mistake(file, tiers[-1].line, "tier_to", "the last tier has an end", "Leave it empty")
    if len(tiers) > 1 and first["model"] in ("flat", "per_unit"):
        what = f"{first['model']} has one price, here are {len(tiers)}"
        yield Mistake(file, first.line, "model", what, "Use graduated or volume")


def _taxes(rows: list[Row]) -> Iterator[Mistake]:
    for row in rows:
        if row["percent"] and row["category"] != "S":
            what = f"{row['percent']} in category {row['category']}"
            yield Mistake("tax_rate.csv", row.line, "percent", what, "Only category S has a rate above 0")
        if row["category"] in NEEDS_A_REASON and row["exemption_reason"] is None:
            what = f"is empty in category {row['category']}"
            yield Mistake("tax_rate.csv", row.line, "exemption_reason", what, "Say why no tax is charged")


def _overlaps(
    rows: Iterable[Row], key: tuple[str, ...], *, dated: bool
) -> Iterator[tuple[tuple[str, ...], Row, Row]]:
    """Rows that share `key` with the row before them in time while both hold, and that other row."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in key)].append(row)
    for values, group in groups.items():
        latest = group[0]
        if dated:
            group.sort(key=lambda row: row["valid_from"])
            latest = group[0]
        for row in group[1:]:
            if not dated or row["valid_from"] < (latest["valid_to"] or FOR_EVER):
                yield values, row, latest
            if not dated or (row["valid_to"] or FOR_EVER) >= (latest["valid_to"] or FOR_EVER):
                latest = row
