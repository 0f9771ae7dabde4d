"""RATING.md section 2: from usage records to charges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.oracle.metering import Record
from tests.oracle.prices import Part, Share, parts_of, percent_of, price_shares
from tests.oracle.terms import Terms, currency_of, exchange, terms_of
from tests.oracle.world import World, half, shared

Cost = tuple[str, Fraction] | None  # currency and amount; None is unknown
LIMITS = ("minimum", "maximum")


@dataclass(slots=True)
class Priced:
    """What is priced as one: a quantity with its prices.

    Attributes:
        payer: on whose bill: the billed customer, or vendor and connection on the cost side.
        pools: how many customers' `included` count.
    """

    payer: str
    customer: str
    sku: str
    dimension: str
    shares: list[Share]
    records: list[Record]
    pools: int = 1
    charges: list[Charged] = field(default_factory=list)

    @property
    def quantity(self) -> Fraction:
        return sum((record.quantity for record in self.records), Fraction(0))

    @property
    def is_percentage(self) -> bool:
        """On any day of the month."""
        return any(share["model"] == "percentage" for share in self.shares if share.part)

    def is_taken_of(self, other: Priced) -> bool:
        """Whether it is, on any day, a percentage of the other."""
        bases = {share["basis"] for share in self.shares if share.part and share["model"] == "percentage"}
        return self.payer == other.payer and not other.is_percentage and bool(bases & {"*", other.sku})

    @property
    def is_pooled(self) -> bool:
        return bool(self.shares) and self.shares[-1]["pooled"] == "yes"


@dataclass(frozen=True, slots=True)
class Charged:
    """One charge in the price's currency."""

    kind: str
    order: tuple[object, ...]
    weight: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge on an invoice, exact; the cost is None where it is unknown."""

    terms: Terms
    customer: str
    kind: str
    sku: str
    dimension: str
    exact: Fraction
    cost: Fraction | None = Fraction(0)


def rate(priced: list[Priced], cost_of: Callable[[Priced], Fraction | None]) -> None:
    """Charge everything; percentages after what they are taken of."""
    plain = [one for one in priced if not one.is_percentage]
    for one in [*plain, *(one for one in priced if one.is_percentage)]:
        basis = [
            other
            for other in plain
            if other.payer == one.payer and (one.is_pooled or other.customer == one.customer)
        ]
        one.charges = [*_charges(one, basis, cost_of)]


def _charges(
    one: Priced, basis: list[Priced], cost_of: Callable[[Priced], Fraction | None]
) -> Iterable[Charged]:
    rated = [(share, _parts(one, share, basis, cost_of)) for share in one.shares if share.part]
    found = [(share, parts) for share, parts in rated if parts is not None]
    for share, parts in found:
        for part in parts:
            order = (share.first_day, *part.order)
            yield Charged(part.kind, order, part.usage * share.part, half(part.amount * share.weight))
    for kind in LIMITS if len(found) == len(rated) else ():
        stating = [
            (share, parts)
            for share, parts in found
            if share.limit(kind) is not None and (one.records or parts)
        ]
        limit = sum((share.limit(kind) or Fraction(0) for share, _ in stating), Fraction(0))
        amount = sum((part.amount * share.weight for share, parts in stating for part in parts), Fraction(0))
        if stating and amount >= 0 and (amount < limit if kind == "minimum" else amount > limit):
            yield Charged(kind, (), Fraction(0), half(limit - amount))


def _parts(
    one: Priced, share: Share, basis: list[Priced], cost_of: Callable[[Priced], Fraction | None]
) -> list[Part] | None:
    """What the price makes of it; None when that cannot be known."""
    if share["model"] == "percentage":
        taken = [
            charged.amount
            for other in basis
            if share["basis"] in {"*", other.sku}
            for charged in other.charges
        ]
        if not taken:
            return []
        return [Part("usage", (1, 0), one.quantity, percent_of(sum(taken, Fraction(0)), share["percent"]))]
    if not one.records:
        return []
    if share["model"] == "cost_plus":
        if not one.quantity:
            return []
        cost = cost_of(one)
        if cost is None:
            return None
        return [Part("usage", (1, 0), one.quantity, cost + percent_of(cost, share["percent"]))]
    return [*parts_of(share, one.quantity, one.pools)]


def sales(world: World, month: date, records: Sequence[Record], cost: dict[Record, Cost]) -> list[Charge]:
    """The charges for usage of every customer."""
    groups: dict[tuple[Terms, str, str], list[Record]] = defaultdict(list)
    billable = [record for record in records if record.customer and not record.reason]
    for record in billable:
        terms = terms_of(world, record.customer, month)
        if terms and record.quantity is not None:
            groups[terms, record.sku, record.dimension].append(record)
    priced = [
        (terms, one)
        for (terms, sku, dimension), group in groups.items()
        for one in _priced(world, terms, sku, dimension, month, group)
    ]
    priced += _without_usage(world, month, billable)
    card_currency = {terms: currency_of(world, terms.card) for terms, _ in priced}
    for terms in card_currency:
        here = [one for other, one in priced if other == terms]
        rate(here, lambda one, t=terms: _cost_in(world, one, cost, card_currency[t], month))
    return [
        charge
        for terms, one in priced
        for charge in _converted(world, terms, one, month, _cost_in(world, one, cost, terms.currency, month))
    ]


def _priced(
    world: World, terms: Terms, sku: str, dimension: str, month: date, records: list[Record]
) -> Iterable[Priced]:
    shares, _ = price_shares(world, terms.card, terms.billed, sku, dimension, month, terms.zone)
    customers = sorted({record.customer for record in records})
    one = Priced(terms.billed, terms.billed, sku, dimension, shares, records, len(customers))
    if one.is_pooled:
        yield one
        return
    for customer in customers:
        own = [record for record in records if record.customer == customer]
        yield Priced(terms.billed, customer, sku, dimension, shares, own)


def _without_usage(world: World, month: date, billable: list[Record]) -> list[tuple[Terms, Priced]]:
    """Percentages on SKUs that a customer has no usage of."""
    found = []
    payers = {record.customer: terms_of(world, record.customer, month) for record in billable}
    for terms in dict.fromkeys(filter(None, payers.values())):
        own = [record for record in billable if payers[record.customer] == terms]
        for sku in {row["sku"] for row in world.rows("rate", rate_card=terms.card, model="percentage")}:
            shares, _ = price_shares(world, terms.card, terms.billed, sku, "", month, terms.zone)
            used = {record.customer for record in own if record.sku == sku}
            one = Priced(terms.billed, terms.billed, sku, "", shares, [])
            if one.is_pooled:
                found += [] if used else [(terms, one)]
                continue
            buyers = {terms.billed, *(record.customer for record in own)}
            found += [
                (terms, Priced(terms.billed, customer, sku, "", shares, []))
                for customer in sorted(buyers - used)
            ]
    return found


def _cost_in(
    world: World, one: Priced, cost: dict[Record, Cost], currency: str, month: date
) -> Fraction | None:
    """What the records of one cost together, one sum for each currency; None where any is unknown."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for record in one.records:
        known = cost[record]
        if known is None:
            return None
        sums[known[0]] += known[1]
    total = Fraction(0)
    for source, amount in sums.items():
        rate = exchange(world, source, currency, month)
        if rate is None:
            return None
        total += half(amount * rate)
    return total


def _converted(
    world: World, terms: Terms, one: Priced, month: date, cost: Fraction | None
) -> Iterable[Charge]:
    fx = exchange(world, currency_of(world, terms.card), terms.currency, month)
    if fx is None:
        return
    lines = sorted((c for c in one.charges if c.kind not in LIMITS), key=lambda c: c.order)
    parts: list[Fraction | None] = [None] * len(lines)
    if cost is not None and lines:
        parts = [*shared(cost, [line.weight for line in lines])]
    for line, part in zip(lines, parts, strict=True):
        yield Charge(terms, one.customer, line.kind, one.sku, one.dimension, half(line.amount * fx), part)
    for limit in (c for c in one.charges if c.kind in LIMITS):
        yield Charge(terms, one.customer, limit.kind, one.sku, one.dimension, half(limit.amount * fx))
