"""Every fault is visible on the wire, to a plain client, as often as it was ordered."""

import httpx
import pytest

from connectors.sandbox.faults import Faults
from tests.sandbox.redstor_support import ask_token, walk

COMPANIES = "/companies/{companyId}/customers"
FIELD = "companyName"


@pytest.fixture
def fail(sandbox):
    def order(mode, times=1, operation=COMPANIES, **more):
        sandbox.faults.switch_on(mode, "redstor", operation, times, **more)

    return order


@pytest.fixture
def customers(api, root):
    """Asks for a page of ten customers."""

    def ask(**params):
        return api.get(f"/companies/{root}/customers", params={"maxResults": "10"} | params)

    return ask


def test_503_is_a_page_of_html(fail, customers):
    """The vendor is down for two requests and up again."""
    fail("503_html", times=2)
    down = customers()
    assert (down.status_code, down.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert [customers().status_code for _ in range(2)] == [503, 200]


def test_429_says_when_to_come_back(fail, customers):
    """Retry-After is told, 0 unless ordered otherwise."""
    fail("429")
    fail("429", retry_after=7)
    told = [(r.status_code, r.headers.get("retry-after")) for r in (customers(), customers(), customers())]
    assert told == [(429, "0"), (429, "7"), (200, None)]


def test_a_reset_cuts_the_connection_before_the_announced_length(fail, customers):
    """The client gets half a body and then no connection."""
    fail("reset_mid_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        customers()
    assert customers().status_code == 200


def test_a_truncated_body_is_a_whole_message(fail, customers):
    """HTTP is satisfied, JSON is not."""
    whole = customers().content
    fail("truncated_body")
    cut = customers()
    assert int(cut.headers["content-length"]) == len(cut.content) == len(whole) * 2 // 3
    assert whole.startswith(cut.content)


def test_an_expired_token_is_void_from_then_on(sandbox, fail, customers):
    """The same token never works again; a new one does."""
    fail("expired_token")
    assert [customers().status_code for _ in range(2)] == [401, 401]
    renewed = ask_token(sandbox).json()["access_token"]
    assert customers().request.url
    again = httpx.get(
        f"{sandbox.url}/redstor/companies",
        params={"apiVersion": "1"},
        headers={"Authorization": f"Bearer {renewed}"},
    )
    assert again.status_code == 200


def test_the_issuer_can_fail_too(sandbox):
    """The token endpoint is an operation of its own."""
    sandbox.faults.switch_on("503_html", "redstor", "token", times=1)
    assert [ask_token(sandbox).status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(("appears", "change"), [(False, -1), (True, +1)])
def test_pages_shift_when_a_row_vanishes_or_appears(fail, api, root, appears, change):
    """A walk misses a row or sees one twice, and each page by itself looks fine."""
    path = f"/companies/{root}/customers/transitive"
    before = walk(api, path)
    fail("page_shift", operation="/companies/{companyId}/customers/transitive", appears=appears)
    during = walk(api, path)
    assert len(during) == len(before) + change
    assert {row["companyId"] for row in during} <= {row["companyId"] for row in before}


def test_duplicate_rows_stand_on_one_page(fail, customers):
    """The last row is told twice."""
    rows = customers().json()["results"]
    fail("duplicate_rows")
    assert customers().json()["results"] == [*rows, rows[-1]]


def test_a_renamed_field_is_missing_from_every_row(fail, customers):
    """The figure is there under a name nobody knows."""
    fail("renamed_field", field=FIELD)
    rows = customers().json()["results"]
    assert not any(FIELD in row for row in rows)
    assert all(FIELD + "Renamed" in row for row in rows)


def test_an_unknown_field_stands_beside_the_known_ones(fail, customers):
    """Nothing else changes."""
    rows = customers().json()["results"]
    fail("unknown_field", field=FIELD)
    assert customers().json()["results"] == [row | {"somethingNew": "1"} for row in rows]


def test_a_wrong_type_spoils_one_row(sandbox, api, root):
    """Words stand where a figure should, in the first row only."""
    path = f"/companies/{root}/consumption/customers/transitive"
    rows = api.get(path).json()["results"]
    sandbox.faults.switch_on("wrong_type", "redstor", "*transitive", 1, field="activeSeats")
    told = api.get(path).json()["results"]
    assert (told[0]["activeSeats"], told[1:]) == ("a lot", rows[1:])


def test_an_empty_list_stands_beside_its_total(fail, customers):
    """No rows, but a count and a next page: nothing that could be booked as zero."""
    fail("empty_list")
    told = customers(shouldReturnCount="true", maxResults="2").json()
    assert told["results"] == []
    assert told["totalCount"] > 2
    assert told["nextPageToken"]


def test_a_fault_hits_its_operation_and_vendor_only(sandbox, api, customers):
    """Other paths, and the other vendor's faults, leave an answer alone."""
    sandbox.faults.switch_on("503_html", "redstor", "/products")
    sandbox.faults.switch_on("503_html", "infrascale")
    assert customers().status_code == 200
    assert [api.get("/products").status_code for _ in range(3)] == [503] * 3


def test_field_faults_change_xml_as_well():
    """The same faults serve the SOAP vendor."""
    faults, soap = Faults(), b"<Row><UsedSpaceKB>7</UsedSpaceKB></Row><Row><UsedSpaceKB>8</UsedSpaceKB></Row>"

    def told(mode):
        faults.switch_on(mode, "infrascale", times=1, field="UsedSpaceKB")
        return faults.answer("infrascale", "GetEntityAccounts", soap, "text/xml").body

    assert told("renamed_field") == soap.replace(b"UsedSpaceKB", b"UsedSpaceKBRenamed")
    assert told("wrong_type") == soap.replace(b">7<", b">a lot<")
    assert told("unknown_field") == soap.replace(
        b"<UsedSpaceKB>", b"<SomethingNew>1</SomethingNew><UsedSpaceKB>"
    )
    assert faults.answer("infrascale", "GetEntityAccounts", soap, "text/xml").body == soap


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"mode": "earthquake"}, "no fault 'earthquake'"),
        ({"mode": "renamed_field"}, "needs the name of a field"),
        ({"mode": "429", "times": 0}, "at least once"),
    ],
)
def test_a_fault_that_could_not_happen_is_refused(order, sentence):
    """An order that would do nothing would make a test prove nothing."""
    with pytest.raises(ValueError, match=sentence):
        Faults().switch_on(vendor="redstor", **order)
