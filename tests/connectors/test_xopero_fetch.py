"""One call a customer: side by side, one failure beside the others, and only once a night."""

from contextlib import ExitStack

import pyarrow.parquet as pq
import pytest
from stub_vendor import Answer
from xopero_support import (
    DAY,
    GIB,
    IN_WINDOW,
    PASSWORD,
    Brand,
    available,
    connected,
    customer,
    failure,
    served,
    subscription,
    success,
    usage,
)

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    IncompletePull,
    OutsideSnapshotWindow,
    RequestRefused,
    TemporaryFailure,
)
from connectors.xopero import VENDOR
from warehouse.landing import Landing, Status
from warehouse.landing.responses import read_responses

FIGURES = ("scope", "account_id", "used_bytes", "assigned_bytes", "capacity_bytes")
OUT_OF_REACH = failure({"code": "0x7004", "message": "Out of reach account."})


@pytest.fixture
def landing(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKUP_BILLING_NOW", IN_WINDOW)
    return Landing(tmp_path / "home" / "raw")


@pytest.fixture
def serve():
    """Serves a brand at one address until the test ends: answers of another address are not taken."""
    with ExitStack() as open_until_then:
        yield lambda brand: open_until_then.enter_context(served(brand))


def pull(landing, brand, tmp_path, name="customer_usage", **settings):
    """Lands a stream as the nightly run does: resumed where it can be."""
    stream = VENDOR.stream(name)
    with connected(brand, tmp_path, **settings) as client:
        return landing.land(
            stream,
            "default",
            DAY,
            lambda: stream.resume(client, DAY, landing.answered(stream, "default", DAY)),
        )


def rows(landing, landed, *columns):
    table = pq.read_table(landing.home / landed.rows_path).to_pylist()
    return [tuple(row[column] for column in columns) for row in table]


def quarantine(landing, landed):
    return [row["reason"] for row in pq.read_table(landing.home / landed.quarantine_path).to_pylist()]


def brand_of(count, overrule=None):
    return Brand(
        customers={None: [customer(number) for number in range(1, count + 1)]},
        overrule=overrule or (lambda _function, _data: None),
    )


def only(function_name, answers):
    """Overrules one function: by its argument, else as usual."""
    return lambda function, data: answers.get(data) if function == function_name else None


def test_the_sums_and_each_account_are_rows(landing, tmp_path):
    """Numbers that come as text are the numbers; what the list told stands beside them."""
    told = success(usage(2, (2, 5, 10 * GIB), (5002, 2**53 + 1, 20 * GIB)))
    landed = pull(landing, brand_of(2, only("GetCustomerUsage", {2: told})), tmp_path)
    assert rows(landing, landed, "customer_id", *FIGURES) == [
        (1, "customer", 1, 3 * GIB, 10 * GIB, 100 * GIB),
        (1, "account", 1, 3 * GIB, 10 * GIB, None),
        (2, "customer", 2, 2**53 + 6, 30 * GIB, 100 * GIB),
        (2, "account", 2, 5, 10 * GIB, None),
        (2, "account", 5002, 2**53 + 1, 20 * GIB, None),
    ]
    facts = ("subscription_type", "is_trial", "hosts", "users", "product_name")
    assert set(rows(landing, landed, *facts)) == {("PRODUCT_TYPE_FULL", False, 2147483647, 25, "XCE100GB")}
    assert {str(at) for (at,) in rows(landing, landed, "read_at")} == {"2026-11-02 01:00:00+00:00"}


def test_a_customer_is_asked_about_by_its_bare_number(landing, tmp_path):
    """And a subscription by the text of its number."""
    brand = brand_of(2)
    pull(landing, brand, tmp_path)
    pull(landing, brand, tmp_path, "subscriptions")
    assert sorted(brand.asked("GetCustomerUsage")) == [1, 2]
    assert sorted(brand.asked("GetSubscription")) == ["4-2026-1", "4-2026-2"]


def test_one_unreadable_customer_is_recorded_and_stops_nobody(landing, tmp_path):
    """Its usage is missing, not zero: quarantined with the vendor's reason."""
    landed = pull(landing, brand_of(9, only("GetCustomerUsage", {4: OUT_OF_REACH})), tmp_path)
    assert landed.status is Status.OK
    assert {number for (number,) in rows(landing, landed, "customer_id")} == {1, 2, 3, 5, 6, 7, 8, 9}
    assert quarantine(landing, landed) == [
        "customer 4: GetCustomerUsage answered success: false, 0x7004: the account is out of reach"
    ]


@pytest.mark.parametrize(
    "answer",
    [
        failure("0x9999"),
        Answer(500, b"<html>"),
        Answer(200, b""),
        Answer(200, b'{"success": true, "data": {"acc'),
        success(None),
        success({}),
        success([]),
        success(usage(4) | {"usedSpace": None}),
        success(usage(4) | {"usedSpace": 3.0 * GIB}),
        success(usage(4) | {"usedSpace": f"{3 * GIB}.0"}),
        success(usage(4) | {"usedSpace": "3e9"}),
        success(usage(4) | {"usedSpace": f" {3 * GIB}"}),
        success(usage(4) | {"usedSpace": "\u0663"}),
        success(usage(4) | {"account": []}),
        success(usage(4) | {"account": None}),
        success(usage(4) | {"assignedCapacity": "0"}),
        success({name: value for name, value in usage(4).items() if name != "account"}),
        success(usage(4, (4, 1, 1), (4, 2, 1))),
    ],
    ids=range(18),
)
def test_whatever_one_customer_answers_is_never_zero(landing, tmp_path, answer):
    """Failures, cut answers, lost figures, and sums that do not add up: missing, and said so."""
    landed = pull(landing, brand_of(9, only("GetCustomerUsage", {4: answer})), tmp_path)
    assert {number for (number,) in rows(landing, landed, "customer_id")} == {1, 2, 3, 5, 6, 7, 8, 9}
    assert len(quarantine(landing, landed)) == 1


def test_an_account_told_twice_to_the_letter_is_one(landing, tmp_path):
    """It counts once, against sums that count it once."""
    told = usage(1)
    told["account"] *= 2
    landed = pull(landing, brand_of(1, only("GetCustomerUsage", {1: success(told)})), tmp_path)
    assert rows(landing, landed, "scope", "used_bytes") == [("customer", 3 * GIB), ("account", 3 * GIB)]


def test_zero_is_landed_when_the_vendor_says_zero(landing, tmp_path):
    """A customer who uses nothing yet is a reading."""
    landed = pull(
        landing, brand_of(1, only("GetCustomerUsage", {1: success(usage(1, (1, 0, GIB)))})), tmp_path
    )
    assert rows(landing, landed, "scope", "used_bytes") == [("customer", 0), ("account", 0)]


def test_several_in_a_row_are_no_accident(landing, tmp_path):
    """The vendor is down: the night fails with the reason, instead of asking everybody else in vain."""
    brand = brand_of(200, lambda function, _: Answer(503, b"") if function == "GetCustomerUsage" else None)
    with pytest.raises(TemporaryFailure, match=r"5 customers in a row could not be read.*HTTP 503"):
        pull(landing, brand, tmp_path, max_in_flight=1)
    assert len(set(brand.asked("GetCustomerUsage"))) < 30


def test_a_renamed_field_fails_the_pull(landing, tmp_path):
    """The contract changed for everybody: the sentence names the field."""

    def renamed(function, data):
        told = usage(data) if function == "GetCustomerUsage" else {}
        told["spaceUsed"] = told.pop("usedSpace", None)
        return success(told) if function == "GetCustomerUsage" else None

    with pytest.raises(ContractBroken, match="usedSpace is missing"):
        pull(landing, brand_of(20, renamed), tmp_path)


def test_nobody_readable_fails_the_pull(landing, tmp_path):
    """Three of three are nobody, too few in a row as they are."""
    brand = brand_of(3, lambda function, _: failure("0x1") if function == "GetCustomerUsage" else None)
    with pytest.raises(RequestRefused, match="none of 3 customers could be read"):
        pull(landing, brand, tmp_path)


def test_nobody_in_reach_is_no_usage(landing, tmp_path):
    """A login without rights over its customers has not read zero."""
    brand = brand_of(3, lambda function, _: OUT_OF_REACH if function == "GetCustomerUsage" else None)
    with pytest.raises(IncompletePull, match="3 customers were asked and not one row came of it"):
        pull(landing, brand, tmp_path)


def test_customers_out_of_reach_in_a_row_stop_nobody(landing, tmp_path):
    """Each of them is explained by the vendor."""
    brand = brand_of(30, only("GetCustomerUsage", dict.fromkeys(range(1, 20), OUT_OF_REACH)))
    assert pull(landing, brand, tmp_path).quarantined == 19


def test_a_customer_out_of_reach_between_failures_breaks_the_row(landing, tmp_path):
    """The vendor still answers with a reason, so it is not down."""
    answers = {number: OUT_OF_REACH if number == 4 else failure("0x1") for number in range(1, 8)}
    brand = brand_of(10, only("GetCustomerUsage", answers))
    assert pull(landing, brand, tmp_path).quarantined == 7


def test_a_deleted_customer_without_usage_is_no_problem(landing, tmp_path):
    """The list shows it for ever; its refusal is kept as evidence, and its usage landed if there is some."""
    gone = failure("0x7002")
    brand = brand_of(2, only("GetCustomerUsage", {3: gone}))
    brand.customers[None] += [customer(3, status="DELETED"), customer(4, status="DELETED")]
    landed = pull(landing, brand, tmp_path)
    assert landed.quarantined == 0
    assert {number for (number,) in rows(landing, landed, "customer_id")} == {1, 2, 4}
    kept = [exchange for _, exchange in read_responses(landing.home / landed.responses_path)]
    assert [(e.role.value, e.reason[:31]) for e in kept if e.context.get("customer_id") == "3"] == [
        ("control", "GetCustomerUsage answered succe")
    ]


def test_refused_credentials_stop_the_pull_at_once(landing, tmp_path):
    """They are nobody's in particular."""
    brand = brand_of(50, lambda function, _: Answer(401, b"") if function == "GetCustomerUsage" else None)
    brand.grant = lambda _: (
        success({"token": "TOKEN-z", "validTo": "2026-01-01T00:00:00Z"})
        if len(brand.logins) == 1
        else failure("no")
    )
    with pytest.raises(CredentialsRefused):
        pull(landing, brand, tmp_path)
    assert len(brand.asked("GetCustomerUsage")) <= 12


def test_a_failed_pull_is_resumed_where_it_failed(landing, tmp_path, serve):
    """Customers read before are not asked again, by another client either; the rows are as if nothing was."""
    fails = dict.fromkeys(range(60, 100), Answer(500, b""))
    brand = serve(brand_of(100, only("GetCustomerUsage", fails)))
    with pytest.raises(TemporaryFailure):
        pull(landing, brand, tmp_path, max_in_flight=2)
    before = set(brand.asked("GetCustomerUsage"))
    brand.calls.clear()
    fails.clear()
    landed = pull(landing, brand, tmp_path)
    again = set(brand.asked("GetCustomerUsage"))
    assert set(range(1, 60)) <= before
    assert again == set(range(60, 101))
    assert landed.quarantined == 0
    assert [number for (number,) in rows(landing, landed, "customer_id")] == [
        n for n in range(1, 101) for _ in "ab"
    ]
    assert landing.replay(VENDOR.stream("customer_usage"), landed) == landed


def test_an_unreadable_customer_is_asked_again_when_the_pull_is_resumed(landing, tmp_path, serve):
    """Only what was read need not be asked."""
    fails = {5: OUT_OF_REACH} | dict.fromkeys(range(60, 80), Answer(500, b""))
    brand = serve(brand_of(80, only("GetCustomerUsage", fails)))
    with pytest.raises(TemporaryFailure):
        pull(landing, brand, tmp_path, max_in_flight=2)
    brand.calls.clear()
    fails.clear()
    assert pull(landing, brand, tmp_path).quarantined == 0
    assert 5 in brand.asked("GetCustomerUsage")
    assert 6 not in brand.asked("GetCustomerUsage")


def test_a_changed_customer_is_asked_again_when_the_pull_is_resumed(landing, tmp_path, serve):
    """What the list tells of it belongs to its rows: a trial that became paid is another answer."""
    fails = dict.fromkeys(range(60, 80), Answer(500, b""))
    brand = serve(brand_of(80, only("GetCustomerUsage", fails)))
    with pytest.raises(TemporaryFailure):
        pull(landing, brand, tmp_path, max_in_flight=2)
    brand.calls.clear()
    fails.clear()
    brand.customers[None][6]["subscription"]["type"] = "PRODUCT_TYPE_TRIAL"
    pull(landing, brand, tmp_path)
    assert 7 in brand.asked("GetCustomerUsage")
    assert 6 not in brand.asked("GetCustomerUsage")


def test_a_landed_pull_is_not_resumed_but_read_anew(landing, tmp_path):
    """Whoever asks again after success wants to know what is now."""
    brand = brand_of(5)
    pull(landing, brand, tmp_path)
    brand.calls.clear()
    brand.overrule = only("GetCustomerUsage", {2: success(usage(2, (2, 9, 9)))})
    assert pull(landing, brand, tmp_path).version == 2
    assert len(brand.asked("GetCustomerUsage")) == 5


def test_another_days_answers_are_never_taken(landing, tmp_path, monkeypatch):
    """Now is not then: after noon the day is closed, resumed or not."""
    brand = brand_of(9, lambda function, _: Answer(500, b"") if function == "GetCustomerUsage" else None)
    with pytest.raises(TemporaryFailure):
        pull(landing, brand, tmp_path)
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2026-11-02T12:00:00+00:00")
    with pytest.raises(OutsideSnapshotWindow):
        pull(landing, brand, tmp_path)


def test_a_subscription_is_a_row_with_the_customers_facts(landing, tmp_path):
    """Its product, period and dates; the type is the list's."""
    landed = pull(landing, brand_of(1), tmp_path, "subscriptions")
    columns = (
        "customer_id",
        "number",
        "subscription_type",
        "product_name",
        "capacity_bytes",
        "status",
        "period",
        "valid_to",
    )
    assert rows(landing, landed, *columns) == [
        (
            1,
            "4-2026-1",
            "PRODUCT_TYPE_FULL",
            "XCE100GB",
            100 * GIB,
            "CURRENT",
            "1Y",
            "2027-05-15T08:48:33+02:00",
        )
    ]


@pytest.mark.parametrize(
    "answer",
    [
        success(subscription("another")),
        success(subscription("4-2026-1", validTo="15.05.2027")),
        success(subscription("4-2026-1", validFrom="2026-05-15T08:48:33")),
        success(
            subscription(
                "4-2026-1",
                product={"id": 1, "name": "x", "type": "y", "hosts": 1, "users": 2, "sapacity": "5"},
            )
        ),
        failure("0xa002"),
    ],
)
def test_a_subscription_that_is_not_the_one_asked_for_is_quarantined(landing, tmp_path, answer):
    """Another number, dates nobody can read, a misprinted field: recorded, and nobody else's trouble."""
    landed = pull(
        landing, brand_of(2, only("GetSubscription", {"4-2026-1": answer})), tmp_path, "subscriptions"
    )
    assert rows(landing, landed, "number") == [("4-2026-2",)]
    assert len(quarantine(landing, landed)) == 1


def test_customers_without_subscription_are_not_asked_for_one(landing, tmp_path):
    """Partners who pay for resources have customers without any."""
    brand = brand_of(1)
    brand.customers[None] += [
        {k: v for k, v in customer(2).items() if k != "subscription"},
        customer(3, subscription=None),
    ]
    landed = pull(landing, brand, tmp_path, "subscriptions")
    assert rows(landing, landed, "customer_id") == [(1,)]


def test_a_renamed_subscription_is_not_no_subscription(landing, tmp_path):
    """If every customer lost it while another object has come, the contract changed."""
    brand = brand_of(3)
    brand.customers[None] = [
        {("licence" if name == "subscription" else name): value for name, value in row.items()}
        for row in brand.customers[None]
    ]
    with pytest.raises(ContractBroken, match=r"subscription is missing; was it renamed to one of: licence"):
        pull(landing, brand, tmp_path, "subscriptions")
    with pytest.raises(ContractBroken, match="licence"):
        pull(landing, brand, tmp_path, "customer_usage")


def test_products_are_a_row_a_variant(landing, tmp_path):
    """Numbers come as text and text as numbers; the price keeps its spelling."""
    told = success(available(hosts=10, users="25", capacity=5))
    priced = success(available(price=12.5))
    landed = pull(
        landing,
        brand_of(3, only("GetCustomerAvailableProducts", {1: told, 2: priced})),
        tmp_path,
        "available_products",
    )
    columns = (
        "customer_id",
        "product_class",
        "product_name",
        "variant_name",
        "hosts",
        "users",
        "capacity_bytes",
        "price",
    )
    assert rows(landing, landed, *columns) == [
        (1, "business", "Endpoint", "XCE100GB", "10", "25", 5, "299.00"),
        (2, "business", "Endpoint", "XCE100GB", "10", "5", 100 * GIB, "12.5"),
        (3, "business", "Endpoint", "XCE100GB", "10", "5", 100 * GIB, "299.00"),
    ]


def test_a_deleted_customer_is_offered_nothing(landing, tmp_path):
    """Nobody asks what it could buy."""
    brand = brand_of(1)
    brand.customers[None].append(customer(2, status="DELETED"))
    pull(landing, brand, tmp_path, "available_products")
    assert brand.asked("GetCustomerAvailableProducts") == [1]


def test_no_product_for_anybody_is_no_price_list(landing, tmp_path):
    """An empty list for all is unknown."""
    brand = brand_of(
        3, lambda function, _: success([]) if function == "GetCustomerAvailableProducts" else None
    )
    with pytest.raises(IncompletePull, match="not one row came of it"):
        pull(landing, brand, tmp_path, "available_products")


def test_the_streams_of_a_run_share_one_walk(landing, tmp_path):
    """The list is read once, and kept with each stream as what it went by."""
    brand = brand_of(3)
    streams = [VENDOR.stream(name) for name in ("customer_usage", "subscriptions", "available_products")]
    with connected(brand, tmp_path) as client:
        pulls = [
            landing.land(stream, "default", DAY, lambda s=stream: s.fetch(client, DAY)) for stream in streams
        ]
    assert len(brand.asked("GetCustomers")) == 4
    for landed in pulls:
        kept = [
            e for _, e in read_responses(landing.home / landed.responses_path) if e.role.value == "control"
        ]
        assert [e.operation for e in kept] == ["GetPartners"] * 2 + ["GetCustomers"] * 4


def test_no_personal_data_and_no_secret_is_on_disk(landing, tmp_path):
    """Every stored answer less the names, addresses and accounts, failed and cut ones too; byte by byte."""
    brand = brand_of(12)
    half = success([customer(n) for n in range(1, 13)]).body[:900]
    cut = [Answer(200, half)]
    brand.overrule = lambda function, data: (
        cut.pop() if function == "GetCustomers" and cut else OUT_OF_REACH if data == 4 else None
    )
    customers = VENDOR.stream("customers")
    with connected(brand, tmp_path) as client:
        landed = landing.land(customers, "default", DAY, lambda: customers.fetch(client, DAY))
    pull(landing, brand, tmp_path)
    pull(landing, brand, tmp_path, "subscriptions")
    kept = [e for p in landing.pulls() for _, e in read_responses(landing.home / p.responses_path)]
    assert any(e.role.value == "rejected" and "no whole JSON" in e.reason for e in kept)
    assert {e.context.get("withheld") for e in kept if e.operation == "GetCustomers"} >= {
        "email, personaldata"
    }
    bodies = b"".join(e.body + repr(e).encode() for e in kept)
    files = b"".join(pq_bytes(path) for path in landing.root.rglob("*.*"))
    assert b"login-1" in bodies  # what is not personal is there
    personal = ["MAIL-", "FIRM", "FIRSTNAME", "LASTNAME", "STREET", "VATIN", "BANKNAME", "PL6110"]
    for value in [*personal, "TOKEN-", PASSWORD]:
        assert value.encode() not in bodies
        assert value.encode() not in files
    assert landed.rows == 12


def pq_bytes(path):
    """A file's bytes, and what its pages hold when they are unpacked."""
    return path.read_bytes() + (
        repr(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else b""
    )
