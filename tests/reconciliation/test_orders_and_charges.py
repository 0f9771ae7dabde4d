"""ResellerClub's orders against what it charges our account: terms paid in advance, renewals, and ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.reconciliation.checked import found
from tests.reconciliation.invoiced_by_vendor import insert
from tests.reconciliation.told import ALWAYS, OCTOBER, in_short
from warehouse.build import PULL, create, fill
from warehouse.calendar import month_after, month_days, set_months
from warehouse.models import models
from warehouse.reference.install import write
from warehouse.reference.rows import Row

SEPTEMBER, NOVEMBER = date(2026, 9, 1), date(2026, 11, 1)
BEFORE = date(2026, 9, 30)
CLUB = {"vendor": "resellerclub", "connection": "default"}
REFERENCE: dict[str, list[dict[str, Any]]] = {
    "billing_entity": [
        {"billing_entity_id": "eu", "name": "Us", "country": "NL", "currency": "EUR", "time_zone": "UTC"}
        | {"invoice_prefix": "US"}
    ],
    "customer": [
        {"customer_id": "ann", "name": "Ann", "kind": "reseller", "bill_to": "self", "currency": "EUR"}
        | {"billing_entity_id": "eu", "rate_card": "list", "tax_code": "vat"}
    ],
    "account_mapping": [{**CLUB, "account_id": "17", "state": "mapped", "customer_id": "ann"}],
    "sku": [{"sku": "gib", "name": "Storage", "service": "Backup", "unit": "GiB"}],
    "meter": [{"vendor": "resellerclub", "meter": "ordered_gib", "unit": "GiB"}],
    "sku_mapping": [
        {"vendor": "resellerclub", "product": "8101", "meter": "ordered_gib", "sku": "gib"}
        | {"aggregation": "average"}
    ],
    "rate_card": [{"rate_card": "list", "name": "List", "currency": "EUR"}],
    "rate": [{"rate_card": "list", "sku": "gib", "model": "per_unit", "unit_price": Decimal("0.31")}],
}


class Club:
    """One order of 100 GiB for 3 months, which costs 30 EUR, and 28 to renew.

    We bill 0.31 EUR for a GiB and month.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        create(connection, None)
        self.refer()
        self.days = [BEFORE, *month_days(OCTOBER)]
        for day, (kind, amount) in product(self.days, (("cost", 30), ("renewal", 28))):
            price = {"product": "acronisbackupus", "plan": "8101", "price_kind": kind, "term_months": 3}
            told = {"currency": "EUR", "price": Decimal(amount), "usage_date": day, "pull_id": "p"}
            insert(connection, "staging.vendor_price", {**CLUB, **price, **told})

    def refer(self, **tables: list[dict[str, Any]]) -> None:
        """The reference, with these tables instead of its own."""
        write(
            self.connection,
            {
                name: [Row(n, ALWAYS | row) for n, row in enumerate(rows, start=2)]
                for name, rows in (REFERENCE | tables).items()
            },
        )

    def order(
        self,
        started_on: date,
        ends_on: date,
        *,
        gib: int = 100,
        since: date = date.min,
        until: date = date.max,
        status: str = "active",
    ) -> None:
        """How the order is told on the days from `since` to the one before `until`."""
        for day in self.days:
            if max(since, started_on) <= day < until:
                told = {
                    "account_id": "17",
                    "subscription_id": "91",
                    "product": "acronisbackupus",
                    "plan": "8101",
                }
                figures = {
                    "status": status,
                    "quantity": Decimal(gib),
                    "unit": "GiB",
                    "started_on": started_on,
                }
                where = {"ends_on": ends_on, "usage_date": day, "pull_id": "o"}
                insert(self.connection, "staging.subscription", {**CLUB, **told, **figures, **where})

    def charged(self, day: date, amount: str, *, order: str = "91", product: str = "acronisbackupus") -> None:
        """Our account is charged."""
        told = {
            "transaction_id": f"{order}{day:%d}",
            "kind": "invoice",
            "order_id": order,
            "product": product,
        }
        money = {"currency": "EUR", "amount": -Decimal(amount)}
        at = {"occurred_at": datetime.combine(day, time(9), UTC), "usage_date": day, "pull_id": "t"}
        insert(self.connection, "staging.vendor_transaction", {**CLUB, **told, **money, **at})

    def findings(self, check: str = "order_transaction", missing: str = "") -> list[dict[str, Any]]:
        """What a check finds in October; `missing` is a day whose transactions were not pulled."""
        pulls = [
            _pull(stream, day)
            for day in self.days
            for stream in ("orders", "transactions")
            if (stream, str(day)) != ("transactions", missing)
        ]
        self.connection.register("incoming", pa.Table.from_pylist(pulls, PULL))
        self.connection.execute("INSERT INTO ops.pull BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")
        set_months(self.connection, [OCTOBER], NOVEMBER)
        for model in models():
            if model.selects and model.name.startswith("billing."):
                fill(self.connection, model, [OCTOBER] if model.is_monthly else month_days(OCTOBER))
        return found(self.connection, check, OCTOBER)


def _pull(stream: str, day: date) -> dict[str, Any]:
    instant = datetime.combine(day + timedelta(days=1), time(2), UTC)
    return {
        **dict.fromkeys(PULL.names, ""),
        **CLUB,
        **dict.fromkeys(("pages", "rows", "version"), 1),
        **dict.fromkeys(("vendor_total", "quarantine_path")),
        "pull_id": f"{stream}-{day}",
        "stream": stream,
        "usage_date": day,
        "status": "ok",
        "quarantined": 0,
        "unknown_fields": [],
        **dict.fromkeys(("started_at", "finished_at"), instant),
    }


@pytest.fixture
def club() -> Iterator[Club]:
    with duckdb.connect() as connection:
        yield Club(connection)


def test_an_order_and_its_charge_are_no_finding(club: Club) -> None:
    """New on the 5th, more storage on the 9th, and charges of other products besides."""
    begins, ends = date(2026, 10, 5), date(2027, 1, 5)
    club.order(begins, ends, until=date(2026, 10, 9))
    club.order(begins, ends, gib=150, since=date(2026, 10, 9))
    club.charged(begins, "30.000")
    club.charged(date(2026, 10, 9), "2.750")
    club.charged(date(2026, 10, 14), "10.505", order="7001", product="domcno")
    assert club.findings() == []
    assert found(club.connection, "vendor_price", OCTOBER) == []
    lines = club.connection.execute(
        "SELECT kind, account_id, sku, service_period_start, service_period_end, days_covered, line_amount, "
        "amount FROM reconciliation.vendor_invoice_line ORDER BY occurred_on"
    ).fetchall()
    assert lines == [
        # 27 of the term's 92 days are in October, and 23 of the 88 that the storage is paid for.
        ("term", "17", "gib", begins, ends, 27, 30, Decimal("8.804347826086957")),
        ("storage", "17", "gib", date(2026, 10, 9), ends, 23, Decimal("2.75"), Decimal("0.718750000000000")),
    ]


def test_a_renewal_is_for_the_term_that_it_adds(club: Club) -> None:
    """Bought on the 29th, and nothing of it is October's: it stands in November."""
    first, second, third = date(2026, 8, 1), NOVEMBER, date(2027, 2, 1)
    club.order(first, second, until=date(2026, 10, 29))
    club.order(first, third, since=date(2026, 10, 29))
    club.charged(date(2026, 10, 29), "28.000")
    assert club.findings() == []
    sql = (
        "SELECT month, service_period_start, service_period_end, days_covered, amount, expected_amount "
        "FROM reconciliation.vendor_invoice_line"
    )
    found(club.connection, "vendor_price", OCTOBER)
    assert club.connection.execute(sql).fetchall() == [(OCTOBER, second, third, 0, 0, 0)]
    set_months(club.connection, [NOVEMBER], month_after(NOVEMBER))
    (model,) = (one for one in models() if one.name == "reconciliation.vendor_invoice_line")
    fill(club.connection, model, [NOVEMBER])
    share = Decimal("9.130434782608696")  # 30 of 92 days
    assert club.connection.execute(sql).fetchall()[-1] == (NOVEMBER, second, third, 30, share, share)


@pytest.mark.parametrize(("charged", "direction"), [("33.000", "cost"), ("27.000", "control")])
def test_a_term_at_another_price_than_the_list_of_the_day(club: Club, charged: str, direction: str) -> None:
    """All of the difference, in the month in which it was charged."""
    begins = date(2026, 10, 5)
    club.order(begins, date(2027, 1, 5))
    club.charged(begins, charged)
    findings = club.findings("vendor_price")
    assert in_short(findings) == [("R-33", direction, "17", 3)]
    assert findings[0]["sentence"].startswith(
        f"resellerclub charged {int(Decimal(charged))} EUR for order 91 from 2026-10-05 to 2027-01-05; "
        "by its price list of that day it is 30"
    )


def test_an_order_and_its_list_price_are_told_in_the_currency_of_the_cost_card(club: Club) -> None:
    """Both at the frozen rate; without one neither is known."""
    begins = date(2026, 10, 5)
    club.order(begins, date(2027, 1, 5))
    club.charged(begins, "33.000")
    card = {"rate_card": "cost", "name": "Cost", "currency": "USD", "side": "cost"}
    rate = {"fx_set": "s", "from_currency": "EUR", "to_currency": "USD", "rate": Decimal("0.5")}
    told = []
    for rates in ([rate | {"source": "Bank", "quoted_on": BEFORE}], []):
        club.refer(
            rate_card=[*REFERENCE["rate_card"], card],
            vendor_terms=[{**CLUB, "rate_card": "cost"}],
            fx_rate=rates,
        )
        club.findings("vendor_invoice")
        told += club.connection.execute(
            "SELECT currency, expected_amount, invoiced_amount, amount_difference "
            "FROM reconciliation.three_way WHERE basis = 'order'"
        ).fetchall()
    assert told == [
        # 27 of the term's 92 days.
        ("USD", Decimal("4.402173913043479"), Decimal("4.842391304347826"), Decimal("0.44")),
        ("USD", None, None, None),
    ]


def test_a_charge_for_an_order_that_is_not_there(club: Club) -> None:
    """Of a product that is read; what else the account is charged for is not looked at."""
    club.charged(date(2026, 10, 12), "30.000", order="92")
    club.charged(date(2026, 10, 14), "10.505", order="7001", product="domcno")
    assert in_short(club.findings()) == [("R-56", "cost", None, 30)]


@pytest.mark.parametrize(
    ("change", "amount"), [("began", Decimal(30)), ("was renewed", Decimal(28)), ("grew", Decimal(0))]
)
def test_a_change_of_an_order_that_nothing_was_charged_for(club: Club, change: str, amount: Decimal) -> None:
    """What a term costs is in the price list, what storage costs is not."""
    day = date(2026, 10, 12)
    if change == "began":
        club.order(day, date(2027, 1, 12))
    else:
        club.order(date(2026, 7, 15), date(2026, 10, 15), until=day)
        ends = date(2027, 1, 15) if change == "was renewed" else date(2026, 10, 15)
        club.order(
            date(2026, 7, 15), ends, gib=150 if change == "grew" else 100, since=day, until=date(2026, 10, 15)
        )
    findings = club.findings()
    assert in_short(findings) == [("R-56", "control", "17", amount)]
    assert findings[0]["sentence"].startswith(
        f"Order 91 at resellerclub {change} on 2026-10-12 and nothing was"
    )


def test_a_change_is_not_judged_before_the_next_day_is_told(club: Club) -> None:
    """What was ordered after midnight is charged on the next day."""
    club.order(date(2026, 10, 12), date(2027, 1, 12))
    assert club.findings(missing="2026-10-13") == []
    club.charged(date(2026, 10, 13), "30.000")
    assert club.findings() == []


def test_an_order_that_is_active_past_its_end_is_a_leak(club: Club) -> None:
    """Ten days of 31, of 100 GiB at 0.31 EUR; one that ended is no finding."""
    club.order(date(2026, 7, 22), date(2026, 10, 22))
    findings = club.findings()
    assert in_short(findings) == [("R-56", "leak", "17", Decimal("10.00"))]
    assert findings[0]["billed_customer_id"] == "ann"


def test_an_order_that_ended_is_over(club: Club) -> None:
    """The vendor lists it for some weeks."""
    club.order(date(2026, 7, 22), date(2026, 10, 22), until=date(2026, 10, 22))
    club.order(date(2026, 7, 22), date(2026, 10, 22), since=date(2026, 10, 22), status="inactive")
    assert club.findings() == []
