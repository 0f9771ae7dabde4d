"""What a client of ReVirt365 can get wrong, one fact a test; the published ones first."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from revirt365_stub import (
    CONTRACT,
    DAY,
    IN_WINDOW,
    INVALID,
    KEY,
    SECRET,
    TOKEN,
    TOKEN_PART,
    Api,
    client_of,
    pulled,
    seats,
    told,
)
from stub_vendor import Answer

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    IncompletePull,
    OperationNotAllowed,
    RequestRefused,
    TemporaryFailure,
)
from connectors.revirt365 import VENDOR, probe
from connectors.revirt365.answer import error_in
from connectors.stream import AsOf, Role

PAGED = CONTRACT.replace('rows_at = "/usage"', 'rows_at = "/usage"\n{paging}', 1)
BY_PAGE = PAGED.replace("{paging}", '\n[streams.usage.paging]\nkind = "page"\nparameter = "page"')
BY_OFFSET = PAGED.replace(
    "{paging}",
    'total_at = "/total"\n[streams.usage.paging]\nkind = "offset"\nparameter = "skip"\n'
    'size_parameter = "take"\nsize = 2',
)
BY_TOKEN = PAGED.replace(
    "{paging}", '\n[streams.usage.paging]\nkind = "token"\nparameter = "after"\nnext_at = "/paging/next"'
)
FIVE = [(f"c{n}", n) for n in range(5)]


@pytest.fixture(autouse=True)
def in_window(monkeypatch):
    monkeypatch.setenv("BACKUP_BILLING_NOW", IN_WINDOW)


def failure(kind, api, tmp_path, contract=CONTRACT):
    with pytest.raises(kind) as raised:
        pulled(api, contract, tmp_path)
    return raised.value


# The token


@pytest.mark.parametrize(
    ("send_as", "where"),
    [
        ("json", lambda asked: json.loads(asked.body)),
        ("form", lambda asked: dict(pair.split("=") for pair in asked.body.decode().split("&"))),
        ("headers", lambda asked: asked.headers),
        ("query", lambda asked: asked.query),
    ],
)
def test_key_and_secret_are_exchanged_for_a_bearer_token(tmp_path, send_as, where):
    """They travel where the contract file says, once a client."""
    api = Api(usage=seats(("a", 1)))
    rows, _ = pulled(api, CONTRACT.replace('send_as = "json"', f'send_as = "{send_as}"'), tmp_path)
    assert rows == [{"account_id": "a", "active_seats": 1}]
    (asked,) = api.tokens
    assert {"appkey": KEY, "appsecret": SECRET}.items() <= where(asked).items()


def test_basic_authentication_needs_no_names(tmp_path):
    """The user name is the key and the password the secret."""
    api = Api(usage=seats(("a", 1)))
    basic = 'send_as = "basic"\ntoken_at = "/token"\n'
    pulled(api, CONTRACT.replace(TOKEN_PART, f'[token]\npath = "/v1/token"\n{basic}'), tmp_path)
    assert api.tokens[0].headers["authorization"] == "Basic YXBwLWtleS00NzExOmFwcC1zM2NyZXQtMDgxNQ=="


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_invalid_credentials_are_known_by_error_id_and_never_tried_again(tmp_path, status):
    """Whatever HTTP status the error has, and however its id is spelled."""
    api = Api()
    api.token = lambda _: told({"id:": INVALID.upper(), "description": "Something new.", "data": "{"}, status)
    assert "check app key and app secret" in str(failure(CredentialsRefused, api, tmp_path))
    assert len(api.tokens) == 1


def test_refused_credentials_are_sent_once_a_client(tmp_path):
    """The other streams, and requests that wait at the same time, are told the same without asking."""
    api = Api()
    api.token = lambda _: told({"id": INVALID, "description": "Invalid app key or app secret."}, 400)
    with client_of(api, WALKING, tmp_path) as (client, _):

        def sentence(stream):
            with pytest.raises(CredentialsRefused) as raised:
                list(stream.fetch(client, DAY))
            return str(raised.value)

        with ThreadPoolExecutor(4) as pool:
            (said,) = set(pool.map(sentence, VENDOR.streams * 2))
    assert "check app key and app secret" in said
    assert len(api.tokens) == 1


def test_a_refused_token_is_renewed_once(tmp_path):
    """How long a token lives is not published: HTTP 401 tells that it is over."""
    lives = iter([Answer(401), told(seats(("a", 1)))])
    api = Api(usage=lambda _: next(lives))
    assert pulled(api, CONTRACT, tmp_path)[0] == [{"account_id": "a", "active_seats": 1}]
    assert len(api.tokens) == 2


def test_a_token_whose_life_is_told_is_renewed_early(tmp_path):
    """One that lives for no time is good for one request."""
    api = Api(usage=seats(("a", 1)), customers={"customers": [], "total": 0})
    api.token = lambda _: told({"token": TOKEN, "expiresIn": 0})
    contract = CONTRACT.replace('token_at = "/token"', 'token_at = "/token"\nexpires_in_at = "/expiresIn"')
    with client_of(api, contract, tmp_path) as (client, _):
        list(VENDOR.stream("usage").fetch(client, DAY))
        list(VENDOR.stream("customers").fetch(client, DAY))
    assert len(api.tokens) == 2


@pytest.mark.parametrize(
    "answer", [{"traceId": "t"}, {"token": None}, {"token": "a b"}, {"token": {"x": 1}}, 7]
)
def test_an_answer_without_token_is_no_login(tmp_path, answer):
    """HTTP 200 is not enough."""
    api = Api()
    api.token = lambda _: told(answer)
    failure(ContractBroken, api, tmp_path)


def test_no_secret_is_in_an_exchange_or_an_error(tmp_path):
    """Neither key, secret nor token, even when the vendor echoes them."""
    api = Api(usage=seats(("a", 1), echo=f"{KEY} {SECRET} {TOKEN}"))
    _, exchanges = pulled(api, CONTRACT.replace('"json"', '"query"'), tmp_path)
    api.lists["/v1/usage"] = told({"id": "1", "description": f"{SECRET} {TOKEN}"}, 400)
    refused = failure(RequestRefused, api, tmp_path)
    kept = repr([exchanges, str(refused), refused.exchanges])
    assert "***" in kept
    assert not any(secret in kept for secret in (KEY, SECRET, TOKEN))


# Errors


def test_the_published_errors_are_read_with_their_colons():
    """A key may end in a colon, `data` is JSON in a string, and there may be no traceId."""
    error = error_in(
        json.dumps(
            {
                "id:": "153DF197-9cc1-4f1c-b408-0658bd58ea61",
                "description": "Not an address.",
                "data": '{"propertyName:": "emailAddress"}',
            }
        ).encode()
    )
    assert (error.id, error.data) == (
        "153df197-9cc1-4f1c-b408-0658bd58ea61",
        {"propertyName": "emailAddress"},
    )
    assert error.trace_id == ""


def test_data_that_is_no_json_is_kept_as_it_came():
    """It may be anything."""
    assert error_in(b'{"id": "1", "description": "d", "data": "{half"}').data == "{half"


def test_an_error_in_http_200_is_an_error(tmp_path):
    """The status of errors is not published."""
    api = Api(usage={"id": "1", "description": "No such report.", "traceId": "t-7"})
    assert "No such report. (error 1), traceId t-7" in str(failure(RequestRefused, api, tmp_path))


def test_an_error_object_beside_a_list_of_errors_is_one(tmp_path):
    """Where the answer itself should be the list, an object is none."""
    api = Api(usage={"id": "1", "description": "No."})
    failure(RequestRefused, api, tmp_path, CONTRACT.replace('rows_at = "/usage"', 'rows_at = ""'))


@pytest.mark.parametrize(
    ("status", "kind", "asked"),
    [
        (400, RequestRefused, 1),
        (404, RequestRefused, 1),
        (429, TemporaryFailure, 5),
        (503, TemporaryFailure, 5),
    ],
)
def test_errors_tell_the_trace_id(tmp_path, status, kind, asked):
    """The vendor's support finds the call by it; only what may pass is asked again."""
    api = Api(usage=told({"id": "1", "description": "Busy.", "traceId": "t-9"}, status))
    refused = failure(kind, api, tmp_path)
    assert "traceId t-9" in str(refused)
    assert len(refused.exchanges) == asked


def test_one_trace_id_serves_a_series_of_calls(tmp_path):
    """As the vendor recommends; the token's request has it too."""
    api = Api(usage=seats(("a", 1)), customers={"customers": [], "total": 0})
    with client_of(api, CONTRACT, tmp_path) as (client, stub):
        list(VENDOR.stream("usage").fetch(client, DAY))
        list(VENDOR.stream("customers").fetch(client, DAY))
    (trace_id,) = {asked.headers["traceid"] for asked in stub.asked}
    assert trace_id.startswith("backup-billing-")


@pytest.mark.parametrize(
    "answer", [told(seats(("a", 1)), 202), {"callbackId": "cb-1"}, seats(("a", 1), callbackId="cb-1")]
)
def test_an_answer_that_comes_later_fails_the_pull(tmp_path, answer):
    """A nightly read cannot receive a callback."""
    assert "callback" in str(failure(ContractBroken, Api(usage=answer), tmp_path))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(204), ContractBroken),
        (Answer(), TemporaryFailure),
        (Answer(body=b"<html>"), TemporaryFailure),
        (Answer(body=b'{"usage": [{"customerId": "a", "seats": 1'), TemporaryFailure),
        (told({"traceId": "t"}), ContractBroken),
        (told({"usage": None}), ContractBroken),
        (told({"usage": {}}), ContractBroken),
        (told({"usage": []}), IncompletePull),
        (Answer(body=b'{"usage": [], "usage": []}'), ContractBroken),
        (Answer(body=b'{"usage": [{"customerId": "a", "seats": 1', cut=True), TemporaryFailure),
    ],
)
def test_nothing_is_never_zero(tmp_path, answer, kind):
    """Without rows and without a total of 0, what is used is unknown."""
    failure(kind, Api(usage=answer), tmp_path)


def test_an_empty_list_is_one_where_the_contract_file_says_so(tmp_path):
    """`may_be_empty`, or a total of 0."""
    allowed = CONTRACT.replace('rows_at = "/usage"', 'rows_at = "/usage"\nmay_be_empty = true')
    assert pulled(Api(usage=seats()), allowed, tmp_path)[0] == []
    assert pulled(Api(customers={"customers": [], "total": 0}), CONTRACT, tmp_path, "customers")[0] == []


# Rows


@pytest.mark.parametrize(
    "row", [{"customerId": "a", "seats": 3}, {"customerId": "a", "seats": 3, "unused": None}]
)
def test_null_and_left_out_are_the_same(tmp_path, row):
    """An optional property can be either."""
    assert pulled(Api(usage={"usage": [row]}), CONTRACT, tmp_path)[0] == [
        {"account_id": "a", "active_seats": 3}
    ]


@pytest.mark.parametrize("seats_told", [None, "3", 3.0, True, "", 2**63])
def test_a_figure_that_is_none_is_quarantined(tmp_path, seats_told):
    """It is neither bent to fit nor zero."""
    api = Api(usage={"usage": [{"customerId": "a", "seats": 1}, {"customerId": "b", "seats": seats_told}]})
    rows, exchanges = pulled(api, CONTRACT, tmp_path)
    assert [row["account_id"] for row in rows] == ["a"]
    (held,) = VENDOR.stream("usage").parse(exchanges[0]).quarantined
    assert json.loads(held.payload)["customerId"] == "b"


@pytest.mark.parametrize("name", ["customerId", "seats"])
def test_a_renamed_field_breaks_the_contract(tmp_path, name):
    """Missing from every row, it was renamed; nothing is landed."""
    row = {"customerId": "a", "seats": 1}
    row["new"] = row.pop(name)
    assert f"{name} is missing from every row" in str(
        failure(ContractBroken, Api(usage={"usage": [row]}), tmp_path)
    )


def test_fields_can_be_nested_and_of_another_type(tmp_path):
    """A JSON pointer reads inside a row; ids may be numbers, numbers texts and flags words."""
    fields = """
account_id = { source = "/customer/id", type = "number" }
active_seats = { source = "/seats/a~1b", type = "text" }
is_trial = { source = "trial", type = "text" }
"""
    contract = CONTRACT.replace(
        'account_id = "customerId"\nactive_seats = "seats"\ninactive_seats = "unused"\n', fields
    )
    row = {"customer": {"id": 9007199254740993}, "seats": {"a/b": "12"}, "trial": "true", "note": 1.50}
    rows, exchanges = pulled(Api(usage={"usage": [row]}), contract, tmp_path)
    assert [{**rows[0], "extra": ""}] == [
        {"account_id": "9007199254740993", "active_seats": 12, "is_trial": True, "extra": ""}
    ]
    assert VENDOR.stream("usage").parse(exchanges[0]).unknown_fields == {"note"}


def test_what_else_is_known_of_rows_is_kept_and_no_drift(tmp_path):
    """`other_fields` are in extra; a name that is new is reported."""
    contract = CONTRACT.replace('rows_at = "/usage"', 'rows_at = "/usage"\nother_fields = ["note"]')
    row = {"customerId": "a", "seats": 1, "unused": 0, "note": 1.50, "new": True}
    rows, exchanges = pulled(Api(usage={"usage": [row]}), contract, tmp_path)
    assert json.loads(rows[0]["extra"]) == {"note": 1.5, "new": True}
    assert VENDOR.stream("usage").parse(exchanges[0]).unknown_fields == {"new"}


# Pages


def by_page(asked):
    number = int(asked.query["page"])
    return seats(*FIVE[(number - 1) * 2 : number * 2])


def test_numbered_pages_end_with_an_empty_one(tmp_path):
    """A short page may be a size that the vendor does not grant; then the walk is made again."""
    rows, exchanges = pulled(Api(usage=by_page), BY_PAGE, tmp_path)
    assert [(row["account_id"], row["active_seats"]) for row in rows] == FIVE
    assert [e.role for e in exchanges] == [Role.ROWS] * 4 + [Role.CONTROL] * 4


def test_offsets_end_with_the_total(tmp_path):
    """Rows are skipped by as many as have come; the total makes a second walk needless."""

    def answer(asked):
        skip = int(asked.query["skip"])
        assert asked.query["take"] == "2"
        return seats(*FIVE[skip : skip + 2], total=5)

    rows, exchanges = pulled(Api(usage=answer), BY_OFFSET, tmp_path)
    assert ([row["account_id"] for row in rows], len(exchanges)) == ([who for who, _ in FIVE], 3)
    assert VENDOR.stream("usage").parse(exchanges[0]).vendor_total == 5


def test_tokens_lead_from_page_to_page(tmp_path):
    """The last page has none."""
    pages = {"": (FIVE[:3], "p/2=="), "p/2==": (FIVE[3:], None)}

    def answer(asked):
        rows, more = pages[asked.query.get("after", "")]
        return seats(*rows, paging={"next": more})

    rows, exchanges = pulled(Api(usage=answer), BY_TOKEN, tmp_path)
    assert ([row["account_id"] for row in rows], len(exchanges)) == ([who for who, _ in FIVE], 4)


def test_a_token_that_comes_again_ends_the_pull(tmp_path):
    """Else it would go round in a circle."""
    api = Api(usage=seats(("a", 1), paging={"next": "same"}))
    assert "leads back" in str(failure(IncompletePull, api, tmp_path, BY_TOKEN))


@pytest.mark.parametrize("total", [3, 6, None])
def test_rows_must_be_as_many_as_the_total(tmp_path, total):
    """Too few, too many, or a total that is not told where it should be."""
    api = Api(usage=lambda asked: seats(*FIVE[int(asked.query["skip"]) :][:2], total=total))
    failure(IncompletePull, api, tmp_path, BY_OFFSET)


def test_a_total_that_changes_fails_the_pull(tmp_path):
    """Someone came or went while the pages were read."""
    totals = iter([5, 6, 5])
    api = Api(usage=lambda asked: seats(*FIVE[int(asked.query["skip"]) :][:2], total=next(totals)))
    assert "5 and 6" in str(failure(IncompletePull, api, tmp_path, BY_OFFSET))


def test_pages_that_shift_without_a_total_fail_the_pull(tmp_path):
    """The two walks differ."""
    calls = iter(range(99))

    def shifting(asked):
        page = int(asked.query["page"])
        rows = FIVE[1:] if next(calls) > 1 else FIVE
        return seats(*rows[(page - 1) * 2 : page * 2])

    assert "two walks" in str(failure(IncompletePull, Api(usage=shifting), tmp_path, BY_PAGE))


def test_a_row_twice_is_not_two_rows(tmp_path):
    """A page told twice, with a total that fits the number, is not the truth."""
    api = Api(usage=seats(*FIVE[:2], total=4))
    assert "2 of them different" in str(failure(IncompletePull, api, tmp_path, BY_OFFSET))


# Requests


EACH = """
[lists.job_id]
path = "/v1/customers/{account_id}/jobs"
rows_at = ""
value = "id"
"""
SESSIONS = """
[streams.sessions]
path = "/v1/jobs/{job_id}/sessions"
query = { from = "{starts_at}", to = "{ends_at}", day = "{date}", until = "{next_date}" }
rows_at = "/sessions"
may_be_empty = true
[streams.sessions.fields]
session_id = "id"
"""
WALKING = CONTRACT.replace("[streams.sessions]\noffered = false\n", SESSIONS) + EACH


def test_a_placeholder_asks_for_each_value_of_a_list(tmp_path):
    """Customers, the jobs of each, the sessions of each job; what was asked for is filled in."""
    api = Api(
        customers={"customers": [{"id": "b/c", "dbaName": "B"}, {"id": "a", "dbaName": "A"}], "total": 2},
        **{
            "customers/a/jobs": [{"id": 2}, {"id": 1}],
            "customers/b%2Fc/jobs": [],
            "jobs/1/sessions": {"sessions": [{"id": "s1"}]},
            "jobs/2/sessions": {"sessions": []},
        },
    )
    with client_of(api, WALKING, tmp_path) as (client, stub):
        exchanges = list(VENDOR.stream("sessions").fetch(client, DAY))
    rows = [row for e in exchanges for row in VENDOR.stream("sessions").parse(e).rows.to_pylist()]
    assert [(row["account_id"], row["job_id"], row["session_id"]) for row in rows] == [("a", "1", "s1")]
    assert next(asked.query for asked in stub.asked if asked.path == "/v1/jobs/1/sessions") == {
        "from": "2026-10-31T00:00:00Z",
        "to": "2026-11-01T00:00:00Z",
        "day": "2026-10-31",
        "until": "2026-11-01",
    }


def test_an_answer_about_somebody_else_is_none(tmp_path):
    """Where the row names the customer too, it must be the one asked for."""
    contract = CONTRACT.replace('path = "/v1/usage"', 'path = "/v1/usage/{account_id}"')
    api = Api(customers={"customers": [{"id": "a"}], "total": 1}, **{"usage/a": seats(("b", 1))})
    with pytest.raises(ContractBroken, match="asked about account_id a and tells of another"):
        pulled(api, contract, tmp_path)


def test_a_request_that_names_the_day_is_dated_and_any_other_a_snapshot(tmp_path):
    """A past day is asked for only where the answer speaks of it; without a contract file nothing is."""
    contract = CONTRACT.replace('path = "/v1/usage"', 'path = "/v1/usage"\nquery = { day = "{date}" }')
    with client_of(Api(), contract, tmp_path) as (client, _):
        found = {s.name: VENDOR.declared(s, client.connection).as_of.value for s in VENDOR.streams}
        assert found == {
            "customers": "snapshot",
            "usage": "dated",
            "sessions": "dated",
        }  # not offered: not asked
        client.connection.contract.unlink()
        assert VENDOR.declared(VENDOR.stream("usage"), client.connection).as_of is AsOf.SNAPSHOT


def test_only_what_the_contract_file_names_can_be_sent(tmp_path):
    """The allow-list is its paths, and the method is GET."""
    api = Api(usage=seats(("a", 1)))
    with client_of(api, CONTRACT, tmp_path) as (client, stub):
        list(VENDOR.stream("usage").fetch(client, DAY))
        with pytest.raises(OperationNotAllowed):
            client._transport.send("/v1/reseller", "GET", f"{stub.url}/v1/reseller")
    assert [asked.method for asked in stub.asked] == ["POST", "GET"]


def test_a_stream_that_is_not_offered_asks_nothing(tmp_path):
    """The contract file's word is the evidence."""
    api = Api()
    rows, (exchange,) = pulled(api, CONTRACT, tmp_path, "sessions")
    # As CONTROL it is no answer with rows: the pull has no page, and a file can stand in for it.
    assert (rows, exchange.role, api.tokens) == ([], Role.CONTROL, [])


def test_a_replay_needs_no_contract_file(tmp_path):
    """What the parser must know travels with every answer."""
    _, exchanges = pulled(Api(usage=seats(("a", 1))), CONTRACT, tmp_path)
    (tmp_path / "revirt365-contract.toml").unlink()
    assert VENDOR.stream("usage").parse(exchanges[0]).rows.num_rows == 1


def test_the_probe_reads_the_first_customers(tmp_path):
    """One cheap read shows key, secret and contract file to be right."""
    api = Api(customers={"customers": [{"id": "a"}], "total": 1})
    with client_of(api, CONTRACT, tmp_path) as (client, _):
        assert probe(client).startswith("/v1/customers answers with 1 customers")
