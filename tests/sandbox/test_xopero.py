"""WebAPI 2.0 on the wire: strict about what the manual says, and true to the world."""

import time
from datetime import date, datetime

import httpx
import pytest

from connectors.sandbox.world import World
from tests.sandbox.xopero_support import Xopero, ask_token

DAY = date(2026, 10, 14)
UNLIMITED = 2147483647


@pytest.fixture
def xopero(sandbox):
    return Xopero(sandbox)


def truth(rows):
    return [row for row in rows if row.vendor == "xopero"]


def test_usage_read_customer_by_customer_is_the_truth(sandbox, xopero):
    """Every meter of every account; unlimited is no reading, and deleted customers have none."""
    told = {}
    for row in xopero.customers():
        if row["status"] == "DELETED":
            assert not xopero.call("GetCustomerUsage", row["id"])["success"]
            continue
        usage, held = xopero.ask("GetCustomerUsage", row["id"]), row.get("parameters", {})
        kind = row.get("subscription", {}).get("type")
        trial = kind == "PRODUCT_TYPE_TRIAL" if kind else held.get("isTrial")
        figures = [(a["id"], "used_bytes", a["usedSpace"]) for a in usage["account"]]
        figures += [(a["id"], "assigned_bytes", a["capacity"]) for a in usage["account"]]
        figures += [(row["id"], "capacity_bytes", usage["capacity"])]
        figures += [(row["id"], meter, held[meter]) for meter in ("hosts", "users") if meter in held]
        told |= {
            (str(row["id"]), str(resource), meter): (int(figure), trial)
            for resource, meter, figure in figures
            if int(figure) != UNLIMITED
        }
    expected = truth(sandbox.world.truth(DAY))
    assert told == {(r.account_id, r.resource_id, r.meter): (r.quantity, r.is_trial) for r in expected}
    assert len(told) == len(expected)


def test_accounts_are_the_truth(sandbox, xopero):
    """Sub-partners and the customers of each, deleted ones included, names untouched."""
    told = [("1", p, "partner") for p in xopero.ask("GetPartners", {})]
    told += [(str(c["resellerId"]), c, "customer") for c in xopero.customers()]
    assert sorted((str(row["id"]), above, row["name"], kind) for above, row, kind in told) == sorted(
        (r.account_id, r.parent_account_id, r.name, r.account_type)
        for r in truth(sandbox.world.truth_accounts(DAY))
    )


def test_subscriptions_are_the_truth(sandbox, xopero):
    """One licence in force for each customer that is not deleted and has one."""
    told = set()
    for row in xopero.customers():
        if "subscription" in row and row["status"] != "DELETED":
            held = xopero.ask("GetSubscription", row["subscription"]["number"])
            ends = datetime.fromisoformat(held["validTo"]).date()
            told.add((str(row["id"]), held["number"], held["product"]["name"], held["status"].lower(), ends))
    assert told == {
        (r.account_id, r.subscription_id, r.plan, r.status, r.ends_on)
        for r in truth(sandbox.world.truth_subscriptions(DAY))
    }


def test_prices_are_the_truth(sandbox, xopero):
    """Strings without a currency, alike for every customer whose billing data are there."""
    lists = [xopero.call("GetCustomerAvailableProducts", row["id"]) for row in xopero.customers()]
    told = [row["data"] for row in lists if row["success"]]
    assert all(row == told[0] for row in told)
    assert {row["error"]["code"] for row in lists if not row["success"]} == {"0x6002", "0x6005"}
    assert {
        (item["name"], v["name"], v["price"])
        for c in told[0]
        for item in c["items"]
        for v in item["variants"]
    } == {(r.product, r.plan, str(r.price)) for r in truth(sandbox.world.truth_prices(DAY))}


def test_usage_keeps_its_sums(xopero):
    """The accounts add up to what is used and assigned, which is at most the capacity."""
    reserves = set()
    for row in xopero.customers():
        if row["status"] != "DELETED":
            usage = xopero.ask("GetCustomerUsage", row["id"])
            assert usage["account"][0]["id"] == row["id"]
            assert sum(int(a["usedSpace"]) for a in usage["account"]) == int(usage["usedSpace"])
            assert sum(int(a["capacity"]) for a in usage["account"]) == int(usage["assignedCapacity"])
            reserves.add(int(usage["capacity"]) - int(usage["assignedCapacity"]))
    assert reserves == {0, 2**30}


def test_either_secret_opens_and_nothing_else(sandbox):
    """Password or API key under its own field name; both, neither, or another field name are refused."""
    secret = sandbox.credentials
    key = {secret.xopero_api_key_field: secret.xopero_api_key}
    assert ask_token(sandbox, **key)["success"]
    for wrong in (
        {"apikey": secret.xopero_api_key},
        {"password": secret.xopero_api_key},
        {"password": ""},
        {"password": secret.xopero_password} | key,
        {"name": "somebody", "password": secret.xopero_password},
    ):
        assert ask_token(sandbox, **wrong) == {"success": False, "error": "Invalid login data."}


def test_a_token_ages_is_extended_and_forgotten(sandbox, xopero, monkeypatch):
    """Fifteen minutes from the last refresh, under the same name; dead at once when forgotten."""
    later = time.time()
    monkeypatch.setattr(sandbox.xopero_tokens, "_now", lambda: later)
    renewed = xopero.ask("RefreshToken")
    assert renewed["token"] == xopero.token
    assert datetime.fromisoformat(renewed["validTo"]).timestamp() == int(later) + 900
    later += 899
    assert xopero.ask("GetVersion") == 20509
    later += 2
    assert xopero.call("GetVersion") == {"success": False, "error": "Invalid access token."}
    another = Xopero(sandbox)
    assert another.ask("ForgetToken") is True
    assert not another.call("GetVersion")["success"]
    assert sandbox.xopero_tokens.alive == 0


def test_pages_hold_a_hundred_at_most_and_tell_no_total():
    """A bare array; without a limit fewer come than there are, so a client has to send one."""
    from connectors.sandbox.server import Sandbox

    with Sandbox(customers=600) as sandbox:
        sandbox.set_now("2026-10-15T01:00:00+00:00")
        xopero = Xopero(sandbox)
        owners = [c for c in sandbox.world.xopero(DAY).customers if c.reseller_id == 1]
        assert len(xopero.ask("GetCustomers")) == min(20, len(owners))
        assert len(xopero.ask("GetCustomers", {"offset": 3, "limit": 2})) == 2
        assert xopero.ask("GetCustomers", {"limit": 0}) == []
        assert len(xopero.customers()) == len(sandbox.world.xopero(DAY).customers) > 250
        for wrong in ({"limit": 101}, {"limit": "100"}, {"offset": -1}, {"page": 1}, [], 5):
            assert not xopero.call("GetCustomers", wrong)["success"]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("GetCustomer", "Ox5002"),
        ("GetCustomerUsage", "0\u04457002"),
        ("GetCustomerAvailableProducts", "0x6002"),
        ("GetUser", 0x9002),
    ],
)
def test_codes_come_in_many_spellings(xopero, function, error):
    """The letter O, Cyrillic letters, plain, or a number."""
    assert xopero.call(function, 999_999)["error"]["code"] == error


def test_data_is_a_bare_id_and_a_number_a_string(xopero):
    """An object or a string is refused where a number is due, and the other way round."""
    for wrong in ({"id": 2300}, "2300", True, None):
        assert xopero.call("GetCustomerUsage", wrong)["error"]["code"] == "0\u04457000"
    assert xopero.call("GetSubscription", 4314)["error"] == "0xa000"


def test_a_user_is_not_a_customer(xopero):
    """Users have ids of their own and no usage of their own, but can be looked up."""
    child = next(row for row in xopero.customers() if "children" in row)["children"][0]
    assert xopero.call("GetCustomerUsage", child["id"])["error"]["code"] == "0\u04457003"
    assert xopero.ask("GetUser", child["id"])["name"] == child["name"]


def test_writes_are_refused_and_logged(sandbox, xopero):
    """No function that changes something exists here; what was tried stands in the log."""
    for function in ("AddCustomer", "SetSubscription", "DeleteUser"):
        assert not xopero.call(function, {"customerId": 2300})["success"]
    assert [entry.operation for entry in sandbox.refused_writes] == [
        "AddCustomer",
        "SetSubscription",
        "DeleteUser",
    ]


def test_only_json_is_posted(sandbox):
    """Anything else fails, and never with an empty success."""
    address = f"{sandbox.url}/xopero/api/v2"
    assert httpx.get(f"{address}/endpoint").status_code == 404
    assert httpx.post(f"{address}/users", json={}).status_code == 404
    assert not httpx.post(f"{address}/endpoint", data={"function": "GetVersion"}).json()["success"]
    assert not httpx.post(f"{address}/endpoint", json=["GetVersion"]).json()["success"]


def test_figures_come_as_strings_and_as_numbers(xopero):
    """Bytes mostly as strings and counts as numbers; for some customers the other way round."""
    usages = [xopero.ask("GetCustomerUsage", r["id"]) for r in xopero.customers() if r["status"] != "DELETED"]
    assert {type(usage["usedSpace"]) for usage in usages} == {str, int}
    hosts = {type(r["parameters"]["hosts"]) for r in xopero.customers() if "parameters" in r}
    assert hosts == {str, int}
    assert max(int(usage["usedSpace"]) for usage in usages) > 2**53


def test_trial_flags_contradict_and_parts_are_missing():
    """Both ways of contradiction, and customers without subscription, parameters or personal data."""
    rows = World().xopero(DAY).customers
    said = {
        (row.subscription.kind, row.parameters.is_trial)
        for row in rows
        if row.subscription and row.parameters
    }
    assert {("TRIAL", False), ("TRIAL", True), ("FULL", True), ("FULL", False)} <= said
    for part in ("subscription", "parameters", "personal"):
        assert {getattr(row, part) is None for row in rows} == {True, False}
    assert {"DELETED", "IS_DISABLED", "ACTIVATED", "NOT_ACTIVATED"} == {row.status for row in rows}


def test_personal_values_stand_in_answers_and_nowhere_else_in_the_world(sandbox, xopero):
    """A search for their bytes proves what a client drops."""
    served = xopero.post("GetCustomers", {"limit": 100}).content
    values = sandbox.world.personal_values()
    assert len(set(values)) == len(values) > 100
    own = sandbox.world.xopero(DAY).by_reseller[1]
    assert all(value.encode() in served for row in own for value in row.personal or ())
    usage = b"".join(xopero.post("GetCustomerUsage", row.customer_id).content for row in own)
    assert not any(value.encode() in usage for value in values)


def test_an_expired_token_is_void_from_then_on(sandbox, xopero):
    """401 once, a failure in HTTP 200 from then on, and a new token works."""
    sandbox.faults.switch_on("expired_token", "xopero", "GetVersion", times=1)
    told = [xopero.post("GetVersion") for _ in range(2)]
    assert [(r.status_code, r.json()["success"]) for r in told] == [(401, False), (200, False)]
    assert Xopero(sandbox).ask("GetVersion")


def test_failures_of_one_customer_and_of_no_manual(sandbox, xopero):
    """Out of reach has the function's own code; another code is in no table."""
    sandbox.faults.switch_on("out_of_reach", "xopero", "GetCustomerUsage", times=1)
    sandbox.faults.switch_on("success_false", "xopero", "GetCustomerUsage", times=1)
    codes = [xopero.call("GetCustomerUsage", 2300).get("error", {}).get("code") for _ in range(3)]
    assert codes == ["0\u0445ffff", "0\u04457004", None]


def test_body_faults_reach_answers_that_are_kept(sandbox, xopero):
    """A renamed field, words for a figure, an empty list beside its total; then all is well again."""
    whole = xopero.ask("GetCustomerUsage", 2300)
    sandbox.faults.switch_on("renamed_field", "xopero", "GetCustomerUsage", times=1, field="usedSpace")
    assert "usedSpaceRenamed" in xopero.ask("GetCustomerUsage", 2300)
    sandbox.faults.switch_on("wrong_type", "xopero", "GetCustomerUsage", times=1, field="capacity")
    assert xopero.ask("GetCustomerUsage", 2300)["account"][0]["capacity"] == "a lot"
    sandbox.faults.switch_on("empty_list", "xopero", "GetCustomerUsage", times=1)
    assert xopero.ask("GetCustomerUsage", 2300) == whole | {"account": []}
    assert xopero.ask("GetCustomerUsage", 2300) == whole
