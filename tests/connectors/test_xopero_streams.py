"""Every stream against the sandbox and its faults: what is true is landed, or the pull fails and says why."""

from datetime import date
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from connectors.errors import ContractBroken, IncompletePull, RequestRefused, TemporaryFailure
from connectors.sandbox.server import Sandbox
from connectors.stream import UsageDay
from connectors.xopero import VENDOR
from warehouse.landing import Landing, Status

NIGHT = "2026-11-02T01:00:00+00:00"
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))
FUNCTIONS = {
    "customers": "GetCustomers",
    "customer_usage": "GetCustomerUsage",
    "subscriptions": "GetSubscription",
    "available_products": "GetCustomerAvailableProducts",
    "partners": "GetPartners",
}
FIELDS = dict(zip(FUNCTIONS, ("capacity", "usedSpace", "capacity", "variants", "id"), strict=True))
EACH = ("customer_usage", "subscriptions", "available_products")
LISTS = ("customers", "partners")


@pytest.fixture(scope="module")
def running():
    with Sandbox(customers=60) as sandbox:
        sandbox.set_now(NIGHT)
        yield sandbox


@pytest.fixture
def sandbox(running, monkeypatch):
    monkeypatch.setenv("BACKUP_BILLING_NOW", NIGHT)
    running.faults.clear()
    yield running
    assert running.refused_writes == []


@pytest.fixture
def land(sandbox, tmp_path):
    """land(stream) -> (pull, rows), from an empty home."""
    told = sandbox.environment(tmp_path)
    connection = VENDOR.connection(
        base_url=told["XOPERO_BASE_URL"], login=told["XOPERO_NAME"], password=told["XOPERO_PASSWORD"]
    )
    homes = iter(range(100))

    def land(name):
        stream = VENDOR.stream(name)
        landing = Landing(tmp_path / f"home-{next(homes)}" / "raw")
        with VENDOR.open(connection, tmp_path) as client:
            pull = landing.land(stream, "default", DAY, lambda: stream.fetch(client, DAY))
        rows = pq.read_table(landing.home / pull.rows_path).to_pylist()
        drop = ("row_no", "response_no", "extra")
        return pull, [{column: row[column] for column in row if column not in drop} for row in rows]

    return land


@pytest.fixture
def whole(sandbox, land):
    """whole(stream): its rows on a good night, in no order."""
    return lambda name: as_set(land(name)[1])


def as_set(rows):
    found = {repr(sorted(row.items())) for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("mode", ["503_html", "429", "reset_mid_body", "truncated_body", "expired_token"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_fault_that_passes_changes_nothing(sandbox, land, whole, name, mode):
    """Asked again, or logged in again: the same rows."""
    good = whole(name)
    sandbox.faults.switch_on(mode, "xopero", FUNCTIONS[name], 2 if mode != "expired_token" else 1)
    pull, rows = land(name)
    assert pull.status is Status.OK
    assert as_set(rows) == good


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("503_html", TemporaryFailure),
        ("429", TemporaryFailure),
        ("reset_mid_body", TemporaryFailure),
        ("truncated_body", TemporaryFailure),
        ("success_false", RequestRefused),
    ],
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_fault_that_stays_fails_the_pull(sandbox, land, name, mode, error):
    """Never an empty stream, however the vendor fails."""
    sandbox.faults.switch_on(mode, "xopero", FUNCTIONS[name])
    with pytest.raises(error, match=FUNCTIONS[name]):
        land(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_renamed_field_fails_the_pull(sandbox, land, name):
    """In every row: the contract changed, and the sentence names the field."""
    sandbox.faults.switch_on("renamed_field", "xopero", FUNCTIONS[name], field=FIELDS[name])
    with pytest.raises(ContractBroken, match=FIELDS[name]):
        land(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_unknown_field_is_kept_and_reported(sandbox, land, whole, name):
    """The rows are what they were, and the pull names the new field."""
    good = whole(name)
    sandbox.faults.switch_on("unknown_field", "xopero", FUNCTIONS[name], field=FIELDS[name])
    pull, rows = land(name)
    assert {field.rpartition("/")[2] for field in pull.unknown_fields} == {"somethingNew"}
    assert as_set(rows) == good


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("mode", ["out_of_reach", "renamed_field", "wrong_type"])
def test_one_bad_answer_costs_one_customer(sandbox, land, whole, name, mode):
    """The others' rows are what they were; the one is in quarantine and not zero."""
    good = whole(name)
    before = land(name)[0].quarantined
    field = {"field": FIELDS[name]} if mode != "out_of_reach" else {}
    sandbox.faults.switch_on(mode, "xopero", FUNCTIONS[name], 1, **field)
    pull, rows = land(name)
    missing = {row["customer_id"] for row in land(name)[1]} - {row["customer_id"] for row in rows}
    assert pull.quarantined == before + 1
    assert as_set(rows) < good
    assert len(missing) == 1


def test_a_wrong_type_in_a_list_costs_one_row(sandbox, land, whole):
    """On every look: the row is in quarantine, and the customer's usage is read all the same."""
    good, usage = whole("customers"), whole("customer_usage")
    sandbox.faults.switch_on("wrong_type", "xopero", "GetCustomers", field="hasBriefcase")
    pull, rows = land("customers")
    assert pull.quarantined == len(good) - len(rows) > 0
    assert as_set(rows) < good
    assert as_set(land("customer_usage")[1]) == usage


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rows_told_twice_are_rows_once(sandbox, land, whole, name):
    """To the letter the same: dropped, and the figures stay what they are."""
    good = whole(name)
    sandbox.faults.switch_on("duplicate_rows", "xopero", FUNCTIONS[name])
    assert as_set(land(name)[1]) == good


@pytest.mark.parametrize("name", ["customers", "customer_usage", "available_products"])
def test_empty_lists_are_never_zero(sandbox, land, name):
    """Nobody, no account beside used space, no product for anyone."""
    sandbox.faults.switch_on("empty_list", "xopero", FUNCTIONS[name])
    with pytest.raises((IncompletePull, ContractBroken)):
        land(name)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_empty_once_is_looked_at_again(sandbox, land, whole, name):
    """The second look shows what the first did not."""
    good = whole(name)
    sandbox.faults.switch_on("empty_list", "xopero", FUNCTIONS[name], 1)
    assert as_set(land(name)[1]) == good
