"""What contracts, discounts and commitments should be charged, from RATING.md alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.warehouse.rating_book import Book
from tests.warehouse.rating_oracle import Row, after, days, holds, latest, rounded, runs

FOR_EVER = date(2027, 1, 1)
COMPARED = (
    *("month", "billed", "customer", "currency", "kind", "sku", "dimension", "tier", "first", "end"),
    *("quantity", "price", "amount", "cost", "tax_class"),
)


@dataclass
class Charge:
    """One expected charge, in the currency of the invoice."""

    month: date
    billed: str
    customer: str
    currency: str
    kind: str
    sku: str
    first: date
    end: date
    amount: Fraction
    tax_class: str
    dimension: str = ""
    tier: int = 0
    quantity: Fraction = Fraction(1)
    price: Fraction | None = None
    cost: Fraction | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """Everything, to compare."""
        return tuple(str(getattr(self, name)) for name in COMPARED)


def _grouped(rows: list[Row], *key: str) -> dict[tuple[Any, ...], list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in key)].append(row)
    return groups


def contracts_without_terms(book: Book, month: date) -> set[tuple[date, str, str, str]]:
    """Contracts that hold while nobody can be billed for them."""
    return {
        (month, "", contract_id, "no terms")
        for (contract_id,), rows in _grouped(book["contract"], "contract_id").items()
        if (row := latest(rows, month)) and book.terms(month, row["customer_id"]) is None
    }


def contracts(book: Book, month: date) -> list[Charge]:
    """In arrears for the month itself, in advance for the one after."""
    held_by = _grouped(book["contract"], "contract_id")
    found = []
    for (contract_id, _), rows in _grouped(book["contract_item"], "contract_id", "item_id").items():
        holding = held_by[contract_id,]
        held = {
            day
            for row in rows
            for day in days(row["valid_from"], min(row["valid_to"] or FOR_EVER, FOR_EVER))
            if any(holds(contract, day) for contract in holding)
        }
        as_price = {id(row): (row,) for row in rows}
        begun = min(held).replace(day=1)
        for served in (month, after(month)):
            contract = latest(holding, served)
            terms = book.terms(month, contract["customer_id"]) if contract else None
            if contract is None or terms is None:
                continue
            of_day = [
                next((as_price[id(row)] for row in rows if day in held and holds(row, day)), None)
                for day in days(served, after(served))
            ]
            for run in runs(served, of_day, book.zone(terms))[0]:
                row = (run.price or ())[0]
                on_own = row["billed"] == "arrears" or served == begun
                if on_own == (served == month):
                    quantity, price = Fraction(row["quantity"]), Fraction(row["unit_price"])
                    found.append(
                        Charge(
                            month=month,
                            billed=terms["customer_id"],
                            customer=contract["customer_id"],
                            currency=terms["currency"],
                            kind="contract",
                            sku=row["sku"],
                            first=run.first,
                            end=run.end,
                            quantity=quantity,
                            price=price,
                            amount=rounded(quantity * price * run.weight),
                            tax_class=book.tax_class(row["sku"]),
                        )
                    )
    return found


def discounts(book: Book, month: date, charges: list[Charge]) -> list[Charge]:
    """Each of the same charges, SKU by SKU."""
    end = after(month)
    taken = []
    for row in book["discount"]:
        sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for charge in charges if holds(row, end - timedelta(days=1)) else ():
            if (charge.month, charge.billed) == (month, row["customer_id"]) and row["sku"] in (
                "*",
                charge.sku,
            ):
                sums[charge.sku, charge.currency] += charge.amount
        taken += [
            Charge(
                month=month,
                billed=row["customer_id"],
                customer=row["customer_id"],
                currency=currency,
                kind="discount",
                sku=sku,
                first=month,
                end=end,
                amount=-rounded(amount * Fraction(row["percent"]) / 100),
                tax_class=book.tax_class(sku),
            )
            for (sku, currency), amount in sums.items()
            if amount
        ]
    return taken


def commitments(book: Book, month: date, charges: list[Charge]) -> list[Charge]:
    """What is missing, in the month or over the term that ends with it."""
    end = after(month)
    missing = []
    for (contract_id, _), rows in _grouped(book["commitment"], "contract_id", "commitment_id").items():
        contract = latest((row for row in book["contract"] if row["contract_id"] == contract_id), month)
        row = latest((row for row in rows if row["period"] == "month" or row["valid_to"] == end), month)
        terms = book.terms(month, contract["customer_id"]) if contract else None
        if row is None or contract is None or terms is None:
            continue
        begins = row["valid_from"] if row["period"] == "term" else month
        charged = sum(
            (
                charge.amount
                for charge in charges
                if begins <= charge.month <= month
                and charge.kind != "commitment"
                and charge.currency == terms["currency"]
                and row["sku"] in ("*", charge.sku)
                and (then := book.terms(charge.month, contract["customer_id"])) is not None
                and charge.billed == then["customer_id"]
            ),
            Fraction(0),
        )
        if charged < row["amount"]:
            sku = "" if row["sku"] == "*" else row["sku"]
            missing.append(
                Charge(
                    month=month,
                    billed=terms["customer_id"],
                    customer=contract["customer_id"],
                    currency=terms["currency"],
                    kind="commitment",
                    sku=sku,
                    first=begins,
                    end=end,
                    amount=Fraction(row["amount"]) - charged,
                    tax_class=book.tax_class(sku),
                )
            )
    return missing
