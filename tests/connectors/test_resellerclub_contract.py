"""Each fact of ResellerClub's API that a client can get wrong, against the stand-in server."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from resellerclub_support import pull

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    IncompletePull,
    RequestRefused,
    TemporaryFailure,
)
from connectors.resellerclub import VENDOR, fetch
from connectors.sandbox.server import Sandbox
from connectors.stream import Role, UsageDay

DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))
STREAMS = [stream.name for stream in VENDOR.streams]
DETAILS = "*/details"
LISTS = {"customers": "customers/search", "transactions": "billing/my-transactions/search"}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(customers=60) as sandbox:
        sandbox.set_now("2026-11-02T02:00:00+00:00")
        yield sandbox


@pytest.fixture(autouse=True)
def _a_clean_night(sandbox, monkeypatch):
    monkeypatch.setattr(fetch, "PAGE_ROWS", 10)  # the least the vendor takes: several pages in a small world
    sandbox.log.clear()
    yield
    sandbox.faults.clear()


@pytest.fixture
def opened(sandbox, tmp_path):
    """Opens a client on the sandbox, with other settings where a test wants them."""
    values = sandbox.environment(tmp_path)
    told = {name: values[f"RESELLERCLUB_{name.upper()}"] for name in ("base_url", "auth_userid", "api_key")}

    @contextmanager
    def open_(**settings):
        connection = VENDOR.connection(**{**told, "requests_per_second": 10_000, **settings})
        with VENDOR.open(connection, tmp_path) as client:
            yield client

    return open_


@pytest.fixture
def client(opened):
    with opened() as client:
        yield client


def rows_of(client, name, day=DAY):
    return pull(client, name, day)[1]


def truths(told):
    """The world's truth about this vendor, without the vendor's name."""
    return Counter(tuple(row)[1:] for row in told if row.vendor == "resellerclub")


def paths(sandbox, word=""):
    return [entry.path for entry in sandbox.log if word in entry.path]


# the rows


def test_the_readings_are_what_was_ordered_on_that_day(sandbox, client):
    """Orders whose term holds the day; ended, deleted and future ones are listed and are no reading."""
    orders = rows_of(client, "orders")
    active = [row for row in orders if row["started_on"] <= DAY.date < row["ends_on"]]
    assert len(active) < len(orders)
    assert truths(sandbox.world.truth(DAY.date)) == Counter(
        (
            str(row["customer_id"]),
            str(row["order_id"]),
            row["description"],
            "order",
            str(row["plan_id"]),
            "ordered_gib",
            row["storage_gib"],
            "GiB",
            False,
        )
        for row in active
    )


def test_accounting_amounts_are_another_currency_and_are_kept_apart(client):
    """Two currencies a row; ours is the selling one."""
    (receipt, *_) = rows_of(client, "transactions")
    assert receipt["selling_currency"] != receipt["accounting_currency"]
    assert receipt["selling_amount"] != receipt["accounting_amount"]


def test_date_bounds_are_exclusive_and_no_transaction_is_lost_or_told_twice(sandbox, client):
    """One stands on the first second of a day: each day has exactly its own."""
    days = [UsageDay(DAY.date + timedelta(days=n), DAY.zone) for n in range(-6, 1)]
    found = Counter()
    for day in days:
        rows = rows_of(client, "transactions", day)
        assert {row["occurred_on"] for row in rows} <= {day.date}
        found.update(str(row["transaction_id"]) for row in rows)
    truth = Counter(
        row.transaction_id
        for day in days
        for row in sandbox.world.truth_transactions(day.date)
        if row.vendor == "resellerclub"
    )
    assert found == truth
    assert any(
        row["occurred_at"] == day.starts_at for day in days for row in rows_of(client, "transactions", day)
    )


def test_days_of_another_zone_take_the_transactions_of_their_own_midnight(sandbox, client):
    """The bounds are instants; the day is the billing zone's."""
    zone = ZoneInfo("Asia/Kolkata")
    days = [UsageDay(DAY.date + timedelta(days=n), zone) for n in range(-3, 1)]
    found = [str(row["transaction_id"]) for day in days for row in rows_of(client, "transactions", day)]
    first, last = days[0].starts_at, days[-1].ends_at
    truth = {
        row.transaction_id
        for n in range(-5, 3)
        for row in sandbox.world.truth_transactions(DAY.date + timedelta(days=n))
        if row.vendor == "resellerclub" and first <= row.occurred_at < last
    }
    assert Counter(found) == Counter(truth)


def test_a_day_without_transactions_is_told_by_recsindb_0(sandbox, client):
    """Zero is the vendor's word for it, not an empty answer."""
    day = next(
        DAY.date - timedelta(days=n)
        for n in range(400)
        if not truths(sandbox.world.truth_transactions(DAY.date - timedelta(days=n)))
    )
    exchanges, rows = pull(client, "transactions", UsageDay(day, DAY.zone))
    assert rows == []
    assert VENDOR.stream("transactions").parse(exchanges[0]).vendor_total == 0


def test_cost_prices_are_not_customer_prices(sandbox, client):
    """What we pay and what the shop asks, each of its own list; text and numbers give the same digits."""
    found = Counter(
        (row["product_key"], str(row["plan_id"]), told, row["months"], row["currency"], row["price"])
        for kind, action, told in (
            ("cost", "add", "cost"),
            ("cost", "renew", "renewal"),
            ("customer", "add", "customer"),
        )
        for row in rows_of(client, f"{kind}_prices")
        if row["action"] == action
    )
    assert found == truths(sandbox.world.truth_prices(DAY.date))


def test_a_price_list_holds_all_products_and_only_backup_ones_are_rows(client):
    """Domains and servers nest in other ways."""
    assert {row["product_key"] for row in rows_of(client, "cost_prices")} == {
        "acronisbackupus",
        "acronisbackupasia",
    }


def test_the_costs_on_an_order_are_0_and_no_prices(client):
    """Whatever was paid for it."""
    assert {row["customer_cost"] for row in rows_of(client, "orders")} == {Decimal(0)}


def test_every_order_customer_and_plan_is_there_once(sandbox, client):
    """As accounts and subscriptions are told by the world."""
    customers = rows_of(client, "customers")
    assert truths(sandbox.world.truth_accounts(DAY.date)) == Counter(
        (
            str(row["customer_id"]),
            str(row["reseller_id"]),
            row["company"] or row["name"],
            "customer",
            row["status"].lower(),
            row["status"] == "Active",
        )
        for row in customers
    )
    orders = rows_of(client, "orders")
    assert truths(sandbox.world.truth_subscriptions(DAY.date)) == Counter(
        (
            str(row["customer_id"]),
            str(row["order_id"]),
            row["product_key"],
            str(row["plan_id"]),
            row["status"].lower(),
            False,
            row["storage_gib"],
            "GiB",
            row["started_on"],
            row["ends_on"],
        )
        for row in orders
    )
    plans = {(row["product_key"], row["plan_id"]) for row in rows_of(client, "plans")}
    assert {(row["product_key"], row["plan_id"]) for row in orders} <= plans


def test_nothing_of_the_answers_is_unknown(client):
    """Every field the contract names has a column."""
    for name in STREAMS:
        stream = VENDOR.stream(name)
        for exchange in pull(client, name)[0]:
            page = stream.parse(exchange)
            assert not page.unknown_fields, name
            assert not page.quarantined, name


# how it is asked


def test_a_search_is_read_to_recsindb_over_numbered_pages(sandbox, client):
    """Rows are numbered from 1 on every page, and stand in the order of text."""
    rows = rows_of(client, "orders")
    us = [row for row in rows if row["region"] == "us"]
    assert len(paths(sandbox, "backup/us/search")) == -(-len(us) // 10) > 1


def test_the_details_of_the_us_are_under_backups_and_those_of_asia_under_backup(sandbox, client):
    """Each region's wrong spelling is asked once, in the first pull, and the right one remembered."""
    rows_of(client, "orders")
    first = Counter(path.rpartition("/api/")[2] for path in paths(sandbox, "/details"))
    assert first["backups/asia/details.json"] == 1
    assert first["backup/us/details.json"] == 0
    sandbox.log.clear()
    rows_of(client, "orders")
    assert {path.rpartition("/api/")[2] for path in paths(sandbox, "/details")} == {
        "backups/us/details.json",
        "backup/asia/details.json",
    }


def test_one_region_can_be_read_alone(sandbox, opened):
    """The other one's search and product are not touched."""
    with opened(regions="asia") as client:
        assert {row["region"] for row in rows_of(client, "orders")} == {"asia"}
        assert {row["product_key"] for row in rows_of(client, "plans")} == {"acronisbackupasia"}
    assert paths(sandbox, "/us/") == []


def test_nothing_is_written_and_no_password_is_asked_for(sandbox, client):
    """The reseller's details hold a password and a pin: the currency is taken from the balance."""
    for name in STREAMS:
        pull(client, name)
    assert sandbox.refused_writes == []
    assert paths(sandbox, "resellers/details") == []


def test_the_api_key_is_in_no_exchange_though_it_is_in_every_url(sandbox, client, tmp_path):
    """Neither as it is nor encoded."""
    key = sandbox.environment(tmp_path)["RESELLERCLUB_API_KEY"]
    for name in STREAMS:
        for exchange in pull(client, name)[0]:
            kept = [exchange, *exchange.rejected]
            assert key not in "".join(
                f"{one.request}{one.body!r}{dict(one.context)}{one.reason}" for one in kept
            )
            assert "api-key" not in exchange.request


def test_a_wrong_key_is_refused_once_and_nothing_more_is_asked(sandbox, opened):
    """Every further attempt brings the block nearer."""
    with opened(api_key="not-the-key-at-all") as client:
        for name in STREAMS:
            with pytest.raises(CredentialsRefused):
                pull(client, name)
    assert len(sandbox.log) == 1


# what goes wrong


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("mode", ["error_in_200", "error_in_500"])
def test_an_error_in_http_200_or_500_is_an_error_and_is_not_asked_again(sandbox, opened, name, mode):
    """The status says nothing, the envelope everything."""
    sandbox.faults.switch_on(mode, "resellerclub")
    with opened() as client, pytest.raises(RequestRefused, match="with an error: "):
        pull(client, name)
    assert len(sandbox.log) == 1


@pytest.mark.parametrize("name", STREAMS)
def test_a_403_page_is_a_block_of_a_day_and_is_not_asked_again(sandbox, opened, name):
    """The firewall stands before the API: no key helps."""
    sandbox.faults.switch_on("403_html", "resellerclub")
    with opened() as client:
        for _ in range(2):
            with pytest.raises(CredentialsRefused, match="blocked for 24 hours"):
                pull(client, name)
    assert len(sandbox.log) == 1


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("mode", ["503_html", "429", "truncated_body", "reset_mid_body"])
def test_a_passing_failure_is_waited_out(sandbox, client, name, mode):
    """The rows are the same as without it; what lasts fails the pull after a few attempts."""
    calm = rows_of(client, name)
    sandbox.faults.switch_on(mode, "resellerclub", times=2)
    assert rows_of(client, name) == calm
    sandbox.log.clear()
    sandbox.faults.switch_on(mode, "resellerclub")
    with pytest.raises(TemporaryFailure):
        pull(client, name)
    assert len(sandbox.log) == 3


@pytest.mark.parametrize("name", ["customers", "orders"])
@pytest.mark.parametrize("appears", [True, False])
def test_pages_that_shift_never_give_fewer_or_other_rows(sandbox, client, name, appears):
    """A row that comes or goes ahead of the walk: the truth, or a named failure."""
    calm = rows_of(client, name)
    sandbox.faults.switch_on("page_shift", "resellerclub", times=1, appears=appears)
    try:
        assert rows_of(client, name) == calm
    except IncompletePull:
        assert rows_of(client, name) == calm  # the next look, as the landing takes it


@pytest.mark.parametrize("name", ["customers", "orders", "transactions"])
def test_a_row_told_twice_is_one_row_or_no_pull(sandbox, client, name):
    """recsindb counts different rows."""
    calm = rows_of(client, name)
    sandbox.faults.switch_on("duplicate_rows", "resellerclub")
    try:
        assert rows_of(client, name) == calm
    except (IncompletePull, ContractBroken):
        sandbox.faults.clear()
        assert rows_of(client, name) == calm


@pytest.mark.parametrize("name", ["customers", "orders", "transactions"])
def test_an_empty_list_beside_a_total_is_never_zero(sandbox, client, name):
    """recsindb stays what it was."""
    sandbox.faults.switch_on("empty_list", "resellerclub")
    with pytest.raises((IncompletePull, ContractBroken)):
        pull(client, name)


RENAMED = [
    ("customers", "customer.customerid"),
    ("customers", "customer.customerstatus"),
    ("orders", "orderid"),
    ("orders", "orders.orderid"),
    ("orders", "planid"),
    ("orders", "storagesizegb"),
    ("orders", "creationtime"),
    ("orders", "endtime"),
    ("orders", "customerid"),
    ("transactions", "reseller_transaction.sellingamount"),
    ("transactions", "reseller_transaction.sellingcurrencysymbol"),
    ("transactions", "reseller_transaction.transactiondate"),
    ("balance", "sellingcurrencybalance"),
]


@pytest.mark.parametrize(("name", "field"), RENAMED)
def test_a_renamed_field_breaks_the_contract_and_lands_nothing(sandbox, client, name, field):
    """It never becomes an order of nothing."""
    sandbox.faults.switch_on("renamed_field", "resellerclub", field=field)
    with pytest.raises((ContractBroken, RequestRefused)):
        pull(client, name)


def quarantined_of(name, exchanges):
    parse = VENDOR.stream(name).parse
    return sum(len(parse(one).quarantined) for one in exchanges if one.role is Role.ROWS)


@pytest.mark.parametrize(
    ("name", "field", "is_quarantined"),
    [
        ("customers", "customer.customerid", True),
        ("customers", "customer.customerstatus", False),
        ("transactions", "reseller_transaction.sellingamount", True),
        ("transactions", "reseller_transaction.sellingcurrencysymbol", False),
        ("transactions", "reseller_transaction.transactiondate", True),
    ],
)
def test_a_figure_in_words_is_quarantined_and_the_rows_beside_it_are_landed(
    sandbox, client, name, field, is_quarantined
):
    """Text where a number belongs is no number; text columns take any text."""
    calm = len(rows_of(client, name))
    sandbox.faults.switch_on("wrong_type", "resellerclub", field=field)
    exchanges, rows = pull(client, name)
    quarantined = quarantined_of(name, exchanges)
    assert len(rows) + quarantined == calm
    assert bool(quarantined) is is_quarantined


FIGURES = ["planid", "storagesizegb", "creationtime", "endtime", "customerid"]


@pytest.mark.parametrize("field", FIGURES)
def test_one_order_with_a_figure_in_words_is_quarantined_and_the_others_are_landed(sandbox, client, field):
    """Each order is an answer of its own, and none speaks for the others."""
    calm = len(rows_of(client, "orders"))
    sandbox.faults.switch_on("wrong_type", "resellerclub", DETAILS, times=1, field=field)
    exchanges, rows = pull(client, "orders")
    assert (len(rows), quarantined_of("orders", exchanges)) == (calm - 1, 1)


@pytest.mark.parametrize(
    ("name", "field", "mistake"),
    [
        *(("orders", field, ContractBroken) for field in FIGURES),
        ("orders", "orderid", ContractBroken),
        ("orders", "orders.orderid", IncompletePull),
        ("balance", "sellingcurrencybalance", ContractBroken),
    ],
)
def test_a_figure_in_words_everywhere_lands_nothing(sandbox, client, name, field, mistake):
    """No row is left that could be booked, or which orders there are is not known."""
    rows_of(client, name)  # from here on the path of the details is known
    sandbox.faults.switch_on("wrong_type", "resellerclub", field=field)
    with pytest.raises(mistake):
        pull(client, name)


@pytest.mark.parametrize("name", ["customers", "transactions"])
def test_an_unknown_field_is_kept_and_reported(sandbox, client, name):
    """The rows are landed with it."""
    field = {"customers": "customer.name", "transactions": "reseller_transaction.type"}[name]
    sandbox.faults.switch_on("unknown_field", "resellerclub", operation=LISTS[name], field=field)
    exchanges, rows = pull(client, name)
    assert VENDOR.stream(name).parse(exchanges[0]).unknown_fields
    assert all(row["extra"] for row in rows)
