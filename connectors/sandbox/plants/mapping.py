"""Usage that nobody is charged for, because nobody said whose, as what or at what price it is sold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.plants.estates import (
    GOOGLE,
    infrascale_account,
    infrascale_backup,
    redstor_subscription,
    resellerclub_order,
    revirt365_seats,
    steady,
    xopero_account,
)
from connectors.sandbox.plants.plant import Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject, add
from connectors.sandbox.revirt365.estate import ReVirt365Day

COUNT = 10
GIB = 2**30


def plants(month: date) -> Iterator[Plant]:
    """Everything that a row of the user's tables would mend."""
    yield _xopero_unmapped(month)
    yield _order_unmapped(month)
    yield _exclusion_ran_out(month)
    yield _new_license(month)
    yield _new_product(month)
    yield _mapping_changed(month)
    yield _mapping_twice(month)
    yield _exclusion_grows(month)
    yield _new_service(month)
    yield _no_price(month)


def _xopero_unmapped(month: date) -> Plant:
    subject = Subject("xopero-unmapped")
    return Plant(
        kind=subject.kind,
        vendor="xopero",
        code="R-09",
        meaning="A customer of Xopero with 300 GiB that is mapped to nobody.",
        findings=(Finding("R-09", "leak", month, money(sell("XO-STORAGE", 300, month))),),
        xopero=steady(xopero_account, subject, since=month, used_bytes=300 * GIB),
    )


def _order_unmapped(month: date) -> Plant:
    """Priced in proportion to the days from its creation, of which the day itself is one."""
    subject = Subject("order-unmapped")
    created_on = month + timedelta(days=10)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    gib = (Decimal(500) * ((last - created_on).days + 1) / last.day).quantize(Decimal("0.001"))
    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-09",
        meaning="An order of 500 GiB at ResellerClub by a customer that nobody knows.",
        findings=(Finding("R-09", "leak", month, money(sell("RC-STORAGE", gib, month))),),
        resellerclub=steady(resellerclub_order, subject, gib=500, created_on=created_on),
    )


def _exclusion_ran_out(month: date) -> Plant:
    subject = Subject("exclusion-ran-out")

    def reference(tables: Tables) -> None:
        subject.map(
            tables,
            "revirt365",
            state="excluded",
            customer_id="",
            reason="Shown at a fair",
            valid_to=month.isoformat(),
        )

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-09",
        meaning="A demonstration at ReVirt365 that was excluded until a day that has passed.",
        findings=(Finding("R-09", "leak", month, money(sell("RV-M365", COUNT, month))),),
        revirt365=steady(revirt365_seats, subject, seats=COUNT),
        reference=reference,
    )


def _new_license(month: date) -> Plant:
    subject = Subject("new-license")

    def infrascale(shown: InfrascaleDay, on: date) -> InfrascaleDay:
        licenses = ("OracleBackup", "OracleBackup") if on >= month else ()
        return infrascale_account(shown, on, subject, windows=COUNT, licenses=licenses)

    return Plant(
        kind=subject.kind,
        vendor="infrascale",
        code="R-10",
        meaning="Infrascale sells a customer two licences of a type that nobody mapped.",
        findings=(Finding("R-10", "leak", month, money(sell("IF-IMAGE", 2, month))),),
        infrascale=infrascale,
        infrascale_events=steady(infrascale_backup, subject),
        reference=subject.of("infrascale"),
    )


def _new_product(month: date) -> Plant:
    """Of its seats the cheapest are those of Google Workspace."""
    subject = Subject("new-product")
    product = GOOGLE._replace(product_id=901, name="Slack", short_name="SLACK", sku="RS-SLACK-SEAT")
    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-10",
        meaning="Redstor sells a customer ten seats of a product that nobody mapped.",
        findings=(Finding("R-10", "leak", month, money(sell("RS-GOOGLE", COUNT, month))),),
        redstor=steady(redstor_subscription, subject, since=month, product=product, count=COUNT),
        reference=subject.of("redstor"),
    )


def _mapping_changed(month: date) -> Plant:
    subject, later = Subject("mapping-changed"), Subject("mapping-changed-later")
    changed_on = (month + timedelta(days=15)).isoformat()

    def reference(tables: Tables) -> None:
        subject.sign_up(tables)
        later.sign_up(tables)
        subject.map(tables, "revirt365", valid_to=changed_on)
        subject.map(tables, "revirt365", customer_id=later.customer_id, valid_from=changed_on)

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-11",
        meaning="An account of ReVirt365 goes to another customer in the middle of the month.",
        findings=(Finding("R-11", "over_bill", month, money(sell("RV-M365", COUNT, month))),),
        revirt365=steady(revirt365_seats, subject, seats=COUNT),
        reference=reference,
    )


def _mapping_twice(month: date) -> Plant:
    subject, other = Subject("mapping-twice"), Subject("mapping-twice-other")

    def reference(tables: Tables) -> None:
        subject.sign_up(tables)
        other.sign_up(tables)
        subject.map(tables, "redstor")
        subject.map(
            tables,
            "redstor",
            account_id=subject.redstor.upper(),
            customer_id=other.customer_id,
            valid_from=f"{month}",
        )

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-12",
        meaning="A company of Redstor is mapped to one customer, and in capitals to another.",
        findings=(Finding("R-12", "over_bill", month),),
        redstor=steady(redstor_subscription, subject, count=COUNT),
        reference=reference,
    )


def _exclusion_grows(month: date) -> Plant:
    subject = Subject("exclusion-grows")
    growth = sell("RV-M365", 4 * COUNT, month) - sell("RV-M365", COUNT, month)

    def reference(tables: Tables) -> None:
        subject.map(
            tables,
            "revirt365",
            state="excluded",
            customer_id="",
            reason="Gift to a school",
            valid_to=(month + timedelta(days=400)).isoformat(),
        )

    def revirt365(shown: ReVirt365Day, on: date) -> ReVirt365Day:
        return revirt365_seats(shown, on, subject, seats=COUNT if on < month else 4 * COUNT)

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-13",
        meaning="An excluded account has four times the seats that it was excluded with.",
        findings=(Finding("R-13", "leak", month, money(growth)),),
        revirt365=revirt365,
        reference=reference,
    )


def _new_service(month: date) -> Plant:
    """Its seats are licensed, and nobody uses them yet."""
    subject = Subject("new-service")
    product = GOOGLE._replace(product_id=902, name="Salesforce", short_name="SF", sku="RS-SALESFORCE")
    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-20",
        meaning="Redstor sells a customer a product of which no meter is billed.",
        findings=(Finding("R-20", "leak", month),),
        redstor=steady(redstor_subscription, subject, since=month, product=product, inactive=COUNT),
        reference=subject.of("redstor"),
    )


def _no_price(month: date) -> Plant:
    subject = Subject("no-price")

    def reference(tables: Tables) -> None:
        card = f"P-{subject.number}"
        add(tables, "rate_card", rate_card=card, name="Agreed with nobody", side="sell", currency="EUR")
        subject.sign_up(tables, rate_card=card, valid_from=month.isoformat())
        subject.map(tables, "redstor", valid_from=month.isoformat())

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-25",
        meaning="A new customer was given a rate card without a price for the machines it uses.",
        findings=(Finding("R-25", "leak", month, money(sell("RS-MACHINE", COUNT, month))),),
        redstor=steady(redstor_subscription, subject, since=month, count=COUNT),
        reference=reference,
    )
