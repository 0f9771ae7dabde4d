"""What a month should be charged for usage, and what that costs, in fractions, from RATING.md alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from tests.warehouse.contract_oracle import (
    Charge,
    commitments,
    contracts,
    contracts_without_terms,
    discounts,
)
from tests.warehouse.rating_book import Book
from tests.warehouse.rating_oracle import Priced, Row, cut, latest, rounded, tier_lines, touches


class Rating:
    """All charges of some months, of which the later ones may read the earlier ones."""

    def __init__(self, book: Book, usage: list[Row], months: list[date]) -> None:
        self.book = book
        self.usage = usage
        self.charges: list[Charge] = []
        self.uncharged: set[tuple[date, str, str, str]] = set()
        self.costs: dict[str, tuple[str, Fraction]] = {}
        self.vendor_costs: dict[tuple[Any, ...], Fraction | None] = {}
        for month in sorted(months):
            self._cost(month)
            self._sell(month)
            self.charges += contracts(book, month)
            self.uncharged |= contracts_without_terms(book, month)
            self.charges += discounts(book, month, self.charges)
            self.charges += commitments(book, month, self.charges)

    def _cost(self, month: date) -> None:
        groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
        for row in self.usage:
            if row["month"] == month and row["quantity"] is not None:
                groups[row["vendor"], row["connection"], row["sku"], row["dimension"]].append(row)
        priced: dict[tuple[str, str], list[Priced]] = defaultdict(list)
        currency: dict[int, str] = {}
        for (vendor, connection, sku, dimension), records in groups.items():
            terms = latest(
                (
                    r
                    for r in self.book["vendor_terms"]
                    if (r["vendor"], r["connection"]) == (vendor, connection)
                ),
                month,
            )
            if terms is None:
                continue
            found, gaps, ever, _ = self.book.runs(month, terms["rate_card"], "", sku, dimension, "UTC")
            quantity = sum((Fraction(r["quantity"]) for r in records), Fraction(0))
            item = Priced(month, sku, dimension, quantity, found, gaps, ever, records=records)
            currency[id(item)] = self.book.card_currency(terms["rate_card"])
            priced[vendor, connection].append(item)
        for (vendor, connection), items in priced.items():
            self._rate(items, lambda item, all_items=items: all_items)
            unknown = {id(item) for item in items if item.gaps}
            for item in items:
                for run in item.runs:
                    price = (run.price or ())[0]
                    if price["model"] == "percentage" and any(
                        id(other) in unknown and not other.of_others and price["basis"] in ("*", other.sku)
                        for other in items
                    ):
                        unknown = unknown | {id(item)}
            for item in items:
                known = id(item) not in unknown
                self.vendor_costs[month, vendor, connection, item.sku, item.dimension] = (
                    item.total if known else None
                )
                if known:
                    ordered = sorted(item.records, key=lambda record: str(record["usage_record_id"]))
                    sizes = [Fraction(record["quantity"]) for record in ordered]
                    shares = [size / item.quantity if item.quantity else Fraction(0) for size in sizes]
                    for record, part in zip(ordered, shared(item.total, shares), strict=True):
                        self.costs[record["usage_record_id"]] = (currency[id(item)], part)

    def _rate(self, items: list[Priced], others: Any) -> None:
        """Tiers, then minimum and maximum, then percentages, then theirs."""
        for item in items:
            for run in item.runs if item.records else []:
                item.lines += tier_lines(run, item.quantity, item.customers)
        for item in items:
            if not item.of_others:
                item.limit()
        for item in items:
            for run in item.runs if item.of_others else []:
                price = (run.price or ())[0]
                if price["model"] == "percentage":
                    basis = [
                        other
                        for other in others(item)
                        if not other.of_others and price["basis"] in ("*", other.sku) and other.lines
                    ]
                    if basis:
                        amount = sum((other.total for other in basis), Fraction(0))
                        item.add("percentage", run, rounded(amount * Fraction(price["percent"]) / 100))
            if item.of_others:
                item.limit()

    def _cost_of(self, item: Priced, currency: str) -> Fraction | None:
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for record in item.records:
            if record["usage_record_id"] not in self.costs:
                return None
            one, cost = self.costs[record["usage_record_id"]]
            sums[one] += cost
        converted = [self.book.converted(cost, item.month, one, currency) for one, cost in sums.items()]
        return (
            None
            if None in converted or not converted
            else sum((c for c in converted if c is not None), Fraction(0))
        )

    def _sell(self, month: date) -> None:
        items: dict[tuple[str, str, str, str], Priced] = {}
        sold_to: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        records = [row for row in self.usage if row["month"] == month and row["billable"]]
        for row in records:
            terms = self.book.terms(month, row["customer_id"])
            if row["quantity"] is None:
                self.uncharged.add((month, row["usage_record_id"], "", "unknown quantity"))
            if terms is None:
                self.uncharged.add((month, row["usage_record_id"], "", "no terms"))
                continue
            sold_to[terms["customer_id"], row["customer_id"], terms["rate_card"]].add(row["sku"])
            if row["quantity"] is not None:
                item = self._item(items, month, terms, row["customer_id"], row["sku"], row["dimension"])
                item.records.append(row)
                item.quantity += Fraction(row["quantity"])
        for item in items.values():
            if item.records:
                item.customers = (
                    len({r["customer_id"] for r in item.records}) if item.who[3] == "pooled" else 1
                )
        self._percentages_without_usage(month, items, sold_to)
        everything = list(items.values())
        for item in everything:
            self._cost_plus(item)

        def others(item: Priced) -> list[Priced]:
            return [
                other
                for other in everything
                if other.who[0] == item.who[0] and (item.who[3] == "pooled" or other.who[1] == item.who[1])
            ]

        self._rate(everything, others)
        for item in everything:
            self._charge(item)

    def _percentages_without_usage(
        self, month: date, items: dict[Any, Priced], sold_to: dict[tuple[str, str, str], set[str]]
    ) -> None:
        """For customers with usage of the basis, and for whoever is billed for them."""
        of_invoice: dict[str, set[str]] = defaultdict(set)
        for (billed, _, _), skus in sold_to.items():
            of_invoice[billed] |= skus
        buyers = {(billed, customer, card) for billed, customer, card in sold_to}
        for billed, customer, card in buyers | {(billed, billed, card) for billed, _, card in buyers}:
            own = sold_to.get((billed, customer, card), set())
            basis = of_invoice[billed] if customer == billed else own
            terms = self.book.terms(month, customer)
            assert terms is not None
            for row in self.book["rate"]:
                if (
                    row["model"] == "percentage"
                    and row["rate_card"] == card
                    and row["customer_id"] in ("", billed)
                    and row["dimension"] == ""
                    and touches(row, month)
                    and row["sku"] not in own
                    and (row["basis"] == "*" or row["basis"] in basis)
                ):
                    pooled = self.book.runs(month, card, billed, row["sku"], "", self.book.zone(terms))[3]
                    if not (pooled and row["sku"] in of_invoice[billed]):
                        self._item(items, month, terms, customer, row["sku"], "")

    def _item(
        self, items: dict[Any, Priced], month: date, terms: Row, customer: str, sku: str, dimension: str
    ) -> Priced:
        billed = terms["customer_id"]
        found, gaps, ever, pooled = self.book.runs(
            month, terms["rate_card"], billed, sku, dimension, self.book.zone(terms)
        )
        who = (billed, billed if pooled else customer, terms["rate_card"], "pooled" if pooled else "")
        key = (billed, who[1], sku, dimension)
        if key not in items:
            items[key] = Priced(month, sku, dimension, Fraction(0), found, gaps, ever, who=who)
        return items[key]

    def _cost_plus(self, item: Priced) -> None:
        for run in item.runs:
            price = (run.price or ())[0]
            if price["model"] == "cost_plus" and item.quantity:
                cost = self._cost_of(item, self.book.card_currency(item.who[2]))
                if cost is None:
                    item.costless = True
                else:
                    item.add("cost_plus", run, cost + rounded(cost * Fraction(price["percent"]) / 100))

    def _charge(self, item: Priced) -> None:
        month, (billed, customer, card, _) = item.month, item.who
        terms = self.book.terms(month, billed)
        assert terms is not None
        one, currency = self.book.card_currency(card), terms["currency"]
        faults = {
            "no price": item.gaps and (bool(item.quantity) or item.ever),
            "no exchange rate": self.book.fx(month, one, currency) is None,
            "no cost": item.costless,
        }
        for record in item.records:
            for reason, is_so in faults.items():
                if is_so:
                    self.uncharged.add((month, record["usage_record_id"], "", reason))
        if faults["no exchange rate"]:
            return
        cost = self._cost_of(item, currency) if item.records else Fraction(0)
        carrying = sorted(
            (line for line in item.lines if line.used is not None),
            key=lambda line: (line.first, line.tier, line.once),
        )
        costs: dict[int, Fraction] = {}
        if cost is not None and carrying:
            weights = [line.used * line.weight for line in carrying if line.used is not None]
            total = sum(weights)
            parts = shared(cost, [weight / total if total else Fraction(0) for weight in weights])
            costs = {id(line): part for line, part in zip(carrying, parts, strict=True)}
        for line in item.lines:
            amount = self.book.converted(line.amount, month, one, currency)
            assert amount is not None
            self.charges.append(
                Charge(
                    month=month,
                    billed=billed,
                    customer=customer,
                    currency=currency,
                    kind=line.kind,
                    sku=item.sku,
                    first=line.first,
                    end=line.end,
                    amount=amount,
                    tax_class=self.book.tax_class(item.sku),
                    dimension=item.dimension,
                    tier=line.tier,
                    quantity=line.quantity,
                    price=line.price,
                    cost=costs.get(id(line)),
                )
            )


def shared(amount: Fraction, parts: list[Fraction]) -> list[Fraction]:
    """Each its part cut off at the 15th decimal, the first what is left."""
    found = [cut(amount * part) for part in parts]
    return [amount - sum(found[1:], Fraction(0)), *found[1:]] if found else []
