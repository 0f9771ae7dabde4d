"""Redstor's pulls, request by request: whom they ask, and what no answer means."""

import pytest
from redstor_support import DAY, NO_CONTENT, ROOT, A, B, C, company, connected, page, told
from stub_vendor import Answer

from connectors.errors import ContractBroken, IncompletePull, TemporaryFailure
from connectors.redstor import VENDOR
from connectors.stream import Role


def fetched(stream, client):
    """(role, operation, status) of each exchange of a pull, and its parsed rows."""
    declared = VENDOR.stream(stream)
    exchanges, rows = [], []
    for exchange in declared.fetch(client, DAY):
        exchanges.append((exchange.role, exchange.operation, exchange.status))
        rows += declared.parse(exchange).rows.to_pylist()
    return exchanges, rows


def test_the_configured_company_is_the_root(tmp_path):
    """A service account may see more than one tree; ids are compared in lower case."""

    def answer(asked):
        return (
            told(company(ROOT.upper(), "")) if asked.path == f"/companies/{ROOT}" else page([], totalCount=0)
        )

    with connected(answer, tmp_path, company_id=ROOT.upper()) as (client, _):
        assert VENDOR.probe(client) == f"RedAPI 1 answers as the Customer Name of 1 ({ROOT})"
        _, rows = fetched("companies", client)
        assert [(row["company_id"], row["parent_company_id"]) for row in rows] == [(ROOT, "")]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NO_CONTENT, "shows no company"),
        (told(company(A)), f"answered with company {A}, not {ROOT}"),
        (told({"companyId": "1", "type": "Partner"}), "another shape"),
    ],
)
def test_without_the_right_root_nothing_is_asked(tmp_path, answer, sentence):
    """An answer about another company would bill another company."""
    with (
        connected(lambda _: answer, tmp_path, company_id=ROOT) as (client, asked),
        pytest.raises(ContractBroken, match=sentence),
    ):
        fetched("subscriptions", client)
    assert len(asked) == 1


def estate(below, answers):
    """RedAPI 2.0 over companies: `below` lists customers by parent, `answers` is per company asked."""

    def answer(asked):
        if asked.path == "/companies":
            return told(company(ROOT, kind="Partner"))
        if asked.path.startswith("/companies/"):
            rows = below[asked.path.split("/")[2]]
            return rows if isinstance(rows, Answer) else page(rows, totalCount=len(rows))
        return answers[asked.query["companyId"]]

    return answer


SUBSCRIPTION = {
    "productId": 4,
    "trialStatus": "NotUsed",
    "editionId": 1,
    "subscriptionId": "5A82A6FE-95F2-481A-8D86-F0207BC42B0B",
    "isActive": True,
}


def test_version_2_walks_down_level_by_level(tmp_path):
    """Every company that can have customers is asked for them, also one of a type nobody knows."""
    below = {
        ROOT: [company(A, kind="Partner"), company(B)],
        A: [company(C.upper(), A.upper(), kind="Distributor")],
        C: [],
    }
    with connected(estate(below, {}), tmp_path, api_version="2.0") as (client, asked):
        exchanges, rows = fetched("companies", client)
    assert [(row["company_id"], row["parent_company_id"]) for row in rows] == [
        (ROOT, ROOT),
        (A, ROOT),
        (B, ROOT),
        (C, A),
    ]
    assert [request.path for request in asked] == [
        "/companies",
        *(f"/companies/{c}/customers" for c in (ROOT, A, C)),
    ]
    assert {role for role, _, _ in exchanges} == {Role.ROWS}


def test_a_partner_that_is_gone_or_silent_is_recorded_and_the_walk_goes_on(tmp_path):
    """Moved between two answers: its record is kept, its customers are not invented."""
    below = {ROOT: [company(A, kind="Partner"), company(B, kind="Partner")], A: Answer(404), B: NO_CONTENT}
    with connected(estate(below, {}), tmp_path, api_version="2.0") as (client, _):
        exchanges, rows = fetched("companies", client)
    assert exchanges[2:] == [
        (Role.CONTROL, "/companies/{companyId}/customers", 404),
        (Role.CONTROL, "/companies/{companyId}/customers", 204),
    ]
    assert [row["company_id"] for row in rows] == [ROOT, A, B]


@pytest.mark.parametrize("version", ["1", "2.0"])
def test_no_content_about_the_roots_customers_is_not_zero_customers(tmp_path, version):
    """Or a whole estate could vanish behind a 204."""

    def answer(asked):
        return told(company(ROOT, kind="Partner")) if asked.path == "/companies" else NO_CONTENT

    with (
        connected(answer, tmp_path, api_version=version) as (client, _),
        pytest.raises(IncompletePull, match="does not say that there are no customers"),
    ):
        fetched("companies", client)


@pytest.mark.parametrize(
    "broken", [{"companyId": "../users", "type": "Partner"}, {"id": A, "type": "Partner"}, 7]
)
def test_a_customer_without_a_guid_ends_the_walk(tmp_path, broken):
    """Its id would go into a path."""
    with (
        connected(estate({ROOT: [broken]}, {}), tmp_path, api_version="2.0") as (client, _),
        pytest.raises(ContractBroken, match="lists a company that is none"),
    ):
        fetched("subscriptions", client)


def test_each_company_is_asked_and_what_it_does_not_answer_is_recorded(tmp_path):
    """204, 404 and 422 are no rows and no zeros; ids are lower-cased and name the company asked for."""
    answers = {ROOT: page([SUBSCRIPTION], totalCount=1), A: NO_CONTENT, B: Answer(404), C: Answer(422)}
    below = {ROOT: [company(x) for x in (A, B, C)]}
    with connected(estate(below, answers), tmp_path, api_version="2.0") as (client, asked):
        exchanges, rows = fetched("subscriptions", client)
    assert exchanges == [
        (Role.CONTROL, "/companies", 200),
        (Role.CONTROL, "/companies/{companyId}/customers", 200),
        (Role.ROWS, "/subscriptions", 200),
        (Role.CONTROL, "/subscriptions", 204),
        (Role.CONTROL, "/subscriptions", 404),
        (Role.CONTROL, "/subscriptions", 422),
    ]
    (row,) = rows
    assert (row["company_id"], row["subscription_id"]) == (ROOT, SUBSCRIPTION["subscriptionId"].lower())
    assert {request.query["companyId"] for request in asked[2:]} == {ROOT, A, B, C}


@pytest.mark.parametrize("silence", [NO_CONTENT, Answer(404), Answer(422)])
def test_a_pull_in_which_nobody_answers_is_not_an_empty_one(tmp_path, silence):
    """The usage of that date is unknown."""
    answers = {ROOT: silence, A: silence}
    with (
        connected(estate({ROOT: [company(A)]}, answers), tmp_path, api_version="2.0") as (client, _),
        pytest.raises(IncompletePull, match=r"none of 2 companies answered.*unknown, not zero"),
    ):
        fetched("consumption", client)


def test_one_company_that_fails_fails_the_pull(tmp_path):
    """Half of the customers is not a night."""
    answers = {ROOT: page([SUBSCRIPTION], totalCount=1), A: Answer(500)}
    with (
        connected(estate({ROOT: [company(A)]}, answers), tmp_path, api_version="2.0") as (client, _),
        pytest.raises(TemporaryFailure, match="HTTP 500"),
    ):
        fetched("subscriptions", client)


def test_the_usage_date_is_asked_for_at_noon_with_its_offset(tmp_path):
    """The offset's plus sign arrives as one; trials are asked for by name."""
    answers = {ROOT: page([], totalCount=0)}
    with connected(estate({ROOT: []}, answers), tmp_path, api_version="2.0") as (client, asked):
        fetched("consumption", client)
    assert asked[-1].query["date"] == "2026-11-01T12:00:00+01:00"
    assert "date=2026-11-01T12%3A00%3A00%2B01%3A00" in asked[-1].raw_query
    assert asked[-1].query["shouldExcludeTrials"] == "false"


def v1(answers):
    def answer(asked):
        if asked.path == "/companies":
            return told(company(ROOT, kind="Partner"))
        reply = answers[asked.path.removeprefix(f"/companies/{ROOT}/")]
        return reply.pop(0) if isinstance(reply, list) else reply

    return answer


USAGE = dict.fromkeys(
    [
        "totalDataProtectedInBytes",
        "totalDataProtectedInBytesExternal",
        "fupOverageInBytes",
        "activeSeats",
        "inactiveSeats",
        "sharedSeats",
        "activeWorkloads",
    ],
    0,
)
OWN = {**USAGE, "productId": 4, "productName": "O365", "subscriptionId": "S-1", "sku": "", "isTrial": False}
BELOW = {**OWN, "companyId": A.upper(), "companyName": "a", "parentCompanyId": ROOT.upper()}


def test_version_1_consumption_is_the_roots_own_and_everyones_below(tmp_path):
    """The total of the pull is the list's and the root's own rows together."""
    answers = {
        "consumption/company": told([OWN]),
        "consumption/customers/transitive": page([BELOW], totalCount=1),
    }
    with connected(v1(answers), tmp_path) as (client, _):
        stream = VENDOR.stream("consumption")
        pages = [stream.parse(exchange) for exchange in stream.fetch(client, DAY)]
    assert [page.vendor_total for page in pages] == [None, None, None, 2]
    rows = [row for page in pages for row in page.rows.to_pylist()]
    assert [(row["company_id"], row["parent_company_id"], row["licensed_users"]) for row in rows] == [
        (ROOT, ROOT, None),
        (A, ROOT, None),
    ]


def test_version_1_consumption_without_total_is_looked_at_twice(tmp_path):
    """The landing compares the keys of both looks, the root's own included."""
    answers = {
        "consumption/company": NO_CONTENT,
        "consumption/customers/transitive": [page([BELOW], "2"), page([BELOW])] * 2,
    }
    with connected(v1(answers), tmp_path) as (client, _):
        exchanges, _ = fetched("consumption", client)
    assert [role for role, _, _ in exchanges] == [
        Role.CONTROL,
        *(Role.CONTROL, Role.CONTROL, Role.ROWS, Role.ROWS),
        *(Role.CONTROL, Role.CONTROL, Role.SECOND_LOOK, Role.SECOND_LOOK),
    ]


@pytest.mark.parametrize("stream", ["consumption", "consumption_summary"])
def test_no_content_for_a_date_is_unknown_usage(tmp_path, stream):
    """A 204 never becomes a day without usage."""
    answers = {
        "consumption/company": told([]),
        "consumption/customers/transitive": NO_CONTENT,
        "consumption/summary": NO_CONTENT,
    }
    with (
        connected(v1(answers), tmp_path) as (client, _),
        pytest.raises(IncompletePull, match="unknown, not zero"),
    ):
        fetched(stream, client)


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        (told({"companySummary": USAGE}), "told no customerSummary"),
        (told({"companySummary": USAGE, "customerSummary": None}), "none of 1 rows can be typed"),
        (
            told({"companySummary": USAGE, "customerSummary": [USAGE]}),
            "none of 1 rows can be typed: the row is a list",
        ),
        (told({"companySummary": USAGE, "customerSummary": {}}), "can be typed"),
        (
            told({"companySummary": USAGE, "customerSummary": {**USAGE, "activeSeats": None}}),
            "activeSeats is null",
        ),
    ],
)
def test_a_summary_without_figures_is_an_error(tmp_path, summary, sentence):
    """Neither half is ever taken as zeros."""
    with (
        connected(v1({"consumption/summary": summary}), tmp_path) as (client, _),
        pytest.raises(ContractBroken, match=sentence),
    ):
        fetched("consumption_summary", client)


def test_an_empty_catalogue_is_no_catalogue(tmp_path):
    """Products do not vanish overnight."""
    for answer in (NO_CONTENT, told([])):
        with (
            connected(lambda _, answer=answer: answer, tmp_path) as (client, _),
            pytest.raises(IncompletePull, match="told of no product"),
        ):
            fetched("products", client)


def test_version_1_backup_status_about_another_company_is_an_error(tmp_path):
    """Its figures would be booked to the company asked for."""
    answers = {
        "customers/transitive": page([], totalCount=0),
        "backups/status": told({"companyId": A, "companyName": "a", "statuses": []}),
    }
    with (
        connected(v1(answers), tmp_path) as (client, _),
        pytest.raises(ContractBroken, match=f"answered about {A}, asked about {ROOT}"),
    ):
        fetched("backup_status", client)


def test_version_1_subscriptions_are_a_bare_array(tmp_path):
    """Version 2.0's shape under version 1's path is an error, not an empty list."""
    answers = {"customers/transitive": page([], totalCount=0), "subscriptions": page([SUBSCRIPTION])}
    with (
        connected(v1(answers), tmp_path) as (client, _),
        pytest.raises(ContractBroken, match=r"/companies/\{companyId\}/subscriptions answered another shape"),
    ):
        fetched("subscriptions", client)
