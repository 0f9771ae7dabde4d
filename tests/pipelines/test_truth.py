"""Nights of all five vendors as one: what is staged is what they know, and a customer gets one bill."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.vendor import vendors
from pipelines.runs import run_job
from tests.pipelines.conftest import NIGHTS, House, tables

pytestmark = pytest.mark.xdist_group("lived-in")  # the nights are run once

ALL_FIVE = {vendor.name for vendor in vendors().values() if vendor.asked}


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_every_staged_reading_is_the_truth_of_its_day(lived_in: House, day: date) -> None:
    """Every vendor and meter, with unit and trial flag, through a change of owners and the end of trials."""
    truth = lived_in.truth(day)
    assert {key[0] for key in truth} == ALL_FIVE
    assert lived_in.staged(day) == truth


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_every_staged_account_is_the_truth_of_its_day(lived_in: House, day: date) -> None:
    """The tree as it was on the day, inactive accounts included."""
    truth = [
        (a.vendor, a.account_id, a.parent_account_id, a.name, a.account_type, a.is_active)
        for a in lived_in.sandbox.world.truth_accounts(day)
    ]
    assert {row[0] for row in truth} == ALL_FIVE
    columns = "vendor, account_id, parent_account_id, name, account_type, is_active"
    assert_same(of_the_day(lived_in, "vendor_account", columns, day), truth)


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_every_staged_subscription_is_the_truth_of_its_day(lived_in: House, day: date) -> None:
    """Plans, quantities and dates; what a vendor does not tell is null."""
    truth = list(lived_in.sandbox.world.truth_subscriptions(day))
    assert {row.vendor for row in truth} == {"redstor", "xopero", "resellerclub"}
    columns = (
        "vendor, account_id, subscription_id, product, plan, status, is_trial, quantity, unit, started_on, "
        "ends_on"
    )
    assert_same(of_the_day(lived_in, "subscription", columns, day), truth)


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_every_staged_price_is_the_truth_of_its_day(lived_in: House, day: date) -> None:
    """What vendors charge us, what they charge customers, and list prices."""
    truth = list(lived_in.sandbox.world.truth_prices(day))
    assert {row.vendor for row in truth} == {"xopero", "resellerclub"}
    columns = "vendor, product, plan, price_kind, term_months, currency, price"
    assert_same(of_the_day(lived_in, "vendor_price", columns, day), truth)


@pytest.mark.parametrize("day", NIGHTS, ids=str)
def test_every_staged_sum_of_a_vendor_is_the_truth_of_its_day(lived_in: House, day: date) -> None:
    """Companies, accounts, customers and our own balance, as the vendors add them up."""
    truth = list(lived_in.sandbox.world.truth_totals(day))
    assert {row.vendor for row in truth} == {"infrascale", "redstor", "xopero", "resellerclub"}
    columns = "vendor, scope, account_id, resource_id, resource_type, meter, quantity, unit, stream"
    assert_same(
        of_the_day(lived_in, "vendor_total", columns, day),
        [row._replace(quantity=Decimal(row.quantity)) for row in truth],
    )


def test_every_staged_transaction_is_the_truth_of_its_day(lived_in: House) -> None:
    """Money that moved, once, on the day on which it did."""
    columns = (
        "vendor, transaction_id, occurred_at, kind, order_id, product, currency, amount, tax_amount, "
        "description"
    )
    truth = {day: list(lived_in.sandbox.world.truth_transactions(day)) for day in NIGHTS}
    assert sum(map(bool, truth.values())) > 1
    for day, told in truth.items():
        staged = of_the_day(lived_in, "vendor_transaction", columns, day)
        assert_same([(*row[:2], row[2].astimezone(UTC), *row[3:]) for row in staged], told)


def test_events_are_the_truth_of_their_day_once_the_next_night_has_come(lived_in: House) -> None:
    """At two o'clock the evening of western clients has not come; the next night brings it, once."""
    columns = (
        "vendor, account_id, resource_id, event_type, status, occurred_at, occurred_at_zone, "
        "uploaded_bytes, duration_seconds, usage_date"
    )
    for day in NIGHTS:
        truth = list(lived_in.sandbox.world.truth_events(day))
        assert {row.vendor for row in truth} == {"infrascale", "redstor", "revirt365"}
        utc = [row._replace(occurred_at=row.occurred_at.replace(tzinfo=None)) for row in truth]
        staged = of_the_day(lived_in, "history_event", columns, day)
        if date.fromordinal(day.toordinal() + 1) in NIGHTS:
            assert_same(staged, utc)
        else:
            assert set(staged) < {tuple(row) for row in utc}


def test_a_customer_of_all_five_vendors_gets_one_invoice(lived_in: House) -> None:
    """Its lines are of five vendors' SKUs, and the lines of every invoice sum to its net."""
    told = lived_in.rows(
        """
        SELECT line.customer_id, count(DISTINCT line.invoice_id), list(DISTINCT mapping.vendor)
        FROM billing.invoice_line AS line
        INNER JOIN reference.sku_mapping AS mapping USING (sku)
        WHERE line.month = DATE '2026-10-01'
        GROUP BY line.customer_id
        """
    )
    billed = {customer: (invoices, set(names)) for customer, invoices, names in told}
    assert {invoices for invoices, _ in billed.values()} == {1}
    # So many use all five for as long as the sandbox's world lasts; the fourth's figures are zero.
    use_all_five = [f"C-{number:06d}" for number in range(1, 9) if number != 4]
    assert [billed[customer] for customer in use_all_five] == [(1, ALL_FIVE)] * 7
    sums = lived_in.rows(
        "SELECT invoice_id, any_value(invoice.net), sum(line.amount) FROM billing.invoice AS invoice"
        " INNER JOIN billing.invoice_line AS line USING (invoice_id) GROUP BY invoice_id"
    )
    assert sums
    assert all(net == total for _, net, total in sums)


def test_running_a_night_twice_changes_nothing(lived_in: House, house: House) -> None:
    """The same answers are the same pulls, and the tables the same rows."""
    shutil.copytree(lived_in.home, house.home, dirs_exist_ok=True)
    assert house.night(NIGHTS[-1]).failures == []
    assert tables(house.home) == tables(lived_in.home)


def test_the_warehouse_rebuilt_from_raw_is_the_one_built_night_by_night(
    lived_in: House, house: House
) -> None:
    """Deleting the file loses nothing, and the vendors are not asked."""
    for truth in ("raw", "register"):
        shutil.copytree(lived_in.home / truth, house.home / truth)
    house.set_now(datetime(2026, 10, 17, 2))
    house.sandbox.log.clear()
    assert run_job(house.records, "rebuild", NIGHTS[-1]).failures == ()
    assert tables(house.home) == tables(lived_in.home)
    assert not house.sandbox.log


def of_the_day(house: House, table: str, columns: str, day: date) -> list[tuple[Any, ...]]:
    return house.rows(f"SELECT {columns} FROM staging.{table} WHERE usage_date = ?", day)


def assert_same(staged: Sequence[tuple[Any, ...]], truth: Iterable[tuple[Any, ...]]) -> None:
    """The same rows, as often."""
    assert sorted(map(tuple, staged), key=repr) == sorted(map(tuple, truth), key=repr)
