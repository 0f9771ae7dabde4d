"""RATING.md sections 3 and 5: contracts, discounts, commitments; cents, tax and totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.cost import costs
from tests.oracle.metering import Record, usage_records
from tests.oracle.prices import Share, divided, percent_of
from tests.oracle.rating import Charge, sales
from tests.oracle.terms import tax_of, terms_of
from tests.oracle.world import Row, World, days_of, half, holds, latest_in, month_after

SMALLEST = {
    "JPY": Fraction(1),
    "EUR": Fraction(1, 100),
    "USD": Fraction(1, 100),
    "KWD": Fraction(1, 1000),
    "CLF": Fraction(1, 10000),
}


@dataclass(frozen=True, slots=True)
class Invoice:
    """One draft before its lines have an order: exact charges, whose cents are given out by `cents`.

    Attributes:
        charges: that stand on it as lines.
        rated: all of them, those of exactly zero included.
    """

    month: date
    charges: list[Charge]
    rated: list[Charge]

    @property
    def unit(self) -> Fraction:
        return SMALLEST[self.charges[0].terms.currency]

    @property
    def net(self) -> Fraction:
        return half(sum((charge.exact for charge in self.charges), Fraction(0)), self.unit)

    @property
    def cost(self) -> Fraction | None:
        """None where that of any charge is unknown."""
        known = [charge.cost for charge in self.rated]
        return None if None in known else sum(known, Fraction(0))


def invoices(world: World, order: Callable[[date, Record], str]) -> dict[tuple[date, str, str, str], Invoice]:
    """Every draft by month, billed customer, billing entity and currency.

    Parameters:
        order: the id of a usage record: which of them is the first is not a matter of money.
    """
    found: dict[tuple[date, str, str, str], Invoice] = {}
    history: dict[date, list[Charge]] = {}
    for month in world.months:
        charges = charges_of(world, month, order, history)
        history[month] = charges
        lines: dict[tuple[date, str, str, str], list[Charge]] = defaultdict(list)
        for charge in charges:
            terms = charge.terms
            lines[month, terms.billed, terms.entity, terms.currency].append(charge)
        for key, rated in lines.items():
            if shown := [charge for charge in rated if charge.exact or charge.kind == "included"]:
                found[key] = Invoice(month, shown, rated)
    return found


def charges_of(
    world: World,
    month: date,
    order: Callable[[date, Record], str],
    history: dict[date, list[Charge]],
) -> list[Charge]:
    """Every exact charge of a month."""
    records = usage_records(world, month)
    cost = costs(world, month, records, lambda record: order(month, record))
    charges = sales(world, month, records, cost)
    charges += _contract_items(world, month)
    charges += _discounts(world, month, charges)
    return [*charges, *_commitments(world, {**history, month: charges}, month)]


def _contract_items(world: World, month: date) -> Iterable[Charge]:
    items: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in world.rows("contract_item"):
        items[row["contract_id"], row["item_id"]].append(row)
    for (contract, _), rows in items.items():
        begun = min(row["valid_from"] for row in rows).replace(day=1)
        for charged in (month, month_after(month)):
            customer = _customer(world, contract, charged)
            terms = terms_of(world, customer, month) if customer else None
            for share in _item_shares(rows, charged, terms.zone) if terms else ():
                row = share.rows[0]
                is_early = (row.get("billed") or "arrears") == "advance" and charged != begun
                if charged == (month_after(month) if is_early else month):
                    exact = half(Fraction(row["quantity"]) * Fraction(row["unit_price"]) * share.weight)
                    yield Charge(terms, customer, "contract", row["sku"], "", exact)


def _item_shares(rows: list[Row], month: date, zone: str) -> list[Share]:
    days = [(day, tuple(row for row in rows if holds(row, day))) for day in days_of(month)]
    return divided(days, zone)[0]


def _customer(world: World, contract: str, month: date) -> str:
    """Whose the contract is in a month; empty when it is nobody's."""
    row = latest_in(world.rows("contract", contract_id=contract), month)
    return str(row["customer_id"]) if row else ""


def _discounts(world: World, month: date, charges: list[Charge]) -> list[Charge]:
    last = days_of(month)[-1]
    found = []
    for row in world.rows("discount"):
        if not holds(row, last):
            continue
        bases: dict[str, list[Charge]] = defaultdict(list)
        for charge in charges:
            if charge.terms.billed == row["customer_id"] and row["sku"] in {"*", charge.sku}:
                bases[charge.sku].append(charge)
        for sku, base in bases.items():
            taken = percent_of(sum((charge.exact for charge in base), Fraction(0)), row["percent"])
            found.append(Charge(base[0].terms, row["customer_id"], "discount", sku, "", -taken))
    return found


def _commitments(world: World, history: dict[date, list[Charge]], month: date) -> Iterable[Charge]:
    rows = world.rows("commitment")
    for row in rows:
        same = [
            other
            for other in rows
            if (other["contract_id"], other["commitment_id"]) == (row["contract_id"], row["commitment_id"])
        ]
        due = row["period"] == "month" or row["valid_to"] == month_after(month)
        customer = _customer(world, row["contract_id"], month)
        terms = terms_of(world, customer, month) if customer else None
        if latest_in(same, month) is not row or not due or terms is None:
            continue
        since = month if row["period"] == "month" else row["valid_from"]
        reached = sum(
            (
                charge.exact
                for earlier, charges in history.items()
                if since <= earlier <= month and (then := terms_of(world, customer, earlier))
                for charge in charges
                if (charge.terms.billed, charge.terms.currency) == (then.billed, terms.currency)
                and charge.kind != "commitment"
                and row["sku"] in {"*", charge.sku}
            ),
            Fraction(0),
        )
        if reached < Fraction(row["amount"]):
            sku = "" if row["sku"] == "*" else row["sku"]
            yield Charge(terms, customer, "commitment", sku, "", Fraction(row["amount"]) - reached)


def cents(exact: list[Fraction], unit: Fraction) -> list[Fraction]:
    """What each line gets, in the order of their numbers: whole units first, then the largest remainders."""
    total = sum(exact, Fraction(0))
    mirror = -1 if total < 0 else 1
    given = [unit * (mirror * amount // unit) for amount in exact]
    behind = [mirror * amount - got for amount, got in zip(exact, given, strict=True)]
    left = int((mirror * half(total, unit) - sum(given, Fraction(0))) / unit)
    for index in sorted(range(len(exact)), key=lambda n: -behind[n])[:left]:
        given[index] += unit
    return [mirror * got for got in given]


def taxes(
    world: World, invoice: Invoice, lines: list[tuple[str, Fraction]]
) -> dict[tuple[str, Fraction], tuple[Fraction, Fraction]]:
    """Taxable amount and tax of each category and percentage.

    Parameters:
        lines: tax class and amount of each.
    """
    code = invoice.charges[0].terms.tax_code
    taxable: dict[tuple[str, Fraction], Fraction] = defaultdict(Fraction)
    for tax_class, amount in lines:
        row = tax_of(world, code, tax_class, invoice.month)
        taxable[row["category"], Fraction(row["percent"])] += amount
    return {
        (category, percent): (amount, half(amount * percent / 100, invoice.unit))
        for (category, percent), amount in taxable.items()
    }


def tax_class_of(world: World, sku: str) -> str:
    """Of a SKU; of what is over every SKU, standard."""
    rows = world.rows("sku", sku=sku)
    return (rows[0].get("tax_class") or "standard") if rows else "standard"
