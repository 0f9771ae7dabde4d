"""How an answer is judged, and when nothing more is asked."""

import logging

import pytest
from resellerclub_support import BALANCE, KEY, USERID, WALL, connected, error, pull, raw, routes, told
from stub_vendor import in_turn

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OperationNotAllowed,
    RequestRefused,
    TemporaryFailure,
)
from connectors.resellerclub.client import READS, probe


def balance(*answers, times=1):
    """What reading the balance gives: (exchange or error of each time, requests)."""
    with connected(in_turn(*answers)) as (client, vendor):
        outcomes = []
        for _ in range(times):
            try:
                outcomes.append(pull(client, "balance")[0][0])
            except Exception as refusal:  # noqa: BLE001  # the test looks at it
                outcomes.append(refusal)
        return outcomes, vendor.asked


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    "body",
    [
        {"status": "ERROR", "message": "Customer x not found"},
        {"status": "error", "error": "Customer x not found"},
        {"status": "failed", "actionstatusdesc": "Customer x not found"},
    ],
)
def test_an_error_is_an_error_in_any_status_and_either_envelope(body, status):
    """The words are judged before the payload, and what is wrong now is wrong again in a second."""
    (refused,), asked = balance(told(body, status))
    assert isinstance(refused, RequestRefused)
    assert str(refused).endswith(f"answered HTTP {status} with an error: Customer x not found")
    assert len(asked) == 1
    assert refused.exchanges[0].body


def test_a_status_that_is_no_error_is_data():
    """Success stands under the same name."""
    (exchange,), _ = balance(told({**BALANCE, "status": "Success"}))
    assert exchange.status == 200


@pytest.mark.parametrize(("status", "body"), [(403, WALL), (503, WALL), (200, WALL), (403, b"Forbidden")])
def test_a_block_is_never_asked_again_and_stops_everything(status, body):
    """Not by retries, not by the next stream: asking on prolongs it. The sentence says how long."""
    (first, second), asked = balance(raw(body, status), times=2)
    assert isinstance(first, CredentialsRefused)
    assert isinstance(second, CredentialsRefused)
    assert "allow-list" in str(first)
    assert "blocked for 24 hours" in str(first)
    assert "was not asked" in str(second)
    assert len(asked) == 1


@pytest.mark.parametrize("message", ["Authentication failure", "Invalid api-key", "IP Address not allowed"])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_refused_credentials_are_told_by_their_words(message, status):
    """There are no codes, and the status can be any."""
    (first, _), asked = balance(error(message, status), times=2)
    assert isinstance(first, CredentialsRefused)
    assert "RESELLERCLUB_API_KEY" in str(first)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        raw("<html><h1>504 Gateway Time-out</h1></html>", 504),
        raw("<html>Bad gateway. Cloudflare</html>", 502),
        raw("<html>Down for maintenance</html>", 503),
        raw("oops", 500),
        raw('{"sellingcurrencysymbol": "US'),
        raw(""),
    ],
)
def test_what_is_not_worded_by_the_api_is_asked_again_a_few_times(answer):
    """A gateway's page and a cut answer pass."""
    (exchange,), asked = balance(answer, told(BALANCE))
    assert exchange.status == 200
    assert len(exchange.rejected) == 1
    assert len(asked) == 2
    (failed,), asked = balance(answer)
    assert isinstance(failed, TemporaryFailure)
    assert len(asked) == 3


@pytest.mark.parametrize("body", ["true", "42", "Success", "[]", '"Success"', "{}", '{"a": 1, "a": 2}'])
def test_whole_answers_of_another_shape_break_the_contract(body):
    """Bare scalars occur on this platform, and none of them is a balance."""
    (broken,), asked = balance(raw(body))
    assert isinstance(broken, ContractBroken)
    assert len(asked) == 1


def test_the_key_is_sent_and_is_nowhere_else(caplog):
    """Not in exchanges, errors or logs, though the vendor wants it in the URL and may repeat it."""
    caplog.set_level(logging.DEBUG)
    for chatty in ("httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, chatty)
    echo = error(f"No such reseller for {KEY}")
    with connected(in_turn(told(BALANCE), echo)) as (client, vendor):
        (exchange,), _ = pull(client, "balance")
        with pytest.raises(RequestRefused) as refused:
            pull(client, "balance")
        assert [asked.query["api-key"] for asked in vendor.asked] == [KEY, KEY]
    assert vendor.asked[0].query["auth-userid"] == USERID
    kept = [exchange, *refused.value.exchanges]
    everything = f"{kept} {refused.value} {caplog.text}"
    assert "N0tInAny" not in everything
    assert exchange.request.endswith(f"/api/billing/reseller-balance.json?reseller-id={USERID}")


def test_only_reads_can_be_sent():
    """Adding, renewing and deleting an order are one word away; the client does not know the words."""
    with connected(routes()) as (client, vendor):
        with pytest.raises(OperationNotAllowed):
            client.get("backup/{region}/delete", bytes, region="us")
        assert vendor.asked == []
    assert not any(
        word in path for path in READS for word in ("add", "delete", "renew", "install", "auto-login")
    )


def test_the_probe_names_the_reseller_and_not_the_figure():
    """One cheap read shows address, credentials and currency."""
    with connected(routes(billing_reseller_balance=told(BALANCE))) as (client, vendor):
        assert probe(client) == f"The HTTP API answers reseller {USERID}, whose account is kept in USD"
        assert vendor.asked[0].headers["user-agent"] == "backup-billing"
