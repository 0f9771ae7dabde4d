"""The one policy for requests: what is sent, retried, kept and hidden."""

import gzip
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pydantic import SecretStr
from stub_vendor import Answer, StubVendor, in_turn

from connectors.connection import Connection
from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OperationNotAllowed,
    RequestRefused,
    TemporaryFailure,
)
from connectors.stream import Role
from connectors.transport.http import HttpTransport, retry_after

OK = Answer(body=b'{"rows": []}', headers={"content-type": "application/json"})
DOWN = Answer(503, b"<html>down</html>")


class Settings(Connection):
    token: SecretStr = SecretStr("s3cret&token")


def sent(answer, **kwargs):
    """What one send gives over a vendor that answers so; returns (exchange or error, requests)."""
    with (
        StubVendor(answer) as vendor,
        HttpTransport(Settings(timeout_seconds=5), frozenset({"List"})) as http,
    ):
        try:
            return http.send("List", "GET", f"{vendor.url}/list", **kwargs), vendor.asked
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error, vendor.asked


def test_the_exact_bytes_and_the_request_are_kept(monkeypatch):
    """An exchange is the evidence of a pull, stamped by the billing clock."""
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2026-11-02T02:00:00+01:00")
    exchange, _ = sent(
        lambda _: OK, params={"page": "1"}, context={"company_id": "a"}, role=Role.CONTROL, content=b"<ask/>"
    )
    assert (exchange.body, exchange.status, exchange.content_type) == (OK.body, 200, "application/json")
    assert exchange.request.splitlines()[0].startswith("GET http://127.0.0.1:")
    assert exchange.request.endswith("/list?page=1\n\n<ask/>")
    assert (exchange.context, exchange.role, exchange.rejected) == ({"company_id": "a"}, Role.CONTROL, ())
    assert exchange.received_at.isoformat() == "2026-11-02T01:00:00+00:00"


def test_compressed_answers_are_kept_decoded():
    """The stored bytes are readable without knowing how they travelled."""
    exchange, _ = sent(lambda _: Answer(body=gzip.compress(b"{}"), headers={"content-encoding": "gzip"}))
    assert exchange.body == b"{}"


def test_an_operation_off_the_allow_list_never_leaves():
    """Reads only: the refusal comes before a byte is sent."""
    with StubVendor(lambda _: OK) as vendor, HttpTransport(Settings(), frozenset({"List"})) as http:
        with pytest.raises(OperationNotAllowed, match="Delete is not an allow-listed read"):
            http.send("Delete", "GET", vendor.url)
        assert vendor.asked == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_temporary_status_is_asked_again(status):
    """The accepted exchange tells of the attempts before it."""
    exchange, asked = sent(in_turn(Answer(status, b"busy"), OK))
    assert (exchange.body, len(asked)) == (OK.body, 2)
    (before,) = exchange.rejected
    assert (before.status, before.body, before.role) == (status, b"busy", Role.REJECTED)
    assert before.reason == f"List answered HTTP {status}"


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialsRefused), (403, CredentialsRefused), (400, RequestRefused), (404, RequestRefused)],
)
def test_a_refusal_is_not_asked_again(status, error):
    """More attempts could lock the account, or repeat the mistake."""
    failure, asked = sent(lambda _: Answer(status))
    assert (type(failure), len(asked), failure.exchanges[0].status) == (error, 1, status)


def test_a_redirect_is_not_followed():
    """It could carry the credentials elsewhere."""
    failure, asked = sent(lambda _: Answer(302, headers={"location": "http://127.0.0.1:9/"}))
    assert (type(failure), len(asked)) == (RequestRefused, 1)


def test_every_failed_attempt_is_evidence():
    """After the last attempt the error holds them all, and says how many there were."""
    failure, asked = sent(lambda _: DOWN)
    assert type(failure) is TemporaryFailure
    assert str(failure) == "List answered HTTP 503 (5 attempts)"
    assert [exchange.body for exchange in failure.exchanges] == [DOWN.body] * 5
    assert len(asked) == 5


def test_a_request_can_be_told_to_try_once():
    """A probe has no time for retries."""
    failure, asked = sent(lambda _: DOWN, attempts=1)
    assert (str(failure), len(asked)) == ("List answered HTTP 503", 1)


@pytest.mark.parametrize(
    "broken",
    [
        Answer(body=b"x" * 1000, cut=True),
        Answer(body=b"no gzip", headers={"content-encoding": "gzip"}),
        Answer(body=gzip.compress(b"x" * 1000)[:-9], headers={"content-encoding": "gzip"}),
    ],
    ids=["connection closed mid-body", "not gzip", "gzip cut short"],
)
def test_an_answer_that_does_not_arrive_whole_is_asked_again(broken):
    """Half an answer is none, whichever layer notices."""
    exchange, asked = sent(in_turn(broken, OK), judge=_whole)
    assert (exchange.body, len(asked)) == (OK.body, 2)


def _whole(exchange):
    if not exchange.body.endswith(b"}"):
        raise TemporaryFailure("cut")


def test_silence_is_a_temporary_failure():
    """A vendor that does not answer in time is asked again, then the pull fails."""
    answered = threading.Event()

    def stall(_):
        answered.wait(5)
        return OK

    with (
        StubVendor(stall) as vendor,
        HttpTransport(Settings(timeout_seconds=0.05), frozenset({"List"})) as http,
    ):
        with pytest.raises(TemporaryFailure, match=r"List got no whole answer from 127.0.0.1: .*timed out"):
            http.send("List", "GET", vendor.url, attempts=2)
        answered.set()


def test_nobody_listening_is_a_temporary_failure():
    """The attempt is evidence although there is no answer."""
    with HttpTransport(Settings(), frozenset({"List"})) as http:
        with pytest.raises(TemporaryFailure) as caught:
            http.send("List", "GET", "http://127.0.0.1:1/", attempts=1)
        assert caught.value.exchanges[0].status == 0


class TokenFromElsewhere(httpx.Auth):
    def auth_flow(self, request):
        yield httpx.Request("POST", "http://user:s3cret%26token@127.0.0.2:1/token?key=s3cret%26token")
        yield request


def test_the_server_that_did_not_answer_is_named_and_not_the_one_behind_it():
    """The identity server is another host; nothing of its address but the name is told."""
    with HttpTransport(Settings(), frozenset({"List"}), auth=TokenFromElsewhere()) as http:
        with pytest.raises(TemporaryFailure, match=r"List got no whole answer from 127\.0\.0\.2: ") as caught:
            http.send("List", "GET", "http://127.0.0.1:1/", attempts=1)
        assert "s3cret" not in str(caught.value)


def test_an_error_that_names_no_request_is_about_ours(monkeypatch):
    """httpx does not say of each error where it happened."""

    def broken(_):
        raise httpx.ReadError("cut")

    with HttpTransport(Settings(), frozenset({"List"})) as http:
        monkeypatch.setattr(http._client, "send", broken)
        with pytest.raises(TemporaryFailure, match=r"List got no whole answer from 127\.0\.0\.1: cut"):
            http.send("List", "GET", "http://127.0.0.1:1/", attempts=1)


def test_a_judge_decides_what_is_accepted():
    """HTTP 200 is not yet an answer; what the judge refuses is kept with its reason."""

    def judge(exchange):
        if b"rows" in exchange.body:
            raise ContractBroken("renamed")

    failure, asked = sent(lambda _: OK, judge=judge)
    assert (str(failure), len(asked), failure.exchanges[0].reason) == ("renamed", 1, "renamed")


def test_retry_after_longer_than_the_night_is_not_waited_for():
    """A vendor that asks for an hour is asked again by the next run."""
    failure, asked = sent(lambda _: Answer(429, headers={"retry-after": "3600"}))
    assert (type(failure), len(asked), failure.retry_after) == (TemporaryFailure, 1, 3600)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Mon, 02 Nov 2026 01:00:30 GMT", "date": "Mon, 02 Nov 2026 01:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Nov 2026 00:00:00 GMT", "date": "Mon, 02 Nov 2026 01:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 02 Nov 2026 01:00:30 -0000", "date": "Mon, 02 Nov 2026 01:00:00 GMT"}, None),
        ({"retry-after": "Mon, 02 Nov 2026 01:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "²"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers, seconds):
    """A date is read by the vendor's own clock; what makes no sense is not there."""
    assert retry_after(httpx.Headers(headers, encoding="utf-8")) == seconds


def test_an_echoed_secret_is_hidden_everywhere(caplog):
    """Vendors quote requests in their errors; the secret reaches neither disk nor log nor screen."""
    caplog.set_level(logging.DEBUG)

    def judge(exchange):
        raise RequestRefused(f"they said s3cret&token and {exchange.body!r}")

    failure, _ = sent(
        lambda _: Answer(body=b'"s3cret&token" <p>s3cret&amp;token</p>'),
        params={"t": "s3cret&token"},
        judge=judge,
    )
    (exchange,) = failure.exchanges
    kept = f"{failure}{exchange}{caplog.text}"
    assert exchange.body == b'"***" <p>***</p>'
    assert exchange.request.endswith("/list?t=***")
    assert "s3cret" not in kept


def test_no_more_requests_are_under_way_than_agreed():
    """`max_in_flight` holds over all threads of a connection."""
    pairs, lock, now, most = threading.Barrier(2), threading.Lock(), [0], [0]

    def answer(_):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        pairs.wait(120)  # passes only if two requests are under way at once
        with lock:
            now[0] -= 1
        return OK

    settings = Settings(max_in_flight=2)
    with StubVendor(answer) as vendor, HttpTransport(settings, frozenset({"List"})) as http:
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(http.send, "List", "GET", vendor.url) for _ in range(6)]
        assert [future.result().body for future in asked] == [OK.body] * 6
    assert most[0] == 2
