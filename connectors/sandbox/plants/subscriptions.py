"""What subscriptions say, and what is billed all the same or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from connectors.sandbox.plants.estates import redstor_subscription, steady, xopero_account
from connectors.sandbox.plants.plant import Finding, Plant, Tables, before, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.xopero.estate import GIB, STANDARD, XoperoDay


def plants(month: date) -> Iterator[Plant]:
    """Subscriptions and bills that contradict each other."""
    yield _subscription_without_usage(month)
    yield _usage_without_subscription(month)
    yield _trial_by_usage(month)
    yield _trial_by_subscription(month)
    yield _trial_without_end(month)
    yield _overage_not_sold(month)
    yield _bytes_beyond_quota(month)


def _of_the_month(
    month: date,
    subject: Subject,
    count: int,
    change: Callable[[RedstorDay], RedstorDay],
    trial_status: str = "NotUsed",
) -> Callable[[RedstorDay, date], RedstorDay]:
    """Machines of a subject at Redstor, told last; from the month on as `change` has them."""

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        if on < month:
            return redstor_subscription(shown, on, subject, count=count)
        return change(redstor_subscription(shown, on, subject, count=count, trial_status=trial_status))

    return redstor


def _subscription_without_usage(month: date) -> Plant:
    subject = Subject("subscription-without-usage")
    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-48",
        meaning="An active subscription that is backed up, and of which no usage is told any more.",
        findings=(Finding("R-48", "leak", month),),
        redstor=_of_the_month(
            month, subject, 5, lambda shown: replace(shown, consumption=shown.consumption[:-1])
        ),
        reference=subject.of("redstor"),
    )


def _usage_without_subscription(month: date) -> Plant:
    subject, machines = Subject("usage-without-subscription"), 6

    def ended(shown: RedstorDay) -> RedstorDay:
        *others, own = shown.subscriptions
        return replace(shown, subscriptions=(*others, own._replace(is_active=False, trial_status="Removed")))

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-48",
        meaning="Six machines of a subscription that the vendor has ended.",
        findings=(Finding("R-48", "over_bill", month, money(sell("RS-MACHINE", machines, month))),),
        also=frozenset({"R-17"}),
        redstor=_of_the_month(month, subject, machines, ended),
        reference=subject.of("redstor"),
    )


def _trial_by_usage(month: date) -> Plant:
    subject, machines = Subject("trial-by-usage"), 5

    def on_trial(shown: RedstorDay) -> RedstorDay:
        *others, own = shown.consumption
        return replace(shown, consumption=(*others, own._replace(is_trial=True)))

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-54",
        meaning="Five machines on trial by their usage, of a subscription that is paid for.",
        findings=(Finding("R-54", "leak", month, money(sell("RS-MACHINE", machines, month))),),
        redstor=_of_the_month(month, subject, machines, on_trial),
        reference=subject.of("redstor"),
    )


def _trial_by_subscription(month: date) -> Plant:
    subject, machines = Subject("trial-by-subscription"), 3

    def paid_for(shown: RedstorDay) -> RedstorDay:
        *others, own = shown.consumption
        return replace(shown, consumption=(*others, own._replace(is_trial=False)))

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-54",
        meaning="Three machines that are billed, of a subscription that says it is on trial.",
        findings=(Finding("R-54", "over_bill", month, money(sell("RS-MACHINE", machines, month))),),
        redstor=_of_the_month(month, subject, machines, paid_for, trial_status="Trial"),
        reference=subject.of("redstor"),
    )


def _trial_without_end(month: date) -> Plant:
    """On the last of the month it has been there for sixty-one days."""
    subject, gib = Subject("trial-without-end"), 30
    since = before(month, -1) - timedelta(days=61)
    return Plant(
        kind=subject.kind,
        vendor="xopero",
        code="R-54",
        meaning="A trial that goes on for two months, and nobody pays.",
        findings=(Finding("R-54", "leak", month, money(sell("XO-STORAGE", gib, month))),),
        xopero=steady(xopero_account, subject, since=since, used_bytes=gib * GIB, kind="TRIAL"),
        reference=subject.of("xopero"),
    )


def _overage_not_sold(month: date) -> Plant:
    """The mapping names the products with seats, and machines go beyond fair use as well."""
    subject, gb = Subject("overage-not-sold"), 20
    by_seats = ("RS-M365-SEAT", "RS-GWS-SEAT", "product-57")

    def reference(tables: Tables) -> None:
        subject.of("redstor")(tables)
        rows = tables["sku_mapping"]
        (every,) = (row for row in rows if row["meter"] == "overage_bytes")
        rows.remove(every)
        rows.extend(every | {"product": product} for product in by_seats)

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        beyond = gb * 10**9 if on >= month else 0
        return redstor_subscription(shown, on, subject, count=3, overage_bytes=beyond)

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-55",
        meaning="Twenty gigabytes beyond fair use, of a product whose overage nobody sells.",
        findings=(Finding("R-55", "leak", month, money(sell("RS-OVERAGE", gb, month))),),
        alone="what other plants' machines have beyond fair use would not be sold either",
        redstor=redstor,
        reference=reference,
    )


def _bytes_beyond_quota(month: date) -> Plant:
    """Xopero is sold by capacity, and from the month on more is stored than was bought."""
    subject, gib = Subject("bytes-beyond-quota"), 30

    def reference(tables: Tables) -> None:
        subject.of("xopero")(tables)
        for table in ("meter", "sku_mapping"):
            (sold,) = (
                row for row in tables[table] if (row["vendor"], row["meter"]) == ("xopero", "used_bytes")
            )
            sold["meter"] = "capacity_bytes"

    def xopero(shown: XoperoDay, on: date) -> XoperoDay:
        beyond = gib * GIB if on >= month else 0
        return xopero_account(shown, on, subject, used_bytes=STANDARD.capacity + beyond)

    return Plant(
        kind=subject.kind,
        vendor="xopero",
        code="R-23",
        meaning="Thirty gibibytes more than the capacity that the customer pays for.",
        findings=(Finding("R-23", "leak", month, money(sell("XO-STORAGE", gib, month))),),
        also=frozenset({"R-23"}),
        alone="everybody at Xopero is billed by capacity with it, and some use more than theirs",
        xopero=xopero,
        reference=reference,
    )
