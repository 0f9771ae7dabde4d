"""RATING.md section 4: what the vendors should charge us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from tests.oracle.metering import Record
from tests.oracle.prices import price_shares
from tests.oracle.rating import Cost, Priced, rate
from tests.oracle.terms import currency_of
from tests.oracle.world import World, latest_in, shared


def costs(
    world: World, month: date, records: Sequence[Record], order: Callable[[Record], str]
) -> dict[Record, Cost]:
    """What the vendors should charge us for each usage record."""
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        if record.quantity is not None:
            groups[record.vendor, record.connection, record.sku, record.dimension].append(record)
    found: dict[Record, Cost] = dict.fromkeys(records)
    rated: list[tuple[str, Priced]] = []
    unpriced: list[Priced] = []
    for (vendor, connection, sku, dimension), group in groups.items():
        terms = latest_in(world.rows("vendor_terms", vendor=vendor, connection=connection), month)
        if terms is None:
            continue
        card = terms["rate_card"]
        shares, complete = price_shares(world, card, "", sku, dimension, month, "UTC")
        ordered = sorted(group, key=order)
        one = Priced(f"{vendor} {connection}", "", sku, dimension, shares, ordered)
        rated.append((card, one))
        if not complete:
            unpriced.append(one)
    rate([one for _, one in rated], lambda _: None)
    for card, one in rated:
        if any(other is one or one.is_taken_of(other) for other in unpriced):
            continue
        total = sum((charged.amount for charged in one.charges), Fraction(0))
        parts = shared(total, [record.quantity for record in one.records])
        found.update(
            (record, (currency_of(world, card), part))
            for record, part in zip(one.records, parts, strict=True)
        )
    return found
