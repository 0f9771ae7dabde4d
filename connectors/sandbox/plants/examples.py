"""One plant for each way there is: a vendor's day, the user's tables, pulls, and the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.plants.estates import infrascale_account, infrascale_backup, redstor_subscription
from connectors.sandbox.plants.plant import Events, Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import RedstorDay


def plants(month: date) -> Iterator[Plant]:
    """The worked examples."""
    yield _unmapped(month)
    yield _mapping_ran_out(month)
    yield _missing_pull(month)
    yield _number_missing(month)


def _unmapped(month: date) -> Plant:
    """A vendor's day: somebody at the vendor made a company on the first of the month, and told nobody."""
    subject = Subject("unmapped-account")

    def infrascale(shown: InfrascaleDay, on: date) -> InfrascaleDay:
        return infrascale_account(shown, subject, windows=12) if on >= month else shown

    def events(told: Events, on: date) -> Events:
        return infrascale_backup(told, subject, on) if on >= month else told

    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-09",
        meaning="A company with twelve computers that is mapped to nobody.",
        findings=(Finding("R-09", "leak", month, money(sell("IF-DEVICE", 12, month))),),
        infrascale=infrascale,
        infrascale_events=events,
    )


def _mapping_ran_out(month: date) -> Plant:
    """The user's tables: nobody renewed a mapping that was given an end."""
    subject = Subject("mapping-ran-out")

    def reference(tables: Tables) -> None:
        subject.sign_up(tables)
        subject.map(tables, "redstor", valid_to=month.isoformat())

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        return redstor_subscription(shown, subject, count=8)

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-09",
        meaning="Eight machines of a customer whose mapping ended with the month before.",
        findings=(Finding("R-09", "leak", month, money(sell("RS-MACHINE", 8, month))),),
        redstor=redstor,
        reference=reference,
    )


def _missing_pull(month: date) -> Plant:
    """Pulls: a night of which nobody has anything."""
    night = month + timedelta(days=11)
    pull = f"vendor = 'xopero' AND stream = 'customer_usage' AND usage_date = DATE '{night}'"
    return Plant(
        kind="missing-pull",
        vendor="xopero",
        code="R-01",
        meaning="A night on which nobody asked Xopero what its customers use.",
        findings=(Finding("R-01", "control", month),),
        landed=(
            "DELETE FROM staging.usage_snapshot WHERE pull_id IN "
            f"(SELECT pull_id FROM ops.pull WHERE {pull})",
            f"DELETE FROM ops.pull WHERE {pull}",
        ),
    )


def _number_missing(month: date) -> Plant:
    """The books: a number that no invoice bears."""
    subject = Subject("number-missing")

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        return redstor_subscription(shown, subject, count=1)

    return Plant(
        kind=subject.kind,
        vendor="",
        code="R-40",
        meaning="An invoice is gone from the books, and its number with it.",
        findings=(Finding("R-40", "control", month),),
        redstor=redstor,
        reference=subject.of("redstor"),
    )
