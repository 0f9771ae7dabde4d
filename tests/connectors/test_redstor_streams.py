"""Every stream in both API versions against the sandbox: its truth is landed, or the pull fails loudly."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from connectors.errors import ContractBroken, CredentialsRefused, IncompletePull, TemporaryFailure
from connectors.redstor import VENDOR
from connectors.sandbox.redstor_estate import PRODUCTS, total
from connectors.sandbox.server import Sandbox
from connectors.stream import UsageDay
from warehouse.landing import Landing

NIGHT = "2026-11-02T01:00:00+00:00"
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))
STREAMS = [stream.name for stream in VENDOR.streams]
VERSIONS = ["1", "2.0"]
BELOW = "/companies/{companyId}/consumption/customers/transitive"


@pytest.fixture(scope="module")
def running():
    with Sandbox(customers=200) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running, monkeypatch):
    monkeypatch.setenv("BACKUP_BILLING_NOW", NIGHT)
    running.set_now(NIGHT)
    running.faults.clear()
    running.log.clear()
    yield running
    assert running.refused_writes == []


@pytest.fixture
def land(sandbox, tmp_path):
    """land(stream, version, usage_day) -> (pull, rows)"""
    settings = sandbox.environment(tmp_path)
    landing = Landing(tmp_path / "home" / "raw")

    def land(name, version, day=DAY):
        connection = VENDOR.connection(
            base_url=settings["REDSTOR_BASE_URL"],
            issuer_url=settings["REDSTOR_ISSUER_URL"],
            client_id=settings["REDSTOR_CLIENT_ID"],
            jwk_file=settings["REDSTOR_JWK_FILE"],
            api_version=version,
            requests_per_second=10_000,
        )
        stream = VENDOR.stream(name)
        with VENDOR.open(connection, tmp_path) as client:
            pull = landing.land(stream, "default", day, lambda: stream.fetch(client, day))
        rows = pq.read_table(landing.home / pull.rows_path).to_pylist()
        return pull, [{c: v for c, v in row.items() if c not in ("row_no", "response_no")} for row in rows]

    return land


def usage(figures, version):
    names = [field.column for field in VENDOR.stream("consumption").fields][-8:]
    told = dict(zip(names, figures, strict=True))
    return told if version == "2.0" else told | {"licensed_users": None}


def truth(world, name, version, day=DAY):
    """The rows of a stream as the sandbox's world has them."""
    estate = world.redstor(day.date)
    match name:
        case "companies":
            columns = [field.column for field in VENDOR.stream(name).fields]
            order = ["company_id", "company_name", "is_enabled", "type", "parent_company_id"]
            found = [dict(zip(order, company, strict=True)) for company in estate.companies]
            return [{column: row[column] for column in columns} for row in found]
        case "subscriptions":
            columns = [
                "company_id",
                "subscription_id",
                "product_id",
                "edition_id",
                "trial_status",
                "is_active",
            ]
            return [dict(zip(columns, row, strict=True)) for row in estate.subscriptions]
        case "consumption":
            return [
                {
                    "company_id": row.company_id,
                    "company_name": estate.by_id[row.company_id].name,
                    "parent_company_id": estate.by_id[row.company_id].parent_id,
                    "subscription_id": row.subscription_id,
                    "product_id": row.product.product_id,
                    "product_name": row.product.name,
                    "sku": row.product.sku,
                    "is_trial": row.is_trial,
                    **usage(row.usage, version),
                }
                for row in estate.consumption
            ]
        case "consumption_summary":
            own = [row.usage for row in estate.consumption if row.company_id == estate.root.company_id]
            below = [row.usage for row in estate.consumption if row.company_id != estate.root.company_id]
            return [
                {"company_id": estate.root.company_id, "scope": scope, **usage(total(rows), version)}
                for scope, rows in (("company", own), ("customers", below))
            ]
        case "backup_status":
            return [
                {
                    "company_id": row.company_id,
                    "product_id": row.product.product_id,
                    "product_name": row.product.name,
                    "success": row.success,
                    "errors": row.errors,
                    "warnings": row.warnings,
                    "failed": row.failed,
                    "missed": row.missed if version == "2.0" else None,
                }
                for row in estate.backup_statuses
            ]


def declared(rows):
    """The declared columns, in no particular order."""
    return sorted(json.dumps({c: v for c, v in row.items() if c != "extra"}, sort_keys=True) for row in rows)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [name for name in STREAMS if name != "products"])
def test_what_the_vendor_has_is_what_is_landed(sandbox, land, name, version):
    """Every row and every figure, beyond 2^53 too, in the same columns whatever the version."""
    pull, rows = land(name, version)
    assert declared(rows) == declared(truth(sandbox.world, name, version))
    assert (pull.quarantined, pull.repeated, pull.unknown_fields) == (0, 0, ())
    assert {row["extra"] for row in rows} == {None}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_catalogue_names_products_and_editions(land, version):
    """An edition id is unique only within its product, so editions stay beneath it."""
    _, rows = land("products", version)
    assert [(row["product_id"], row["product_name"]) for row in rows] == [p[:2] for p in PRODUCTS]
    names = ("id", "name") if version == "1" else ("editionId", "editionName")
    for row, product in zip(rows, PRODUCTS, strict=True):
        editions = [tuple(edition[name] for name in names) for edition in json.loads(row["editions"])]
        assert editions == [edition[:2] for edition in product.editions]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_past_day_can_be_asked_for(sandbox, land, version):
    """Usage is dated: a missed night is filled with that night's figures, not today's."""
    past = UsageDay(date(2026, 9, 30), ZoneInfo("UTC"))
    _, rows = land("consumption", version, past)
    billed = {(row["subscription_id"], row["protected_bytes"], row["is_trial"]) for row in rows}
    known = {company.company_id for company in sandbox.world.redstor(DAY.date).companies}
    assert billed == {
        (row.subscription_id, row.usage.protected_bytes, row.is_trial)
        for row in sandbox.world.redstor(past.date).consumption
        if row.company_id in known
    }
    assert billed != {
        (row["subscription_id"], row["protected_bytes"], row["is_trial"])
        for row in truth(sandbox.world, "consumption", version)
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["companies", "consumption"])
@pytest.mark.parametrize("mode", ["503_html", "429", "reset_mid_body", "truncated_body", "expired_token"])
def test_a_passing_failure_leaves_no_trace_in_the_rows(sandbox, land, mode, name, version):
    """Retried answers and a voided token cost time only."""
    sandbox.faults.switch_on(mode, "redstor", times=1 if mode == "expired_token" else 2)
    if mode == "429":
        sandbox.faults.switch_on("503_html", "redstor", operation="token", times=1)
    _, rows = land(name, version)
    assert declared(rows) == declared(truth(sandbox.world, name, version))


@pytest.mark.parametrize(
    ("mode", "settings"),
    [("page_shift", {}), ("page_shift", {"appears": True}), ("duplicate_rows", {}), ("empty_list", {})],
)
def test_pages_that_shift_once_are_read_again(sandbox, land, mode, settings):
    """The rows are looked at until they add up, and a row told twice is landed once."""
    sandbox.faults.switch_on(mode, "redstor", operation=BELOW, times=1, **settings)
    pull, rows = land("consumption", "1")
    assert declared(rows) == declared(truth(sandbox.world, "consumption", "1"))
    assert pull.vendor_total == len(rows)


CUSTOMERS = "/companies/{companyId}/customers*"


@pytest.mark.parametrize(
    ("version", "name", "operation", "fault", "error"),
    [
        ("1", "consumption", BELOW, {"mode": "page_shift"}, IncompletePull),
        ("1", "consumption", BELOW, {"mode": "empty_list"}, IncompletePull),
        ("2.0", "consumption", "/consumption", {"mode": "empty_list"}, IncompletePull),
        ("1", "companies", CUSTOMERS, {"mode": "page_shift"}, IncompletePull),
        ("2.0", "subscriptions", CUSTOMERS, {"mode": "empty_list"}, IncompletePull),
        ("1", "consumption", BELOW, {"mode": "renamed_field", "field": "activeSeats"}, ContractBroken),
        (
            "2.0",
            "consumption",
            "/consumption",
            {"mode": "renamed_field", "field": "licensedUsers"},
            ContractBroken,
        ),
        ("2.0", "consumption", "/consumption", {"mode": "renamed_field", "field": "results"}, ContractBroken),
        ("1", "consumption", BELOW, {"mode": "renamed_field", "field": "nextPageToken"}, IncompletePull),
        ("2.0", "companies", CUSTOMERS, {"mode": "renamed_field", "field": "companyId"}, ContractBroken),
        (
            "1",
            "consumption_summary",
            None,
            {"mode": "renamed_field", "field": "customerSummary"},
            ContractBroken,
        ),
        ("2.0", "consumption_summary", None, {"mode": "wrong_type", "field": "activeSeats"}, ContractBroken),
        ("2.0", "backup_status", None, {"mode": "truncated_body"}, TemporaryFailure),
        ("1", "products", "/products", {"mode": "empty_list"}, IncompletePull),
        ("2.0", "companies", "/companies", {"mode": "expired_token"}, CredentialsRefused),
    ],
)
def test_a_lasting_failure_is_loud_and_lands_no_row(sandbox, land, version, name, operation, fault, error):
    """Drift, shifting pages and empty lists are errors with their evidence, never zeros."""
    sandbox.faults.switch_on(**{"vendor": "redstor", "operation": operation, **fault})
    with pytest.raises(error) as caught:
        land(name, version)
    assert caught.value.pull.rows_path is None
    assert caught.value.pull.responses_path
    assert caught.value.pull.reason == str(caught.value)


@pytest.mark.parametrize(("version", "operation"), [("1", BELOW), ("2.0", "/consumption")])
def test_a_new_field_is_kept_and_reported(sandbox, land, version, operation):
    """Nothing is dropped: it stands in `extra` until it is declared."""
    sandbox.faults.switch_on("unknown_field", "redstor", operation=operation, field="productId")
    pull, rows = land("consumption", version)
    assert pull.unknown_fields == ("somethingNew",)
    assert {row["extra"] for row in rows} >= {'{"somethingNew": "1"}'}
    assert len(rows) == len(truth(sandbox.world, "consumption", version))


def test_a_figure_in_words_is_quarantined(sandbox, land):
    """One row is set aside with its reason, and the rest still adds up to the vendor's total."""
    sandbox.faults.switch_on("wrong_type", "redstor", operation=BELOW, field="activeSeats", times=1)
    pull, rows = land("consumption", "1")
    assert pull.quarantined == 1
    assert pull.vendor_total == len(rows) + 1


def test_no_token_reaches_the_disk(sandbox, land, tmp_path):
    """Neither the access token nor the assertion is in any landed answer."""
    land("companies", "2.0")
    tokens = list(sandbox.issuer._valid_until)
    assert tokens
    landed = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    landed += [
        str(pq.read_table(path).to_pylist()).encode()
        for path in (tmp_path / "home").rglob("*.responses.parquet")
    ]
    assert not any(token.encode() in content for token in tokens for content in landed)
    assert not any(b"client_assertion" in content for content in landed)
