"""One plant for each way there is: a vendor's day, the user's tables, pulls, and the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connectors.sandbox.plants.estates import (
    infrascale_account,
    infrascale_backup,
    redstor_subscription,
    steady,
)
from connectors.sandbox.plants.plant import Finding, Plant, Tables, before, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject


def plants(month: date) -> Iterator[Plant]:
    """The worked examples."""
    yield _unmapped_account(month)
    yield _mapping_ran_out(month)
    yield _missing_pull(month)
    yield _net_of_other_lines(month)


def _unmapped_account(month: date) -> Plant:
    """A vendor's day: somebody made a company there on the first of the month, and told nobody."""
    subject = Subject("unmapped-account")
    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-09",
        meaning="A company with twelve computers that is mapped to nobody.",
        findings=(Finding("R-09", "leak", month, money(sell("IF-DEVICE", 12, month))),),
        infrascale=steady(infrascale_account, subject, since=month, windows=12),
        infrascale_events=steady(infrascale_backup, subject, since=month),
    )


def _mapping_ran_out(month: date) -> Plant:
    """The user's tables: nobody renewed a mapping that was given an end."""
    subject = Subject("mapping-ran-out")

    def reference(tables: Tables) -> None:
        subject.sign_up(tables)
        subject.map(tables, "redstor", valid_to=month.isoformat())

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-09",
        meaning="Eight machines of a customer whose mapping ended with the month before.",
        findings=(Finding("R-09", "leak", month, money(sell("RS-MACHINE", 8, month))),),
        redstor=steady(redstor_subscription, subject, count=8),
        reference=reference,
    )


def _missing_pull(month: date) -> Plant:
    """Pulls: a night of which nobody has anything."""
    night = month + timedelta(days=11)
    of_it = f"vendor = 'infrascale' AND usage_date = DATE '{night}'"
    return Plant(
        kind="missing-pull",
        vendor="infrascale",
        code="R-01",
        meaning="A night on which nobody asked Infrascale for its cloud services.",
        findings=(Finding("R-01", "control", month),),
        landed=(
            f"DELETE FROM staging.usage_snapshot WHERE resource_type = 'cloud_service' AND {of_it}",
            f"DELETE FROM ops.pull WHERE stream = 'cloud_usage' AND {of_it}",
        ),
    )


def _net_of_other_lines(month: date) -> Plant:
    """The books: an invoice of the month before whose net is not that of its lines."""
    subject, last = Subject("net-of-other-lines"), before(month)
    return Plant(
        kind=subject.kind,
        vendor="",
        code="R-27",
        meaning="An issued invoice asks for ten euro less than its lines come to.",
        findings=(Finding("R-27", "leak", last, money("10")),),
        also=frozenset({"R-39"}),
        redstor=steady(redstor_subscription, subject, count=20),
        reference=subject.of("redstor"),
        books=(
            (
                "UPDATE billing.document SET net = net - 10, total = total - 10 "
                f"WHERE billed_customer_id = '{subject.customer_id}' AND month = DATE '{last}'"
            ),
        ),
    )
