"""RedAPI as a strict vendor: one test for each fact that a client can get wrong."""

import base64
import json
import time

import httpx
import pytest

from connectors.sandbox import redstor_paging
from tests.sandbox.redstor_support import NIGHT, walk

TRANSITIVE = "/companies/{}/consumption/customers/transitive"


def told_problem(response, status):
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    return problem["detail"]


def company_without(sandbox, held):
    day = sandbox.world.redstor(sandbox.world.day_at(sandbox.clock()))
    return next(
        company.company_id for company in day.companies if company.company_id not in getattr(day, held)
    )


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Api-Key": "k"}, {"Authentication": "Bearer t"}, {"Authorization": "Bearer t"}],
)
def test_only_a_granted_bearer_token_is_admitted(sandbox, headers):
    """Of the header names in print only Authorization works, and a 401 names the scheme."""
    response = httpx.get(f"{sandbox.url}/redstor/companies", params={"apiVersion": "1"}, headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_expires_after_an_hour(sandbox, api, monkeypatch):
    """A client that never renews its token is shut out."""
    assert api.get("/companies").status_code == 200
    an_hour_later = time.time() + 3601
    monkeypatch.setattr(sandbox.issuer, "_now", lambda: an_hour_later)
    assert api.get("/companies").status_code == 401


def test_no_version_means_the_latest(sandbox, api, root):
    """Without apiVersion the answer is V2, whose paths and shapes differ."""
    headers = {"Authorization": api.headers["authorization"]}
    products = httpx.get(f"{sandbox.url}/redstor/products", headers=headers)
    assert "productId" in products.json()["results"][0]
    summary = f"{sandbox.url}/redstor/companies/{root}/consumption/summary"
    told_problem(httpx.get(summary, headers=headers), 404)


@pytest.mark.parametrize("version", ["3", "v1", "1.1", ""])
def test_a_version_that_does_not_exist_is_a_bad_request(api, version):
    """Only 1, 1.0, 2 and 2.0 are versions."""
    told_problem(api.get("/products", params={"apiVersion": version}), 400)


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("2", "2.0")])
def test_a_version_may_be_given_with_its_minor_number(api, one, other):
    """Major alone and major with minor mean the same."""
    answers = [api.get("/products", params={"apiVersion": version}).content for version in (one, other)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("size", ["0", "101", "-1", "ten", ""])
def test_a_page_holds_from_1_to_100_rows(api, root, size):
    """maxResults outside its limits is a bad request, not another size."""
    told_problem(api.get(f"/companies/{root}/customers", params={"maxResults": size}), 400)


def test_a_page_holds_30_rows_unless_told_otherwise(api, root):
    """The default of maxResults is 30; a misspelt maxResult changes nothing."""
    page = api.get(TRANSITIVE.format(root), params={"maxResult": "5"}).json()
    assert len(page["results"]) == 30


def test_a_page_token_is_a_page_number_in_unpadded_base64url(api, root):
    """The token holds page, page size and a count, and wins over maxResults."""
    first = api.get(TRANSITIVE.format(root), params={"maxResults": "10"}).json()
    token = first["nextPageToken"]
    assert "=" not in token
    padded = token + "=" * (-len(token) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded)) == {
        "Page": 2,
        "PageSize": 10,
        "TotalCount": len(walk(api, TRANSITIVE.format(root))),
    }
    second = api.get(TRANSITIVE.format(root), params={"maxResults": "10", "pageToken": token}).json()
    assert second["results"][0] not in first["results"]


@pytest.mark.parametrize(
    "token", ["", "2", "e30", "eyJQYWdlIjoyfQ", " eyJQYWdlIjoyLCJQYWdlU2l6ZSI6MzAsIlRvdGFsQ291bnQiOjM1fQ"]
)
def test_a_page_token_that_was_not_given_out_is_a_bad_request(api, root, token):
    """A token is sent back verbatim or not at all."""
    told_problem(api.get(f"/companies/{root}/customers", params={"pageToken": token}), 400)


def test_a_page_token_is_good_for_the_list_it_was_given_out_for(api, root, monkeypatch):
    """Not for another one of the same rows, and not for ever."""
    path, asked = TRANSITIVE.format(root), {"maxResults": "10"}
    token = api.get(path, params=asked).json()["nextPageToken"]
    assert api.get(path, params={"pageToken": token}).status_code == 200
    other = asked | {"shouldExcludeTrials": "false"}
    told_problem(api.get(path, params=other | {"pageToken": token}), 400)
    told_problem(api.get(f"/companies/{root}/customers", params={"pageToken": token}), 400)
    monkeypatch.setattr(redstor_paging, "_KEPT", 0)
    token = api.get(path, params=asked).json()["nextPageToken"]
    told_problem(api.get(path, params={"pageToken": token}), 400)


def test_the_count_stands_on_the_first_page_only(api, root):
    """totalCount is told when asked for, once; later pages say -1."""
    path, asked = TRANSITIVE.format(root), {"shouldReturnCount": "true", "maxResults": "20"}
    first = api.get(path, params=asked).json()
    later = api.get(path, params=asked | {"pageToken": first["nextPageToken"]}).json()
    assert (first["totalCount"], later["totalCount"]) == (len(walk(api, path)), -1)


def test_a_count_nobody_asked_for_is_zero_in_v1_and_absent_in_v2(api, root):
    """A totalCount of 0 beside rows means that it was not asked for."""
    path = f"/companies/{root}/customers"
    assert api.get(path).json()["totalCount"] == 0
    assert "totalCount" not in api.get(path, params={"apiVersion": "2.0"}).json()


def test_the_last_page_has_a_null_token_in_v1_and_none_in_v2(api, root):
    """Both mean the end."""
    path = f"/companies/{root}/customers"
    assert api.get(path, params={"maxResults": "100"}).json()["nextPageToken"] is None
    assert "nextPageToken" not in api.get(path, params={"maxResults": "100", "apiVersion": "2"}).json()


def test_v1_lists_are_partly_bare_arrays_and_v2_lists_never(sandbox, api, root):
    """Products, subscriptions and own consumption are arrays in V1, {results} in V2."""
    for v1, v2 in (
        ("/products", "/products"),
        (f"/companies/{root}/subscriptions", "/subscriptions"),
        (f"/companies/{root}/consumption/company", "/consumption"),
    ):
        bare = api.get(v1).json()
        told = api.get(v2, params={"apiVersion": "2.0", "companyId": root}).json()
        assert isinstance(bare, list)
        assert len(told["results"]) == len(bare)


def test_fields_changed_their_names_in_v2(api, root):
    """id and name became productId and productName; the status counters were renamed."""
    in_v2 = {"apiVersion": "2.0", "companyId": root}
    old, new = api.get("/products").json()[0], api.get("/products", params=in_v2).json()["results"][0]
    assert (old["id"], old["name"], old["editions"][0]["id"]) == (
        new["productId"],
        new["productName"],
        new["editions"][0]["editionId"],
    )
    old = api.get(f"/companies/{root}/backups/status").json()["statuses"][0]
    new = api.get("/backups/status", params=in_v2).json()["results"][0]
    assert [old[k] for k in ("success", "errors", "warnings", "failed")] == [
        new[k] for k in ("succeeded", "completedWithErrors", "completedWithWarnings", "failed")
    ]
    assert "missed" in new
    assert "licensedUsers" in api.get("/consumption", params=in_v2).json()["results"][0]
    assert "licensedUsers" not in api.get(f"/companies/{root}/consumption/company").json()[0]


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/subscriptions", "1"),
        ("/consumption", "1"),
        ("/companies/{}/customers/transitive", "2.0"),
        ("/companies/{}/subscriptions", "2.0"),
        (TRANSITIVE, "2.0"),
    ],
)
def test_a_path_of_one_version_is_unknown_in_the_other(api, root, path, version):
    """V2 moved the company from the path to the query; no list over all customers is known in it."""
    told_problem(api.get(path.format(root), params={"apiVersion": version, "companyId": root}), 404)


def test_v1_has_no_content_where_there_is_nothing_to_tell(sandbox, api):
    """204 has no body: it is neither JSON nor a zero."""
    for held, path in (
        ("subscriptions_of", "subscriptions"),
        ("consumption_of", "consumption/company"),
        ("backup_statuses_of", "backups/status"),
    ):
        response = api.get(f"/companies/{company_without(sandbox, held)}/{path}")
        assert (response.status_code, response.content) == (204, b"")


def test_company_ids_are_compared_without_case(api, root):
    """GUIDs come in both cases; either finds the company."""
    assert api.get(f"/companies/{root.upper()}").json() == api.get("/companies").json()


def test_a_company_outside_the_tree_is_not_found(api):
    """A well-formed id of nobody is 404, an ill-formed one 400."""
    told_problem(api.get("/companies/046b6c7f-0b8a-43b9-b35d-6489e6daee91"), 404)
    told_problem(api.get("/companies/17/customers"), 400)


def test_v2_needs_a_company_in_the_query(api):
    """Without companyId nobody's figures are told."""
    told_problem(api.get("/consumption", params={"apiVersion": "2.0"}), 400)


def test_date_selects_the_day_in_its_own_offset(sandbox, api, root):
    """Past figures are told for the date as written, whatever its offset."""
    own = f"/companies/{root}/consumption/company"
    told = [
        api.get(own, params={"date": f"2026-09-30T00:00:00{zone}"}).json() for zone in ("+14:00", "-11:00")
    ]
    truth = sandbox.world.redstor(sandbox.world.day_at(sandbox.clock()).replace(month=9, day=30))
    assert told[0] == told[1]
    assert told[0][0]["totalDataProtectedInBytes"] == truth.consumption_of[root][0].usage.protected_bytes
    assert told[0] != api.get(own).json()


@pytest.mark.parametrize(
    ("date", "status"),
    [("2026-10-14", 400), ("2026-10-14T00:00:00", 400), ("yesterday", 400), ("2026-10-16T00:00:00Z", 422)],
)
def test_a_date_needs_an_offset_and_a_past(api, root, date, status):
    """The zone of a bare date is documented nowhere; tomorrow has no figures."""
    told_problem(api.get(f"/companies/{root}/consumption/summary", params={"date": date}), status)


def test_the_last_closing_figures_stand_until_noon(sandbox, api, root):
    """At night and in the morning the vendor tells yesterday's closing figures, after noon the new ones."""
    own = f"/companies/{root}/consumption/company"
    told = []
    for now in (NIGHT, "2026-10-15T11:59:59+00:00", "2026-10-15T12:00:00+00:00"):
        sandbox.set_now(now)
        told.append(api.get(own).json())
    assert told[0] == told[1] != told[2]


def test_trials_count_unless_excluded(api, root):
    """shouldExcludeTrials leaves trial rows out, of lists and of sums."""
    path = TRANSITIVE.format(root)
    everything, paid = walk(api, path), walk(api, path, shouldExcludeTrials="true")
    assert [row for row in everything if not row["isTrial"]] == paid != everything


def test_the_summary_adds_up_to_the_rows(api, root):
    """customerSummary is the sum over everything below, companySummary the company's own rows."""
    summary = api.get(f"/companies/{root}/consumption/summary").json()
    for part, path in (
        ("customerSummary", None),
        ("companySummary", f"/companies/{root}/consumption/company"),
    ):
        rows = api.get(path).json() if path else walk(api, TRANSITIVE.format(root))
        assert {meter: sum(row[meter] for row in rows) for meter in summary[part]} == summary[part]


def test_direct_customers_are_told_with_everything_below_them(api, root):
    """Direct rows are aggregated already: adding transitive ones would count twice."""
    direct = walk(api, f"/companies/{root}/consumption/customers/direct")
    told = sum(
        row["totalDataProtectedInBytes"] for company in direct for row in company["productConsumption"]
    )
    assert told == sum(row["totalDataProtectedInBytes"] for row in walk(api, TRANSITIVE.format(root)))
    assert len(direct) < len(walk(api, f"/companies/{root}/customers/transitive"))


def test_backup_statuses_of_direct_customers_can_be_aggregated(api, root):
    """With aggregate a reseller answers for its customers too."""
    path = f"/companies/{root}/backups/status/customers"
    alone, together = walk(api, path), walk(api, path, aggregate="true")
    assert len(together) > len(alone)
    summary = api.get(f"/companies/{root}/backups/status/summary").json()
    assert isinstance(summary["companySummary"], dict)
    assert sum(row["success"] for row in summary["customerSummary"]) == sum(
        row["success"] for company in together for row in company["statuses"]
    )


def test_both_halves_of_the_status_summary_are_arrays_in_v2(api, root):
    """V1 has an object and an array, V2 two arrays."""
    summary = api.get("/backups/status/summary", params={"apiVersion": "2.0", "companyId": root}).json()
    assert all(isinstance(part, list) for part in summary.values())


def test_customers_are_searched_by_name_and_ordered(sandbox, api, root):
    """search narrows, orderBy sorts, and names come as they are, odd ones included."""
    found = api.get("/companies/search", params={"search": "söhne"}).json()["results"]
    assert [company["companyName"] for company in found] == ["Żółć & Söhne <GmbH>"]
    names = [c["companyName"] for c in walk(api, f"/companies/{root}/customers", orderBy="descending")]
    assert names == sorted(names, reverse=True)
    told_problem(api.get("/companies/search"), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writing_is_refused_and_counted(sandbox, api, root, method):
    """Nothing can be changed, and the log shows who tried."""
    response = api.request(method, f"/companies/{root}/disable")
    told_problem(response, 405)
    assert response.headers["allow"] == "GET"
    assert [entry.method for entry in sandbox.refused_writes] == [method]
