"""Rules of contracts, commitments and discounts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from warehouse.reference.rows import Mistake, Rows
from warehouse.reference.rules.time import grouped, uncovered

ALL = Decimal(100)


def stays_inside_the_contract(rows: Rows) -> Iterator[Mistake]:
    """An item or a commitment holds only while its contract does."""
    contracts = grouped(rows["contract"], "contract_id")
    for table in ("contract_item", "commitment"):
        for row in rows[table]:
            contract = contracts.get((row["contract_id"],))
            if contract and (day := uncovered(contract, row)):
                column = "valid_from" if day == row["valid_from"] else "valid_to"
                what = f"contract {row['contract_id']!r} does not hold on {day}"
                yield row.mistake(column, what, "Let the row begin and end within its contract")


def term_is_whole_months(rows: Rows) -> Iterator[Mistake]:
    """A commitment over a term is compared with the charges of whole months."""
    for row in rows["commitment"]:
        for column in ("valid_from", "valid_to") if row["period"] == "term" else ():
            if row[column] is None:
                yield row.mistake(column, "is empty, but the period is term", "Say when the term ends")
            elif row[column].day != 1:
                what = f"{row[column]} is not the first day of a month"
                yield row.mistake(column, what, "Let a term begin and end with months")


def names_a_sku(rows: Rows) -> Iterator[Mistake]:
    """A commitment or discount is of a SKU that is sold, or of all."""
    known = {"*", *(row["sku"] for row in rows["sku"])}
    for table in ("commitment", "discount"):
        for row in rows[table]:
            if row["sku"] not in known:
                yield row.mistake("sku", f"{row['sku']!r} is not in sku", "Name the SKU, or * for all")


def discount_is_a_part(rows: Rows) -> Iterator[Mistake]:
    """No more is taken off than there is."""
    for row in rows["discount"]:
        if row["percent"] > ALL:
            yield row.mistake("percent", f"{row['percent']} is more than all", "Use a percentage up to 100")
