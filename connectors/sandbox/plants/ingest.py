"""Pulls and readings that are not what they should be, whoever they are of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connectors.sandbox.plants.estates import redstor_subscription, revirt365_seats, steady
from connectors.sandbox.plants.plant import Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject, add
from connectors.sandbox.price_list import SINCE
from connectors.sandbox.rate_cards import cost_card
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.revirt365.estate import ReVirt365Day

LARGEST = 2**31 - 1
SEATS = 10
BRANCH = 6
INSTANTS = ("started_at", "finished_at")
NOTHING = ("version = 0", "rows = 0")
FAILED = ("status = 'failed'", *NOTHING, "reason = 'The vendor was down.'")


def plants(month: date) -> Iterator[Plant]:
    """What is wrong before anybody is billed."""
    night = month + timedelta(days=16)
    yield _pull_failed(month, night)
    yield _rows_short(month, night)
    yield _days_not_reported(month, night)
    yield _rows_quarantined(month, night)
    yield _new_field(month, night)
    yield _reading_twice(month)
    yield _snapshot_lost(month, night)
    yield _other_days_figures(month, night)
    yield _silent_empty(month, night)
    yield _sentinel(month, night)
    yield _below_zero(month, night)


def _pull(vendor: str, stream: str, night: date, *changes: str) -> str:
    """The statement that changes what became of a pull."""
    return (
        f"UPDATE ops.pull SET {', '.join(changes)} "
        f"WHERE vendor = '{vendor}' AND stream = '{stream}' AND usage_date = DATE '{night}'"
    )


def _without(table: str, vendor: str, night: date) -> str:
    return f"DELETE FROM staging.{table} WHERE vendor = '{vendor}' AND usage_date = DATE '{night}'"


def _pull_failed(month: date, night: date) -> Plant:
    return Plant(
        kind="pull-failed",
        vendor="revirt365",
        code="R-02",
        meaning="A night on which ReVirt365 did not answer when it was asked for its customers' names.",
        findings=(Finding("R-02", "control", month),),
        landed=(
            _without("vendor_account", "revirt365", night),
            _pull("revirt365", "customers", night, *FAILED),
        ),
    )


def _rows_short(month: date, night: date) -> Plant:
    return Plant(
        kind="rows-short-of-total",
        vendor="infrascale",
        code="R-02",
        meaning="A landed list of Infrascale has three rows less than the vendor says there are.",
        findings=(Finding("R-02", "control", month),),
        landed=(_pull("infrascale", "accounts", night, "vendor_total = rows + 3"),),
    )


def _days_not_reported(month: date, night: date) -> Plant:
    """Overage is charged on proof: a single day that is not reported leaves it unknown."""
    subject = Subject("days-not-reported")
    gb = 40
    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-03",
        meaning="A night of Redstor failed, and no month's overage is known without every day of it.",
        findings=(Finding("R-03", "leak", month, money(sell("RS-OVERAGE", gb, month))),),
        also=frozenset({"R-02", "R-03"}),
        alone="every customer of Redstor loses its overage with it",
        redstor=steady(redstor_subscription, subject, count=SEATS, overage_bytes=gb * 10**9),
        reference=subject.of("redstor"),
        landed=(
            _without("usage_snapshot", "redstor", night),
            _pull("redstor", "consumption", night, *FAILED),
        ),
    )


def _rows_quarantined(month: date, night: date) -> Plant:
    return Plant(
        kind="rows-quarantined",
        vendor="infrascale",
        code="R-05",
        meaning="Two rows of Infrascale's licences could not be read.",
        findings=(Finding("R-05", "leak", month),),
        landed=(_pull("infrascale", "licenses", night, "quarantined = 2"),),
    )


def _new_field(month: date, night: date) -> Plant:
    return Plant(
        kind="new-field",
        vendor="xopero",
        code="R-06",
        meaning="Xopero sends a field that it never sent before.",
        findings=(Finding("R-06", "control", month),),
        landed=(_pull("xopero", "customers", night, "unknown_fields = ['immutableUntil']"),),
    )


def _reading_twice(month: date) -> Plant:
    """A file whose mapping does not say which stream it stands in for."""
    subject = Subject("reading-twice")
    in_month = f"date_trunc('month', usage_date) = DATE '{month}'"
    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-07",
        meaning="A customer's machines are in a file, and in the vendor's own answer too.",
        findings=(Finding("R-07", "over_bill", month, money(sell("RS-MACHINE", SEATS, month))),),
        redstor=steady(redstor_subscription, subject, count=SEATS),
        reference=subject.of("redstor"),
        landed=(
            (
                "INSERT INTO ops.pull SELECT * REPLACE (concat('brought-', pull_id) AS pull_id, "
                "'files' AS vendor, 'usage' AS stream, 1 AS rows) FROM ops.pull "
                f"WHERE vendor = 'redstor' AND stream = 'consumption' AND {in_month}"
            ),
            (
                "INSERT INTO staging.usage_snapshot SELECT * REPLACE (concat('brought-', pull_id) AS "
                "pull_id, 'file' AS resource_type, 'manual' AS quality) FROM staging.usage_snapshot "
                f"WHERE account_id = '{subject.redstor}' AND meter = 'active_workloads' AND {in_month}"
            ),
        ),
    )


def _snapshot_lost(month: date, night: date) -> Plant:
    return Plant(
        kind="snapshot-lost",
        vendor="infrascale",
        code="R-49",
        meaning="Infrascale was asked for its appliances after noon, when it told those of another day.",
        findings=(Finding("R-49", "control", month),),
        landed=(
            f"{_without('usage_snapshot', 'infrascale', night)} AND resource_type = 'appliance'",
            _pull("infrascale", "appliances", night, "status = 'refused'", *NOTHING, "reason = 'Too late.'"),
        ),
    )


def _other_days_figures(month: date, night: date) -> Plant:
    return Plant(
        kind="other-days-figures",
        vendor="resellerclub",
        code="R-50",
        meaning="What is filed as a day's orders of ResellerClub was read four days after it.",
        findings=(Finding("R-50", "control", month),),
        landed=(
            _pull("resellerclub", "orders", night, *(f"{at} = {at} + INTERVAL 4 DAY" for at in INSTANTS)),
        ),
    )


def _silent_empty(month: date, night: date) -> Plant:
    """A second set of credentials, with customers of its own: what it tells is not drowned by the others'."""
    subject = Subject("silent-empty")

    def reference(tables: Tables) -> None:
        subject.sign_up(tables)
        subject.map(tables, "revirt365")
        for n in range(BRANCH):
            subject.map(tables, "revirt365", connection="branch", account_id=f"{subject.revirt365}-{n}")
        add(
            tables,
            "vendor_terms",
            vendor="revirt365",
            connection="branch",
            rate_card=cost_card("revirt365"),
            valid_from=SINCE,
        )

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-51",
        meaning="ReVirt365 answers for a second set of credentials as if it had no customers at all.",
        findings=(Finding("R-51", "leak", month, BRANCH * money(sell("RV-M365", SEATS, month))),),
        revirt365=steady(revirt365_seats, subject, seats=SEATS),
        reference=reference,
        landed=(
            (
                "INSERT INTO ops.pull SELECT * REPLACE (concat('branch-', pull_id) AS pull_id, "
                "'branch' AS connection) FROM ops.pull "
                "WHERE vendor = 'revirt365' AND connection = 'default' AND stream = 'usage'"
            ),
            (
                "INSERT INTO staging.usage_snapshot SELECT told.* REPLACE (concat('branch-', pull_id) AS "
                "pull_id, 'branch' AS connection, concat(account_id, '-', n) AS account_id, "
                "concat(resource_id, '-', n) AS resource_id) FROM staging.usage_snapshot AS told "
                f"CROSS JOIN generate_series(0, {BRANCH - 1}) AS copy (n) "
                f"WHERE account_id = '{subject.revirt365}' AND usage_date <> DATE '{night}'"
            ),
        ),
    )


def _sentinel(month: date, night: date) -> Plant:
    subject = Subject("unlimited-seats")

    def revirt365(shown: ReVirt365Day, on: date) -> ReVirt365Day:
        return revirt365_seats(shown, on, subject, seats=LARGEST if on == night else SEATS)

    return Plant(
        kind=subject.kind,
        vendor="revirt365",
        code="R-53",
        meaning="For one night a customer has the largest number of seats that 32 bits can hold.",
        findings=(Finding("R-53", "over_bill", month, money(sell("RV-M365", LARGEST, month))),),
        revirt365=revirt365,
        reference=subject.of("revirt365"),
    )


def _below_zero(month: date, night: date) -> Plant:
    subject = Subject("machines-below-zero")

    def redstor(shown: RedstorDay, on: date) -> RedstorDay:
        return redstor_subscription(shown, on, subject, count=-3 if on == night else SEATS)

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-53",
        meaning="For one night a customer has three machines less than none.",
        findings=(Finding("R-53", "leak", month, money(sell("RS-MACHINE", 3, month))),),
        redstor=redstor,
        reference=subject.of("redstor"),
    )
