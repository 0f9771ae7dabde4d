"""What backups say, and what is billed all the same or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.plants.estates import (
    infrascale_account,
    infrascale_backup,
    infrascale_username,
    redstor_subscription,
    revirt365_seats,
    steady,
    xopero_account,
)
from connectors.sandbox.plants.plant import Events, Finding, Plant, Tables, before, money
from connectors.sandbox.plants.prices import cost, sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.revirt365.estate import ReVirt365Day
from connectors.sandbox.xopero.estate import GIB, XoperoDay

FORTNIGHT = 14
GRACE = timedelta(days=30)


def plants(month: date) -> Iterator[Plant]:
    """Activity and bills that contradict each other."""
    yield _usage_stands_still(month)
    yield _left_and_still_using(month)
    yield _computers_without_backup(month)
    yield _machines_failing(month)
    yield _mailboxes_failing(month)
    yield _desktop_at_two_vendors(month)
    yield _account_dropped(month)


def _last(month: date) -> date:
    return before(month, -1) - timedelta(days=1)


def _usage_stands_still(month: date) -> Plant:
    """A hundred gigabytes in which the last fortnight's fourteen left no trace."""
    subject, gb, last = Subject("usage-stands-still"), 100, _last(month)
    natural = steady(infrascale_backup, subject)

    def infrascale_events(told: Events, on: date) -> Events:
        told = natural(told, on)
        if on <= last - timedelta(days=FORTNIGHT):
            return told
        return tuple(
            event._replace(uploaded_size=10**9)
            if event.account_name == infrascale_username(subject) and event.event_type == "BackupCompleted"
            else event
            for event in told
        )

    stale = (Decimal(gb * FORTNIGHT) / last.day).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-04",
        meaning="Used bytes that did not change while a seventh of them was uploaded again.",
        findings=(Finding("R-04", "leak", month, money(sell("IF-STORAGE", stale, month))),),
        infrascale=steady(infrascale_account, subject, gb=gb),
        infrascale_events=infrascale_events,
        reference=subject.of("infrascale"),
    )


def _left_and_still_using(month: date) -> Plant:
    subject, machines = Subject("left-and-still-using"), 4

    def reference(tables: Tables) -> None:
        subject.sign_up(tables, valid_to=(month - GRACE).isoformat())
        subject.map(tables, "redstor")

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-18",
        meaning="A customer that left us a month ago, and whose four machines are still there.",
        findings=(Finding("R-18", "cost", month, money(cost("redstor", "RS-MACHINE", machines, month))),),
        also=frozenset({"R-25"}),
        redstor=steady(redstor_subscription, subject, count=machines),
        reference=reference,
    )


def _computers_without_backup(month: date) -> Plant:
    subject, computers = Subject("computers-without-backup"), 9
    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-19",
        meaning="Nine computers of which the vendor tells no backup.",
        findings=(Finding("R-19", "over_bill", month, money(sell("IF-DEVICE", computers, month))),),
        infrascale=steady(infrascale_account, subject, windows=computers),
        infrascale_events=steady(infrascale_backup, subject, until=month),
        reference=subject.of("infrascale"),
    )


def _machines_failing(month: date) -> Plant:
    subject, machines = Subject("machines-failing"), 7

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        failed = machines if on >= month else 0
        return redstor_subscription(shown, on, subject, count=machines, failed=failed)

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-19",
        meaning="Seven machines whose backups all fail, night after night.",
        findings=(Finding("R-19", "over_bill", month, money(sell("RS-MACHINE", machines, month))),),
        redstor=redstor,
        reference=subject.of("redstor"),
    )


def _mailboxes_failing(month: date) -> Plant:
    subject, seats = Subject("mailboxes-failing"), 15

    def revirt365(shown: ReVirt365Day, on: date) -> ReVirt365Day:
        status = "Failed" if on >= month else "Success"
        return revirt365_seats(shown, on, subject, seats=seats, status=status)

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-19",
        meaning="Fifteen users whose job fails every night.",
        findings=(Finding("R-19", "over_bill", month, money(sell("RV-M365", seats, month))),),
        revirt365=revirt365,
        reference=subject.of("revirt365"),
    )


def _desktop_at_two_vendors(month: date) -> Plant:
    """Installed at the second one on the first of the month; the first is the dearer."""
    subject, gib = Subject("desktop-at-two-vendors"), 20

    def xopero(shown: XoperoDay, on: date) -> XoperoDay:
        shown = xopero_account(shown, on, subject, used_bytes=gib * GIB)
        *others, own = shown.customers
        name = infrascale_username(subject) if on >= month else subject.name
        (account,) = own.accounts
        return replace(
            shown, customers=(*others, own._replace(accounts=(account._replace(name=name.upper()),)))
        )

    return Plant(
        kind=subject.kind,
        vendor="xopero",
        code="R-47",
        meaning="A login that Xopero backs up, and Infrascale too.",
        findings=(Finding("R-47", "over_bill", month, money(sell("XO-STORAGE", gib, month))),),
        infrascale=steady(infrascale_account, subject, gb=50),
        infrascale_events=steady(infrascale_backup, subject),
        xopero=xopero,
        reference=subject.of("infrascale", "xopero"),
    )


def _account_dropped(month: date) -> Plant:
    subject, computers = Subject("account-dropped"), 8
    listed, gone = steady(infrascale_account, subject, windows=computers), month + timedelta(days=10)

    def infrascale(shown: InfrascaleDay, on: date) -> InfrascaleDay:
        shown = listed(shown, on)
        if on < gone:
            return shown
        own = infrascale_username(subject)
        return replace(shown, accounts=tuple(row for row in shown.accounts if row.username != own))

    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-48",
        meaning="An account that left the vendor's list on the 11th, and goes on backing up eight computers.",
        findings=(Finding("R-48", "leak", month, money(sell("IF-DEVICE", computers, month))),),
        infrascale=infrascale,
        infrascale_events=steady(infrascale_backup, subject),
        reference=subject.of("infrascale"),
    )
