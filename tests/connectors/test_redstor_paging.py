"""Redstor's lists, answer by answer: how they are walked, and what proves them whole."""

import pytest
from redstor_support import NO_CONTENT, ROOT, connected, page, told
from stub_vendor import Answer

from connectors.errors import (
    ContractBroken,
    IncompletePull,
    OperationNotAllowed,
    RequestRefused,
    TemporaryFailure,
)
from connectors.redstor.client import ARRAY_ANSWER, PRODUCTS, V1_CUSTOMERS
from connectors.redstor.paging import List, stated_total, whole_list
from connectors.stream import Role


def read_list(directory, *pages, role=Role.ROWS, one_of_many=False):
    """Read a list whose pages are these, cut by tokens 2, 3 ...; a second walk starts over."""

    def answer(asked):
        return pages[int(asked.query.get("pageToken", "1")) - 1]

    with connected(answer, directory) as (client, asked):
        exchanges = list(whole_list(client, List(V1_CUSTOMERS, ROOT, one_of_many=one_of_many), role))
        return exchanges, asked


@pytest.mark.parametrize("end", [{}, {"nextPageToken": None}, {"nextPageToken": ""}])
def test_a_list_is_walked_to_its_last_page(tmp_path, end):
    """Page 1 asks for the count, later ones carry the token; each pins the version and the size."""
    exchanges, asked = read_list(tmp_path, page([1, 2], "2", totalCount=3), page([3], totalCount=-1, **end))
    assert [exchange.role for exchange in exchanges] == [Role.ROWS, Role.ROWS]
    assert [exchange.context["page"] for exchange in exchanges] == ["1", "2"]
    first, second = (request.query for request in asked)
    assert first == {"apiVersion": "1", "maxResults": "100", "shouldReturnCount": "true"}
    assert second == {"apiVersion": "1", "maxResults": "100", "pageToken": "2"}
    assert asked[0].headers["accept"] == "application/json"
    assert asked[0].headers["authorization"] == "Bearer tok-of-the-day"


@pytest.mark.parametrize("token", [" eyJQYWdlIjoyfQ", "a+b/c==", "a%2Bb", "ü&x=1#y"])
def test_a_page_token_goes_back_as_it_came(tmp_path, token):
    """It is opaque: blanks, pluses and percent signs included."""

    def answer(asked):
        return page([2]) if "pageToken" in asked.query else page([1], token, totalCount=2)

    with connected(answer, tmp_path) as (client, asked):
        list(whole_list(client, List(V1_CUSTOMERS, ROOT), Role.ROWS))
        assert asked[1].query["pageToken"] == token


@pytest.mark.parametrize(
    ("total", "number", "rows", "stated"),
    [
        (7, 1, 3, 7),
        (0, 1, 0, 0),
        (0, 1, 3, None),
        (-1, 2, 3, None),
        (None, 1, 3, None),
        (0, 2, 0, None),
        (7, 2, 3, 7),
    ],
)
def test_only_a_total_that_can_be_one_is_a_total(total, number, rows, stated):
    """-1, 0 beside rows and nothing at all say nothing."""
    assert stated_total(total, number, rows) == stated


@pytest.mark.parametrize(
    ("pages", "sentence"),
    [
        ([page([1, 2], totalCount=3)], "total is 3, 2 rows arrived"),
        ([page([], totalCount=3)], "total is 3, 0 rows arrived"),
        ([page([1], "2", totalCount=2), page([2], totalCount=3)], "total is 2 and 3, 2 rows arrived"),
        ([page([1], "2", totalCount=3), page([2], "2")], "leads back to an earlier page"),
        ([page([1], "2", totalCount=3), NO_CONTENT], "page 2 was announced and is not there"),
        ([page(list(range(100)))], "ends with a full page"),
    ],
)
def test_a_list_that_does_not_add_up_is_refused(tmp_path, pages, sentence):
    """An empty list beside a total, a shifted page, a loop, an end that is none."""
    with pytest.raises(IncompletePull, match=sentence):
        read_list(tmp_path, *pages)


def test_a_row_told_twice_counts_once(tmp_path):
    """A row that slid onto the next page is no second row."""
    exchanges, _ = read_list(tmp_path, page([1, 2], "2", totalCount=3), page([2, 3]))
    assert len(exchanges) == 2


def test_without_a_total_two_walks_must_show_the_same(tmp_path):
    """The second look is kept as evidence and holds no rows."""
    exchanges, asked = read_list(tmp_path, page([1, 2], "2", totalCount=0), page([3], totalCount=0))
    assert [exchange.role for exchange in exchanges] == [Role.ROWS] * 2 + [Role.CONTROL] * 2
    assert len(asked) == 4

    left = [page([1], "2"), page([2]), page([1], "2"), page([3])]
    with (
        connected(lambda _: left.pop(0), tmp_path) as (client, _),
        pytest.raises(IncompletePull, match="two looks showed different rows"),
    ):
        list(whole_list(client, List(V1_CUSTOMERS, ROOT), Role.ROWS))


def test_a_list_of_one_page_is_looked_at_twice_where_it_states_no_total(tmp_path):
    """Rows may be missing from one answer; only of many short lists a single answer is believed."""
    assert len(read_list(tmp_path, page([1, 2], totalCount=2))[1]) == 1
    assert len(read_list(tmp_path, page([1, 2]))[1]) == 2
    assert len(read_list(tmp_path, page([1, 2]), one_of_many=True)[1]) == 1
    assert len(read_list(tmp_path, page([]))[1]) == 2


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (
            told({"title": "Bad", "detail": "companyId is\nnot a UUID."}, 400),
            RequestRefused,
            "HTTP 400: companyId is not a UUID.$",
        ),
        (told({"title": "Bad Request"}, 400), RequestRefused, "HTTP 400: Bad Request$"),
        (Answer(400, b"<html>"), RequestRefused, "HTTP 400$"),
        (Answer(404), RequestRefused, "HTTP 404$"),
        (Answer(206, b"[]"), ContractBroken, "HTTP 206, which no page of it names"),
        (told({"results": []}), ContractBroken, "another shape than API version 1 has: Expected `array`"),
        (Answer(200, b""), TemporaryFailure, r"no whole JSON.*\(5 attempts\)"),
        (Answer(200, b"[1, 2"), TemporaryFailure, "no whole JSON"),
        (Answer(200, b"<html>Down</html>"), TemporaryFailure, "no whole JSON"),
        (Answer(502, b"<html>"), TemporaryFailure, "HTTP 502"),
    ],
)
def test_only_whole_json_of_the_expected_shape_is_an_answer(tmp_path, answer, error, sentence):
    """HTTP 200 proves nothing; the vendor's own words are in the sentence."""
    with connected(lambda _: answer, tmp_path) as (client, _), pytest.raises(error, match=sentence):
        client.get(PRODUCTS, ARRAY_ANSWER)


def test_a_write_cannot_be_sent(tmp_path):
    """Only the reads that streams need are allowed."""
    with connected(lambda _: told([]), tmp_path) as (client, asked), pytest.raises(OperationNotAllowed):
        client.get("/companies/{companyId}/disable", ARRAY_ANSWER, company=ROOT)
    assert asked == []
