"""What a vendor sums itself and does not list, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.chance import guid
from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.plants.estates import (
    MACHINES,
    infrascale_account,
    infrascale_backup,
    infrascale_username,
    steady,
    xopero_account,
)
from connectors.sandbox.plants.plant import Events, Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import in_euro, sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import Company, Consumption, RedstorDay, Usage
from connectors.sandbox.resellerclub.estate import ResellerClubDay
from connectors.sandbox.xopero.estate import GIB, STANDARD, XoperoDay


def plants(month: date) -> Iterator[Plant]:
    """Sums that differ from what is listed."""
    yield _account_left_out(month)
    yield _company_not_shown(month)
    yield _balance_taken(month)
    yield _other_unit(month)
    yield _assigned_beyond_capacity(month)


def _unlisted(shown: InfrascaleDay, subject: Subject, gb: int) -> InfrascaleDay:
    """An account beside its first one, which the sum of its company counts and the list leaves out."""
    (listed,) = (row for row in shown.accounts if row.username == infrascale_username(subject))
    other = listed._replace(username=f"other.{subject.kind}", used_kb=gb * 1_953_125 // 2, size_mb=0)
    return replace(shown, unlisted=(*shown.unlisted, other))


def _account_left_out(month: date) -> Plant:
    subject, gb = Subject("account-left-out"), 60
    listed = steady(infrascale_account, subject, gb=100)

    def infrascale(shown: InfrascaleDay, on: date) -> InfrascaleDay:
        shown = listed(shown, on)
        return _unlisted(shown, subject, gb) if on >= month else shown

    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-52",
        meaning="The summary of a company has 60 GB that none of its listed accounts has.",
        findings=(Finding("R-52", "leak", month, money(sell("IF-STORAGE", gb, month))),),
        infrascale=infrascale,
        infrascale_events=steady(infrascale_backup, subject),
        reference=subject.of("infrascale"),
    )


def _company_not_shown(month: date) -> Plant:
    """Of which product the machines are, a sum does not say: the first by name that has workloads."""
    subject, machines = Subject("company-not-shown"), 12

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        if on < month:
            return shown
        own = subject.redstor
        usage = Usage(0, 0, 0, 0, 0, 0, machines, 0)
        return replace(
            shown,
            companies=(
                *shown.companies,
                Company(own, subject.name, True, "Customer", shown.root.company_id),
            ),
            unlisted=(*shown.unlisted, Consumption(own, guid(76, subject.number), MACHINES, False, usage)),
        )

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-08",
        meaning="The sum over all companies has twelve machines more than the companies that we are shown.",
        findings=(Finding("R-08", "leak", month, money(sell("RS-AZURE", machines, month))),),
        redstor=redstor,
        reference=subject.of("redstor"),
    )


def _balance_taken(month: date) -> Plant:
    since, dollars = month + timedelta(days=9), Decimal("123.45")

    def resellerclub(shown: ResellerClubDay, on: date) -> ResellerClubDay:
        return replace(shown, taken=shown.taken + dollars) if on >= since else shown

    return Plant(
        kind="balance-taken",
        vendor="resellerclub",
        code="R-52",
        meaning="Money left our balance, and no transaction says what for.",
        findings=(Finding("R-52", "cost", month, money(in_euro("resellerclub", dollars, month))),),
        resellerclub=resellerclub,
    )


def _other_unit(month: date) -> Plant:
    """1024 for 1000, at three companies: the sum of each is 24 GB more than its account."""
    subjects = [Subject(f"other-unit-{n}") for n in (1, 2, 3)]

    def infrascale(shown: InfrascaleDay, on: date) -> InfrascaleDay:
        for subject in subjects:
            shown = infrascale_account(shown, on, subject, gb=1000)
            if on >= month:
                shown = _unlisted(shown, subject, 24)
        return shown

    def infrascale_events(told: Events, on: date) -> Events:
        for subject in subjects:
            told = infrascale_backup(told, on, subject)
        return told

    def reference(tables: Tables) -> None:
        for subject in subjects:
            subject.of("infrascale")(tables)

    leak = Finding("R-52", "leak", month, money(sell("IF-STORAGE", 24, month)))
    return Plant(
        kind="other-unit",
        vendor="infrascale",
        code="R-35",
        meaning="The summary of three companies is 1.024 times what their accounts have.",
        findings=(Finding("R-35", "control", month), leak, leak, leak),
        infrascale=infrascale,
        infrascale_events=infrascale_events,
        reference=reference,
    )


def _assigned_beyond_capacity(month: date) -> Plant:
    subject = Subject("assigned-beyond-capacity")

    def xopero(shown: XoperoDay, on: date) -> XoperoDay:
        assigned = STANDARD.capacity + (GIB if on >= month else 0)
        return xopero_account(shown, on, subject, used_bytes=20 * GIB, capacity=assigned)

    return Plant(
        kind=subject.kind,
        vendor="xopero",
        code="R-52",
        meaning="A gibibyte more is assigned to an account than its licence has.",
        findings=(Finding("R-52", "control", month),),
        xopero=xopero,
        reference=subject.of("xopero"),
    )
