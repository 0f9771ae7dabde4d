"""Each fact of WebAPI 2.0 that a client can get wrong, against the stand-in server."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from datetime import date
from zoneinfo import ZoneInfo

import httpx
import pyarrow.parquet as pq
import pytest

from connectors.errors import CredentialsRefused, OperationNotAllowed, OutsideSnapshotWindow, RequestRefused
from connectors.sandbox.credentials import Credentials
from connectors.sandbox.server import Sandbox
from connectors.stream import Role, UsageDay
from connectors.xopero import VENDOR, auth
from connectors.xopero.auth import FORGET
from connectors.xopero.client import READS
from connectors.xopero.envelope import accepted
from warehouse.landing import Landing
from warehouse.landing.responses import read_responses

NIGHT = "2026-11-02T01:00:00+00:00"
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))
KEY_FIELD = "api-key"
UNLIMITED = 2147483647
STREAMS = [stream.name for stream in VENDOR.streams]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(customers=120, credentials=Credentials(xopero_api_key_field=KEY_FIELD)) as sandbox:
        sandbox.set_now(NIGHT)
        yield sandbox


@pytest.fixture(autouse=True)
def a_clean_night(sandbox, monkeypatch):
    monkeypatch.setenv("BACKUP_BILLING_NOW", NIGHT)
    sandbox.log.clear()
    yield
    sandbox.faults.clear()
    sandbox.xopero_tokens.lifetime = 900
    assert sandbox.refused_writes == []
    assert sandbox.xopero_tokens.alive == 0


@pytest.fixture
def opened(sandbox, tmp_path):
    """Opens a client on the sandbox, with other settings where a test wants them."""
    values = sandbox.environment(tmp_path)
    told = {
        "base_url": values["XOPERO_BASE_URL"],
        "login": values["XOPERO_NAME"],
        "password": values["XOPERO_PASSWORD"],
    }

    @contextmanager
    def open_(**settings):
        with VENDOR.open(VENDOR.connection(**{**told, **settings}), tmp_path) as client:
            yield client

    return open_


class Landed:
    """What a pull of one stream left on disk."""

    def __init__(self, landing, pull):
        self.pull = pull
        self.rows = pq.read_table(landing.home / pull.rows_path).to_pylist()
        self.exchanges = [exchange for _, exchange in read_responses(landing.home / pull.responses_path)]
        quarantine = pull.quarantine_path and pq.read_table(landing.home / pull.quarantine_path).to_pylist()
        self.reasons = [row["reason"] for row in quarantine or []]
        self.files = [landing.home / path for path in (pull.rows_path, pull.responses_path)]

    def asked(self, function):
        """The bodies of the requests to one function."""
        return [json.loads(e.request.partition("\n\n")[2]) for e in self.exchanges if e.operation == function]


@pytest.fixture
def land(opened, tmp_path):
    landing = Landing(tmp_path / "home" / "raw")

    def land_(name, **settings):
        stream = VENDOR.stream(name)
        with opened(**settings) as client:
            return Landed(landing, landing.land(stream, "default", DAY, lambda: stream.fetch(client, DAY)))

    return land_


@pytest.fixture
def ask(sandbox, tmp_path):
    """ask(function, data): the vendor's own words, without any connector."""
    values = sandbox.environment(tmp_path)
    login = {"name": values["XOPERO_NAME"], "password": values["XOPERO_PASSWORD"]}
    with httpx.Client(base_url=values["XOPERO_BASE_URL"]) as client:
        token = client.post("/token", json=login).json()["data"]["token"]

        def ask_(function, data=None):
            said = {} if data is None else {"data": data}
            return client.post("/endpoint", json={"token": token, "function": function} | said).json()

        yield ask_
        ask_(FORGET)


@pytest.fixture
def told(ask):
    """Every customer as the vendor tells it, by id."""
    owners = [None, *(row["id"] for row in ask("GetPartners", {"limit": 100})["data"])]
    filters = [{} if owner is None else {"filters": {"resellerId": owner}} for owner in owners]
    lists = [ask("GetCustomers", {"offset": 0, "limit": 100, **one})["data"] for one in filters]
    assert all(len(one) < 100 for one in lists)
    return {row["id"]: row for one in lists for row in one}


# Transport and tokens


def test_every_call_is_a_post_of_json_to_one_of_two_addresses(sandbox, land):
    """Whatever it reads: a rule that POST is a write would read nothing, or retry nothing."""
    land("customer_usage")
    assert {(entry.method, entry.path.rpartition("/")[2]) for entry in sandbox.log} == {
        ("POST", "token"),
        ("POST", "endpoint"),
    }


def test_only_reads_can_be_sent(opened):
    """SetSubscription would charge the partner at once; it looks like any other call."""
    with opened() as client, pytest.raises(OperationNotAllowed, match="SetSubscription"):
        client.call("SetSubscription", {"customerId": 1}, accepted)
    assert all(name.startswith("Get") for name in READS - {FORGET})


def test_a_read_is_sent_again_although_it_is_a_post(sandbox, land):
    """Reads have no side effects: after a lost connection or 503 they go out once more."""
    sandbox.faults.switch_on("reset_mid_body", "xopero", "GetCustomers", 1)
    sandbox.faults.switch_on("503_html", "xopero", "GetCustomerUsage", 2)
    landed = land("customer_usage")
    assert Counter(e.operation for e in landed.exchanges if e.role is Role.REJECTED) == {
        "GetCustomers": 1,
        "GetCustomerUsage": 2,
    }
    assert landed.reasons == []


def test_the_login_is_taken_with_password_or_api_key(sandbox, opened, tmp_path):
    """The API key under the member's name that this brand wants."""
    key = sandbox.credentials.xopero_api_key
    for settings in ({}, {"password": None, "api_key": key, "api_key_field": KEY_FIELD}):
        with opened(**settings) as client:
            assert VENDOR.probe(client).startswith("WebAPI 2.")


def test_an_api_key_under_another_name_is_refused_with_the_setting_to_mend(sandbox, opened):
    """The name is lost in the vendor's document; the default is a guess, and the sentence says so."""
    with (
        opened(password=None, api_key=sandbox.credentials.xopero_api_key) as client,
        pytest.raises(CredentialsRefused, match="XOPERO_API_KEY_FIELD"),
    ):
        VENDOR.probe(client)


def test_the_token_is_refreshed_before_it_ages(sandbox, opened, monkeypatch):
    """At half of the life that validTo tells, long before the walk over many customers is done."""
    sandbox.xopero_tokens.lifetime = 100
    now = [1000.0]
    monkeypatch.setattr(auth, "monotonic", lambda: now[0])
    with opened() as client:
        for _ in range(5):
            VENDOR.probe(client)
            now[0] += 30
    # Never older than 50 of its 100 seconds at a call: it is extended before the third and the fifth.
    assert [entry.operation for entry in sandbox.log if entry.operation == "RefreshToken"] == [
        "RefreshToken"
    ] * 2
    assert sum(entry.path.endswith("/token") for entry in sandbox.log) == 1


def test_valid_to_has_an_offset_of_its_own(sandbox, opened, monkeypatch):
    """Read as local time it would be hours off; 15 minutes are 15 minutes in every zone."""
    now = [1000.0]
    monkeypatch.setattr(auth, "monotonic", lambda: now[0])
    with opened() as client:
        VENDOR.probe(client)
        now[0] += 400
        VENDOR.probe(client)
        assert "RefreshToken" not in {entry.operation for entry in sandbox.log}


def test_a_dead_token_has_no_code(sandbox, land):
    """An unexplained failure of a token that worked before is answered with one new login."""
    sandbox.faults.switch_on("expired_token", "xopero", "GetCustomerUsage", 1)
    landed = land("customer_usage")
    assert landed.reasons == []
    assert sum(entry.path.endswith("/token") for entry in sandbox.log) == 2


def test_the_token_is_forgotten_in_the_end(sandbox, opened):
    """Nothing that leaks from a log later can be used."""
    with opened() as client:
        VENDOR.probe(client)
        assert sandbox.xopero_tokens.alive == 1
    assert sandbox.xopero_tokens.alive == 0


# Envelope and errors


def test_http_200_is_no_success(sandbox, land):
    """`success: false` comes with status 200: the customer is missing, not zero."""
    sandbox.faults.switch_on("out_of_reach", "xopero", "GetCustomerUsage", 1)
    landed = land("customer_usage")
    (refused,) = [e for e in landed.exchanges if e.role is Role.ROWS and e.reason]
    assert refused.status == 200
    assert len(landed.reasons) == 1


def test_codes_are_printed_with_look_alike_letters(ask):
    """The stand-in prints a Cyrillic letter, as the document does; compared as it stands it is no code."""
    code = ask("GetCustomerUsage", 1)["error"]["code"]
    assert not code.isascii()
    assert code.endswith("7002")


def test_an_error_has_no_one_shape(sandbox, land):
    """An object, a text and a bare code, all of them understood."""
    shapes, reasons = set(), []
    for function, stream in (
        ("GetCustomerUsage", "customer_usage"),
        ("GetSubscription", "subscriptions"),
        ("GetCustomerAvailableProducts", "available_products"),
    ):
        sandbox.faults.switch_on("out_of_reach", "xopero", function, 1)
        landed = land(stream)
        errors = [json.loads(e.body)["error"] for e in landed.exchanges if e.role is Role.ROWS and e.reason]
        shapes |= {type(error) for error in errors}
        reasons += landed.reasons
    assert len(shapes) > 1
    assert sum("out of reach" in reason for reason in reasons) == 3


def test_a_failure_about_one_customer_is_not_asked_again(sandbox, land):
    """Missing billing data is a gap to report: one call, one row in quarantine, nobody else touched."""
    landed = land("available_products")
    assert landed.reasons
    assert all("0x6005: the account's billing data is missing" in reason for reason in landed.reasons)
    assert not [e for e in landed.exchanges if e.role is Role.REJECTED]
    assert len(landed.asked("GetCustomerAvailableProducts")) == landed.pull.pages


def test_a_code_no_table_lists_fails_the_pull(sandbox, land):
    """It could mean anything: a list that ends so is not a list."""
    sandbox.faults.switch_on("success_false", "xopero", "GetCustomers")
    with pytest.raises(RequestRefused, match="which no table of the vendor explains"):
        land("customers")


# Lists


def test_a_list_has_no_total_and_ends_where_nothing_follows(land, told):
    """Pages of at most 100 from offset 0, to the first empty one."""
    landed = land("customers")
    assert {row["customer_id"] for row in landed.rows} == told.keys()
    asked = landed.asked("GetCustomers")
    assert {one["data"]["limit"] for one in asked} == {100, 83}
    assert landed.pull.vendor_total is None


def test_a_list_is_looked_at_twice(sandbox, land, told):
    """An empty page in between is not the end: the looks differ, and the pull looks again."""
    sandbox.faults.switch_on("empty_list", "xopero", "GetCustomers", 1)
    assert {row["customer_id"] for row in land("customers").rows} == told.keys()


def test_limit_0_is_never_sent(ask, land):
    """The document allows 0; it answers nothing at all, which is no empty list."""
    assert ask("GetCustomers", {"limit": 0})["data"] == []
    assert all(one["data"]["limit"] for one in land("customers").asked("GetCustomers"))


def test_a_row_told_twice_is_one_customer(sandbox, land, told):
    """Rows have no order that is published, so pages may overlap."""
    sandbox.faults.switch_on("duplicate_rows", "xopero", "GetCustomers")
    landed = land("customers")
    assert sorted(row["customer_id"] for row in landed.rows) == sorted(told)
    assert landed.pull.repeated > 0


def test_sub_partners_customers_need_their_own_calls(ask, land):
    """The list without filter holds the login's own customers only."""
    own = {row["id"] for row in ask("GetCustomers", {"offset": 0, "limit": 100})["data"]}
    landed = land("customer_usage")
    read = {row["customer_id"] for row in landed.rows}
    assert own < read | {int(e.context["customer_id"]) for e in landed.exchanges if e.reason}
    assert read - own
    assert {one["data"].get("filters", {}).get("resellerId") for one in landed.asked("GetCustomers")} > {None}


def test_deleted_customers_are_listed(land, told):
    """No filter leaves them out; their usage is refused, which is expected and no problem."""
    landed = land("customers")
    deleted = {row["customer_id"] for row in landed.rows if row["status"] == "DELETED"}
    assert deleted == {number for number, row in told.items() if row["status"] == "DELETED"} != set()
    usage = land("customer_usage")
    assert usage.reasons == []
    assert {
        int(e.context["customer_id"]) for e in usage.exchanges if e.role is Role.CONTROL and e.reason
    } == deleted


def test_partners_have_no_published_fields_but_those_of_the_filters(land):
    """id is all that is needed of one; the rest is kept as it comes."""
    rows = land("partners").rows
    assert rows
    assert all(row["partner_id"] and row["status"] for row in rows)


# What is asked, and what is answered


@pytest.mark.parametrize(
    ("stream", "function", "kind"),
    [
        ("customer_usage", "GetCustomerUsage", int),
        ("available_products", "GetCustomerAvailableProducts", int),
        ("subscriptions", "GetSubscription", str),
    ],
)
def test_data_is_a_bare_value(land, stream, function, kind):
    """A customer's number is a number, a subscription's number a text, and neither is in an object."""
    asked = land(stream).asked(function)
    assert asked
    assert {type(one["data"]) for one in asked} == {kind}


def test_a_function_without_argument_gets_no_data(sandbox, opened):
    """Not null, not an empty object."""
    with opened() as client:
        exchange, _ = client.call("GetVersion", None, accepted)
    assert exchange.request.endswith('{"function":"GetVersion"}')


def test_the_version_is_a_number_of_three_parts(opened):
    """20509 is 2.5.9."""
    with opened() as client:
        assert VENDOR.probe(client).startswith("WebAPI 2.5.9 answers")


def test_bytes_come_as_text_and_stay_exact(land, ask):
    """Beyond 2 to the power of 53 a float would lose some of them."""
    landed = land("customer_usage")
    large = max(landed.rows, key=lambda row: row["used_bytes"] if row["scope"] == "account" else -1)
    accounts = ask("GetCustomerUsage", large["customer_id"])["data"]["account"]
    (account,) = [one for one in accounts if one["id"] == large["account_id"]]
    assert isinstance(account["usedSpace"], str)
    assert large["used_bytes"] == int(account["usedSpace"]) > 2**53
    assert int(float(account["usedSpace"])) != large["used_bytes"]


def test_the_accounts_stand_under_a_singular_name_and_add_up(land, ask):
    """`account` is the list; its sums are the vendor's, its own account is among them."""
    landed = land("customer_usage")
    for number in {row["customer_id"] for row in landed.rows}:
        (whole,) = [r for r in landed.rows if (r["customer_id"], r["scope"]) == (number, "customer")]
        parts = [r for r in landed.rows if (r["customer_id"], r["scope"]) == (number, "account")]
        assert whole["used_bytes"] == sum(part["used_bytes"] for part in parts)
        assert (
            whole["assigned_bytes"]
            == sum(part["assigned_bytes"] for part in parts)
            <= whole["capacity_bytes"]
        )
        assert number in {part["account_id"] for part in parts}


def test_an_empty_list_of_accounts_beside_used_space_is_not_zero(sandbox, land):
    """The customer is unreadable, and its usage missing."""
    sandbox.faults.switch_on("empty_list", "xopero", "GetCustomerUsage", 1)
    landed = land("customer_usage")
    (reason,) = landed.reasons
    assert "its 0 accounts" in reason


def test_unlimited_is_told_as_a_number(land, told):
    """2147483647 hosts or users are kept as told in raw, and never staged as a quantity."""
    assert UNLIMITED in {row["hosts"] for row in land("customers").rows}


def test_the_subscriptions_type_overrules_the_trial_flag(land, told):
    """They contradict each other; both are kept, so that it can be seen, and the type decides."""
    rows = land("customer_usage").rows
    pairs = {(row["subscription_type"], row["is_trial"]) for row in rows}
    contradicting = {("PRODUCT_TYPE_FULL", True), ("PRODUCT_TYPE_TRIAL", False)}
    assert pairs & contradicting


def test_subscription_parameters_and_personal_data_may_be_missing(land, told):
    """They are not permanent: such a customer is a row like any other."""
    landed = land("customers")
    without = {number for number, row in told.items() if "subscription" not in row}
    assert without
    assert {r["customer_id"] for r in landed.rows if r["subscription_number"] is None} == without
    assert landed.reasons == []


def test_a_subscriptions_status_has_no_prefix(land):
    """CURRENT there is ORDER_STATUS_CURRENT in the list."""
    assert not any(row["status"].startswith("ORDER_STATUS_") for row in land("subscriptions").rows)
    assert {"ORDER_STATUS_CURRENT", None} <= {row["subscription_status"] for row in land("customers").rows}


def test_a_price_is_a_text_without_currency(land):
    """Kept to the letter, for its separator is not published."""
    rows = land("available_products").rows
    assert "1249.505" in {row["price"] for row in rows}
    assert "0.00" in {row["price"] for row in rows}
    assert {type(row[column]) for row in rows for column in ("hosts", "users")} == {str}


def test_usage_has_no_time_of_its_own(land):
    """It is stamped with the instant at which it was received."""
    assert {row["read_at"].isoformat() for row in land("customer_usage").rows} == {NIGHT}


@pytest.mark.parametrize("name", STREAMS)
def test_nothing_tells_the_past(land, monkeypatch, name):
    """No call takes a date: from noon of the next day on the day cannot be read any more."""
    assert VENDOR.stream(name).as_of == "snapshot"
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2026-11-02T12:00:00+00:00")
    with pytest.raises(OutsideSnapshotWindow):
        land(name)


@pytest.mark.parametrize("name", STREAMS)
def test_personal_and_bank_data_reach_no_file(land, told, ask, name):
    """What the vendor tells of people, read by hand and searched for in everything that was written."""
    landed = land(name)
    personal = {row["email"] for row in ask("GetPartners", {"limit": 100})["data"]}
    for row in told.values():
        personal |= {row["email"], *leaves(row.get("personalData", {}))}
    personal -= {"", "PL", "Poland"}
    assert len(personal) > 100
    written = b"".join(
        path.read_bytes() + repr(pq.read_table(path).to_pylist()).encode() for path in landed.files
    )
    bodies = b"".join(e.body + repr(e).encode() for e in landed.exchanges)
    assert not [value for value in personal if value.encode() in written or value.encode() in bodies]


def leaves(value):
    """Every text within."""
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    return {value} if isinstance(value, str) else set()
