"""The HTTP API on the wire: one connection, odd shapes, and true to the world."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from connectors.sandbox.world import World

DAY = date(2026, 10, 14)
PATIENCE = 120  # seconds; only what hangs takes them
DETAILS = {"us": "backups/us/details", "asia": "backup/asia/details"}


class Club:
    """A client with the right credentials in every URL."""

    def __init__(self, sandbox):
        secret = sandbox.credentials
        self.auth = {"auth-userid": secret.resellerclub_auth_userid, "api-key": secret.resellerclub_api_key}
        address = f"{sandbox.url}/resellerclub/api"
        self._client = httpx.Client(base_url=address, params=self.auth, timeout=PATIENCE)

    def get(self, command, **params):
        params = {name.replace("_", "-"): value for name, value in params.items()}
        return self._client.get(f"/{command}.json", params=params)

    def ask(self, command, **params):
        answer = self.get(command, **params)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)

    def walk(self, command, size=10, **params):
        rows, page = [], 1
        while True:
            told = self.ask(command, no_of_records=size, page_no=page, **params)
            rows += [told[key] for key in sorted((k for k in told if k.isdigit()), key=int)]
            if page * size >= int(told["recsindb"]):
                return rows
            page += 1

    def orders(self):
        return [
            self.ask(DETAILS[region], order_id=row["orders.orderid"])
            for region in DETAILS
            for row in self.walk(f"backup/{region}/search")
        ]


@pytest.fixture
def club(sandbox):
    sandbox.resellerclub_gate.blocked = False
    return Club(sandbox)


def truth(rows):
    return [row for row in rows if row.vendor == "resellerclub"]


def day_of(epoch):
    return datetime.fromtimestamp(int(epoch), UTC).date()


def test_orders_of_both_regions_are_the_truth(sandbox, club):
    """What is ordered from the day of creation to the one before the end; each order is a subscription."""
    orders = club.orders()
    told = {
        (o["customerid"], o["orderid"], o["description"], str(o["planid"]), int(o["storagesizegb"]))
        for o in orders
        if day_of(o["creationtime"]) <= DAY < day_of(o["endtime"])
    }
    assert told == {
        (r.account_id, r.resource_id, r.resource_name, r.product, r.quantity)
        for r in truth(sandbox.world.truth(DAY))
    }
    held = {
        (
            o["orderid"],
            o["productkey"],
            o["currentstatus"].lower(),
            day_of(o["creationtime"]),
            day_of(o["endtime"]),
        )
        for o in orders
    }
    assert held == {
        (r.subscription_id, r.product, r.status, r.started_on, r.ends_on)
        for r in truth(sandbox.world.truth_subscriptions(DAY))
    }
    assert len(orders) == len(held) > len(told) > 5


def test_customers_are_the_truth(sandbox, club):
    """Named by their company, whatever their status."""
    told = {
        (r["customer.customerid"], r["customer.company"], r["customer.customerstatus"].lower())
        for r in club.walk("customers/search")
    }
    assert told == {(r.account_id, r.name, r.status) for r in truth(sandbox.world.truth_accounts(DAY))}


def test_prices_are_the_truth(sandbox, club):
    """Strings in one region and numbers in the other, beside products of other shapes."""
    told = set()
    for kind, command in (("cost", "products/reseller-cost-price"), ("customer", "products/customer-price")):
        answer = club.ask(command)
        assert answer["domcno"]
        told |= {
            (key, plan, "renewal" if action == "renew" else kind, int(months), Decimal(price))
            for key in ("acronisbackupus", "acronisbackupasia")
            for plan, actions in answer[key]["plans"].items()
            for action, prices in actions.items()
            for months, price in prices.items()
            if (action, kind) != ("renew", "customer")
        }
    assert told == {
        (r.product, r.plan, r.price_kind, r.term_months, r.price)
        for r in truth(sandbox.world.truth_prices(DAY))
    }


def test_a_days_transactions_are_the_truth(sandbox, club):
    """Both bounds lie outside: the first second of the day takes the second before it."""
    for day in (DAY, date(2026, 10, 1)):
        sandbox.set_now("2026-10-15T01:00:00+00:00")
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        bounds = {"transaction_date_start": start - 1, "transaction_date_end": start + 86_400}
        rows = club.walk("billing/my-transactions/search", 1, **bounds)
        told = {
            (r["reseller_transaction.transid"], Decimal(r["reseller_transaction.sellingamount"]))
            for r in rows
        }
        expected = truth(sandbox.world.truth_transactions(day))
        assert told == {(r.transaction_id, r.amount) for r in expected}
        assert len(rows) == len(expected) > 0
        assert all(r.currency == "USD" for r in expected)
    missed = {"transaction_date_start": start, "transaction_date_end": start + 86_400}
    assert len(club.walk("billing/my-transactions/search", 1, **missed)) == len(expected) - 1


def test_the_balance_moves_by_the_transactions(sandbox, club):
    """What is there today is what was there yesterday and the day's amounts."""
    after = Decimal(club.ask("billing/reseller-balance", reseller_id=700123)["sellingcurrencybalance"])
    sandbox.set_now("2026-10-14T01:00:00+00:00")
    before = Decimal(club.ask("billing/reseller-balance", reseller_id=700123)["sellingcurrencybalance"])
    assert after - before == sum(r.amount for r in truth(sandbox.world.truth_transactions(DAY)))


def test_rows_are_numbered_anew_on_each_page(club):
    """Keys are digits in no order, counts are strings, and beyond the end there is nothing."""
    first, second = (club.ask("customers/search", no_of_records=10, page_no=page) for page in (1, 2))
    assert [key for key in first if key.isdigit()][:2] == ["1", "10"]
    assert (first["recsonpage"], second["recsonpage"]) == ("10", "10")
    assert int(first["recsindb"]) > 20
    assert second["1"] != first["1"]
    beyond = club.ask("customers/search", no_of_records=10, page_no=9)
    assert beyond == {"recsonpage": "0", "recsindb": first["recsindb"]}
    empty = club.ask("customers/search", no_of_records=10, page_no=1, customer_id=1)
    assert empty == {"recsonpage": "0", "recsindb": "0"}


@pytest.mark.parametrize(
    "params",
    [
        {"page_no": 1},
        {"no_of_records": 10},
        {"no_of_records": 9, "page_no": 1},
        {"no_of_records": 501, "page_no": 1},
        {"no_of_records": 10, "page_no": 0},
        {"no_of_records": 10, "page_no": 1, "creation_date_start": "yesterday"},
    ],
)
def test_a_search_without_its_parameters_is_a_mistake(club, params):
    """ERROR in HTTP 500, not a server that is down."""
    answer = club.get("customers/search", **params)
    assert (answer.status_code, answer.json()["status"]) == (500, "ERROR")


def test_orders_can_be_narrowed(club):
    """By repeated ids, by status, and by dates that lie outside."""
    rows = club.walk("backup/us/search", 500)
    ids = [row["orders.orderid"] for row in rows[:2]]
    assert [r["orders.orderid"] for r in club.walk("backup/us/search", 10, order_id=ids)] == ids
    ended = club.walk("backup/us/search", 500, status=["Deleted", "InActive"])
    assert {row["entity.currentstatus"] for row in ended} <= {"Deleted", "InActive"}
    at = int(rows[0]["orders.creationtime"])
    within = club.walk("backup/us/search", 500, creation_date_start=at - 1, creation_date_end=at + 1)
    assert rows[0] in within
    assert rows[0] not in club.walk("backup/us/search", 500, creation_date_start=at)


@pytest.mark.parametrize("region", ["us", "asia"])
def test_details_have_one_right_spelling_in_each_region(club, region):
    """The other one leads nowhere, and an order belongs to one region."""
    order = club.walk(f"backup/{region}/search")[0]["orders.orderid"]
    other = {"us": "asia", "asia": "us"}[region]
    wrong = DETAILS[region].replace("backups", "backup") if region == "us" else "backups/asia/details"
    assert club.get(DETAILS[region], order_id=order).json()["orderid"] == order
    assert club.get(wrong, order_id=order).status_code == 404
    assert club.get(DETAILS[other], order_id=order).json()["status"] == "ERROR"
    assert club.get(DETAILS[region], backup_order_id=order).status_code == 500


def test_not_found_is_a_500_and_a_wrong_product_a_200(club):
    """Neither status line says what the object says; the text has two names."""
    missing = club.get("customers/details-by-id", customer_id=1)
    assert (missing.status_code, missing.json()["message"]) == (500, "Customer 1 not found")
    wrong = club.get("products/plan-details", product_key="acronis")
    assert (wrong.status_code, wrong.json()) == (200, {"status": "error", "error": "Invalid product key"})


def test_both_parts_of_the_credentials_are_needed(sandbox, club):
    """In the URL of every request."""
    address = f"{sandbox.url}/resellerclub/api/products/plan-details.json"
    for wrong in ({}, club.auth | {"api-key": "x"}, club.auth | {"auth-userid": "0"}):
        answer = httpx.get(address, params=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "Authentication failure")


def test_the_key_is_not_in_the_log(sandbox, club):
    """The sandbox too withholds what stands in the URL."""
    club.ask("products/plan-details")
    assert sandbox.log[-1].query == f"auth-userid={club.auth['auth-userid']}&api-key=***"


def test_two_requests_at_once_block_for_good(sandbox, club, monkeypatch):
    """The second one is abuse; it and everything after it is answered with 403 and HTML."""
    gate, under_way, may_end = sandbox.resellerclub_gate, threading.Event(), threading.Event()
    inside = gate._app

    async def held(scope, receive, send):
        if not under_way.is_set():
            under_way.set()
            await asyncio.to_thread(may_end.wait, PATIENCE)
        await inside(scope, receive, send)

    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as beside:
        patch.setattr(gate, "_app", held)
        first = beside.submit(club.get, "products/plan-details")
        try:
            assert under_way.wait(PATIENCE)
            second = Club(sandbox).get("products/plan-details")
        finally:
            may_end.set()
        assert first.result().status_code == 200
    third = club.get("products/plan-details")
    assert [r.status_code for r in (second, third)] == [403, 403]
    assert "Cloudflare" in third.text
    assert [entry.abuse for entry in sandbox.log] == [False, True, False]


def test_requests_one_after_the_other_are_welcome(sandbox, club):
    """Many of them, over one connection or a new one each time."""
    for _ in range(20):
        assert club.get("products/plan-details").status_code == 200
        assert Club(sandbox).get("products/plan-details").status_code == 200
    assert not any(entry.abuse for entry in sandbox.log)


def test_writes_and_logins_are_refused_and_logged(sandbox, club):
    """Nothing can be ordered, renewed or deleted, and no login for the backup panel is told."""
    assert httpx.post(f"{sandbox.url}/resellerclub/api/backup/us/renew.json").status_code == 404
    assert club.get("backup/asia/delete", backup_order_id=1).status_code == 404
    assert club.get("backup/us/auto-login-details", backup_order_id=1).status_code == 404
    assert [entry.path for entry in sandbox.refused_writes] == [
        "/api/backup/us/renew.json",
        "/api/backup/asia/delete.json",
        "/api/backup/us/auto-login-details.json",
    ]


def test_faults_have_the_vendors_own_faces(sandbox, club):
    """An error in HTTP 200, one in 500, and the page that stands before the API; then all is well."""
    for mode in ("error_in_200", "error_in_500", "403_html", "503_html"):
        sandbox.faults.switch_on(mode, "resellerclub", "customers/search", times=1)
    told = [club.get("customers/search", no_of_records=10, page_no=1) for _ in range(5)]
    assert [r.status_code for r in told] == [503, 403, 200, 500, 200]
    assert told[2].json() == {"status": "error", "error": "An unexpected error has occurred"}
    assert told[3].json() == {"status": "ERROR", "message": "An unexpected error has occurred"}
    sandbox.faults.switch_on("empty_list", "resellerclub", "customers/search", times=1)
    hollow = club.ask("customers/search", no_of_records=10, page_no=1)
    assert set(hollow) == {"recsonpage", "recsindb"}
    assert hollow["recsonpage"] == "10"
    sandbox.faults.switch_on(
        "renamed_field", "resellerclub", "customers/search", times=1, field="customer.customerid"
    )
    assert "customer.customeridRenamed" in club.walk("customers/search")[0]


def test_secrets_of_people_stand_in_details_only(sandbox, club):
    """PINs and the reseller's password are told where nobody needs to ask."""
    customer = sandbox.world.resellerclub(DAY).customers[0]
    values = sandbox.world.personal_values()
    told = club.get("customers/details-by-id", customer_id=customer.customer_id).text
    told += club.get("resellers/details").text
    found = [value for value in values if value in told]
    assert found == [customer.pin, *values[-2:]]
    searched = club.get("customers/search", no_of_records=500, page_no=1).text
    assert not any(value in searched for value in values)


def test_orders_are_created_renewed_enlarged_and_end_within_a_month():
    """What a bill by the day has to follow."""
    world = World()
    october = [date(2026, 10, n) for n in range(1, 32)]
    seen = [{row.resource_id: row.quantity for row in truth(world.truth(day))} for day in october]
    visiting = next(key for key in seen[9] if key not in seen[8] and key.startswith("95"))
    assert [visiting in day for day in seen] == [10 <= day.day < 20 for day in october]
    assert seen[14]["90000200"] == seen[13]["90000200"] + 10
    ends = {
        day: next(r.ends_on for r in world.truth_subscriptions(day) if r.subscription_id == "90000400")
        for day in october
    }
    assert ends[date(2026, 10, 13)] < ends[date(2026, 10, 14)]
    assert max(row.quantity for row in truth(world.truth(DAY))) > 9_000_000_000


def test_a_day_begins_in_the_worlds_zone():
    """An order of half past eleven in the evening, UTC, is of the next day further east."""
    from zoneinfo import ZoneInfo

    started = {
        zone: next(
            r.started_on
            for r in World(12, zone=ZoneInfo(zone)).truth_subscriptions(DAY)
            if r.subscription_id == "90000300"
        )
        for zone in ("UTC", "Europe/Amsterdam")
    }
    assert started == {"UTC": date(2025, 6, 14), "Europe/Amsterdam": date(2025, 6, 15)}
