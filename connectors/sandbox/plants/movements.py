"""What moved without a reason: quantities far from those of earlier months, a net that nothing explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.sandbox.plants.estates import redstor_subscription, xopero_account
from connectors.sandbox.plants.machines import MACHINES, SKU, machines, of
from connectors.sandbox.plants.plant import Finding, Plant, before, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.xopero.estate import XoperoDay

_GIB = 2**30


def plants(month: date) -> Iterator[Plant]:
    """Quantities, and one document."""
    yield _machines("three-times-the-machines", 60, "over_bill", month)
    yield _machines("a-fraction-of-the-machines", 2, "leak", month, usual=60)
    yield _storage("ten-times-the-storage", month)
    yield _net("net-that-nothing-explains", month)


def _machines(kind: str, count: int, direction: str, month: date, usual: int = MACHINES) -> Plant:
    subject = Subject(kind)

    def told(shown: RedstorDay, day: date) -> RedstorDay:
        return redstor_subscription(shown, day, subject, count=count if day >= month else usual)

    return Plant(
        kind=kind,
        vendor="redstor",
        code="R-38",
        meaning=f"{count} machines are told where there were {usual} for three months.",
        findings=(Finding("R-38", direction, month, money(sell(SKU, abs(count - usual), month))),),
        redstor=told,
        reference=subject.of("redstor"),
        books=(_earlier(subject, SKU, usual, month),),
    )


def _storage(kind: str, month: date) -> Plant:
    subject, usual, now = Subject(kind), 400, 4000
    # A month's quantity costs the price of its own tiers, and so does each GiB that is too many.
    worth = sell("XO-STORAGE", now, month) * Decimal(now - usual) / now

    def told(shown: XoperoDay, day: date) -> XoperoDay:
        return xopero_account(shown, day, subject, used_bytes=(now if day >= month else usual) * _GIB)

    return Plant(
        kind=kind,
        vendor="xopero",
        code="R-38",
        meaning="Ten times the storage is told of the same account.",
        findings=(Finding("R-38", "over_bill", month, money(worth)),),
        xopero=told,
        reference=subject.of("xopero"),
        books=(_earlier(subject, "XO-STORAGE", usual, month),),
    )


def _net(kind: str, month: date) -> Plant:
    last = before(month)
    finding = Finding("R-39", "control", last, money("7.03"))
    plant = machines(
        kind,
        "R-39",
        "The net of an issued invoice is not what its lines are.",
        finding,
        f"UPDATE billing.document SET net = net + 7.03, total = total + 7.03 WHERE {of(kind, last)}",
    )
    return replace(plant, findings=(finding, finding._replace(month=month)), also=frozenset({"R-27"}))


def _earlier(subject: Subject, sku: str, quantity: int, month: date) -> str:
    """What was used in the month before the world's three: a series needs three months before the last."""
    return (
        "INSERT INTO reconciliation.customer_volume (month, customer_id, sku, quantity, fewest, most) VALUES "
        f"(DATE '{before(month, 3)}', '{subject.customer_id}', '{sku}', {quantity}, 1, 1)"
    )
