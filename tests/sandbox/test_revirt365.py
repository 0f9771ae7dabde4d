"""The stand-in of ReVirt365 on the wire: what is published, and the contract file that describes the rest."""

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from connectors.sandbox.revirt365.app import INVALID_KEY
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import World

DAY = date(2026, 10, 14)


def ask_token(sandbox, **other):
    secret = sandbox.credentials
    body = {"appkey": secret.revirt365_app_key, "appsecret": secret.revirt365_app_secret} | other
    return httpx.post(f"{sandbox.url}/revirt365/v1/token", json=body)


class Reader:
    """Reads what the contract file says, and knows nothing else about the API."""

    def __init__(self, sandbox, directory):
        self.contract = tomllib.loads(
            Path(sandbox.environment(directory)["REVIRT365_CONTRACT"]).read_text(encoding="utf-8")
        )
        token = ask_token(sandbox).json()[self.contract["token"]["token_at"].strip("/")]
        headers = {"Authorization": f"Bearer {token}", "traceId": "night-"}
        self.client = httpx.Client(base_url=f"{sandbox.url}/revirt365", headers=headers)

    def answer(self, told, **values):
        query = {key: value.format(**values) for key, value in told.get("query", {}).items()}
        return self.client.get(told["path"].format(**values), params=query | values.get("paging", {}))

    def rows(self, told, **values):
        """Every row of a stream or list, page by page."""
        paging, rows, step = told.get("paging"), [], {}
        if paging and "size" in paging:
            step = {paging["size_parameter"]: paging["size"]}
        while True:
            answer = self.answer(told, paging=step, **values).json()
            page = answer[told["rows_at"].strip("/")]
            rows += page
            if "total_at" in told and len(rows) >= answer[told["total_at"].strip("/")]:
                return rows
            if not paging or not page:
                return rows
            parameter = paging["parameter"]
            if paging["kind"] == "page":
                step[parameter] = step.get(parameter, 1) + 1
            elif paging["kind"] == "offset":
                step[parameter] = len(rows)
            else:
                step[parameter] = answer[paging["next_at"].strip("/")]

    def stream(self, name, **values):
        """The rows of a stream under our own columns' names; None for what is null or missing."""
        told = self.contract["streams"][name]
        sources = {c: f if isinstance(f, str) else f["source"] for c, f in told["fields"].items()}
        return [{c: row.get(f) for c, f in sources.items()} for row in self.rows(told, **values)]


@pytest.fixture
def reader(sandbox, tmp_path):
    return Reader(sandbox, tmp_path)


def truth(rows):
    return [row for row in rows if row.vendor == "revirt365"]


@pytest.mark.parametrize("day", [DAY, date(2026, 9, 1)])
def test_usage_read_by_the_contract_is_the_truth(sandbox, reader, day):
    """Seats and bytes on the day asked for, which may be an earlier one; a product not told is ours."""
    told = {
        (r["account_id"], r["resource_id"], r["resource_name"], r["product"] or "backup365", meter): (
            r[meter],
            r["is_trial"],
        )
        for r in reader.stream("usage", date=day.isoformat())
        for meter in ("active_seats", "inactive_seats", "protected_bytes")
        if r[meter] is not None
    }
    expected = truth(sandbox.world.truth(day))
    assert told == {
        (r.account_id, r.resource_id, r.resource_name, r.product, r.meter): (r.quantity, r.is_trial)
        for r in expected
    }
    assert len(told) == len(expected) > 30


def test_customers_read_by_the_contract_are_the_truth(sandbox, reader):
    """Inactive ones included, each with our own number of it."""
    rows = reader.stream("customers")
    told = {(r["account_id"], r["parent_account_id"], r["name"], r["is_active"]) for r in rows}
    assert told == {
        (r.account_id, r.parent_account_id, r.name, r.is_active)
        for r in truth(sandbox.world.truth_accounts(DAY))
    }
    assert len(told) == len(rows)
    assert "C-000001" in {row["external_number"] for row in rows}


def test_sessions_read_by_the_contract_are_the_truth(sandbox, reader):
    """Job by job, from the first instant of the day to before the first of the next."""
    told = set()
    for customer in reader.stream("customers"):
        for job in reader.rows(reader.contract["lists"]["job_id"], account_id=customer["account_id"]):
            window = {"starts_at": "2026-10-14T00:00:00Z", "ends_at": "2026-10-15T00:00:00Z"}
            for row in reader.stream("sessions", job_id=job["id"], **window):
                at = datetime.fromisoformat(row["occurred_at"])
                told.add((customer["account_id"], job["id"], row["status"], at, row["uploaded_bytes"]))
    expected = truth(sandbox.world.truth_events(DAY))
    assert told == {
        (r.account_id, r.resource_id, r.status, r.occurred_at, r.uploaded_bytes) for r in expected
    }
    assert len(told) == len(expected)
    assert datetime(2026, 10, 14, tzinfo=UTC) in {r.occurred_at for r in expected}


def test_a_large_estate_needs_every_kind_of_page(tmp_path):
    """Numbered pages, tokens and rows to skip; each page by itself is not the whole."""
    with Sandbox(customers=500) as sandbox:
        sandbox.set_now("2026-10-15T01:00:00+00:00")
        reader = Reader(sandbox, tmp_path)
        customers, usage = reader.stream("customers"), reader.stream("usage", date="2026-10-14")
        assert len({r["account_id"] for r in customers}) == len(customers) > 100
        assert len({r["resource_id"] for r in usage}) == len(usage) > 100


def test_wrong_keys_are_refused_with_the_published_error(sandbox):
    """Its id, a colon too many inside data, what was sent repeated, and no trace id."""
    answer = ask_token(sandbox, appsecret="wrong").json()
    assert answer == {
        "id": INVALID_KEY,
        "description": "Invalid app key or app secret.",
        "data": json.dumps({"appkey:": sandbox.credentials.revirt365_app_key}, separators=(",", ":")),
    }


def test_errors_are_objects_that_diverge_as_printed(reader):
    """`data` is JSON in a string; one key has a colon too many; some have a trace id."""
    wrong = reader.client.get("/v1/reseller/usage", params={"date": "today"})
    assert (wrong.status_code, set(wrong.json())) == (400, {"id:", "description", "data"})
    assert json.loads(wrong.json()["data"]) == {"propertyName": "date", "value": "today"}
    missing = reader.client.get("/v1/reseller/customers/none/jobs")
    assert (missing.status_code, set(missing.json())) == (404, {"id", "description", "data", "traceId"})
    assert reader.client.get("/v1/distributor/resellers").status_code == 403
    assert reader.client.get("/v1/reseller/usage", params={"date": "2026-10-15"}).status_code == 400


def test_every_answer_has_a_trace_id_that_begins_with_ours(reader):
    """And ends differently each time."""
    ids = [reader.client.get("/v1/reseller/customers").json()["traceId"] for _ in range(2)]
    assert all(i.startswith("night-") for i in ids)
    assert ids[0] != ids[1]


def test_null_and_missing_mean_the_same():
    """Both occur for the same optional property."""
    with Sandbox(customers=200) as sandbox:
        sandbox.set_now("2026-10-15T01:00:00+00:00")
        token = ask_token(sandbox).json()["token"]
        rows = httpx.get(
            f"{sandbox.url}/revirt365/v1/reseller/usage",
            params={"date": "2026-10-14"},
            headers={"Authorization": f"Bearer {token}"},
        ).json()["usage"]
        assert {row.get("product", "left out") for row in rows} >= {None, "left out", "M365 Backup"}


def test_a_token_expires_and_can_be_voided(sandbox, reader, monkeypatch):
    """401 with an error object; a new exchange helps."""
    sandbox.faults.switch_on("expired_token", "revirt365", "/v1/reseller/customers", times=1)
    told = [reader.client.get("/v1/reseller/customers") for _ in range(2)]
    assert [r.status_code for r in told] == [401, 401]
    renewed = {"Authorization": f"Bearer {ask_token(sandbox).json()['token']}"}
    assert reader.client.get("/v1/reseller/customers", headers=renewed).status_code == 200
    monkeypatch.setattr(sandbox.revirt365_tokens, "_now", lambda: 9e9)
    assert reader.client.get("/v1/reseller/customers", headers=renewed).status_code == 401


def test_faults_have_the_vendors_own_faces(sandbox, reader):
    """An error object in HTTP 200 and 500, an answer for later, and rows that vanish beside their total."""
    for mode in ("error_in_200", "error_in_500", "answers_later", "empty_list"):
        sandbox.faults.switch_on(mode, "revirt365", "/v1/reseller/customers", times=1)
    told = [reader.client.get("/v1/reseller/customers") for _ in range(5)]
    assert [r.status_code for r in told] == [200, 500, 202, 200, 200]
    assert "description" in told[0].json()
    assert "callbackId" in told[2].json()
    assert (told[3].json()["customers"], told[3].json()["totalCount"]) == ([], told[4].json()["totalCount"])


def test_only_reads_are_answered(sandbox, reader):
    """A write is refused and logged; a login is no write."""
    assert reader.client.post("/v1/reseller/customers", json={}).status_code == 404
    assert reader.client.delete("/v1/reseller/customers/1").status_code == 404
    assert [entry.method for entry in sandbox.refused_writes] == ["POST", "DELETE"]


def test_the_postman_collection_tells_the_same_paths(sandbox, reader, tmp_path):
    """Folders as published, variables as in the vendor's environment, an example answer each."""
    told = json.loads((tmp_path / "revirt365.postman_collection.json").read_text())
    assert [folder["name"] for folder in told["item"]] == ["1. Bearer Token", "3. Reseller"]
    paths = {
        "/" + "/".join(item["request"]["url"]["path"]) for folder in told["item"] for item in folder["item"]
    }
    known = [*reader.contract["streams"].values(), *reader.contract["lists"].values()]
    described = {part["path"] for part in known} | {reader.contract["token"]["path"]}
    names = {"{account_id}": "{{customerId}}", "{job_id}": "{{jobId}}"}
    assert paths == {"/".join(names.get(part, part) for part in path.split("/")) for path in described}
    examples = [json.loads(item["response"][0]["body"]) for item in told["item"][1]["item"]]
    assert all("traceId" in example for example in examples)


def test_seats_come_go_and_are_many():
    """A subscription that visits every month, real zeros, a trial, and more people than 32 bits count."""
    world = World()
    october = [date(2026, 10, n) for n in range(1, 32)]
    seen = [
        {row.resource_id: row.quantity for row in truth(world.truth(day)) if row.meter == "active_seats"}
        for day in october
    ]
    visiting = (seen[9].keys() - seen[8].keys()) - seen[30].keys()
    assert visiting
    assert all((next(iter(visiting)) in day) == (9 <= n <= 19) for n, day in enumerate(seen))
    assert 0 in seen[0].values()
    assert max(seen[0].values()) > 2**31
    trials = [
        {row.resource_id for row in truth(world.truth(date(2026, 10, n))) if row.is_trial} for n in (15, 16)
    ]
    assert trials[0] > trials[1]
