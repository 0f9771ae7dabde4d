"""Tokens: asked for once, renewed before they age, asked for anew when dead, voided, and never kept."""

import logging

import pytest
from stub_vendor import Answer
from xopero_support import API_KEY, LOGIN, PASSWORD, Brand, connected, failure, in_minutes, success

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.xopero import auth
from connectors.xopero.client import probe
from connectors.xopero.envelope import accepted


@pytest.fixture
def clock(monkeypatch):
    """The machine's monotonic clock, in the test's hands."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(auth, "monotonic", lambda: Clock.now)
    return Clock


def test_one_login_serves_many_calls(tmp_path):
    """The token goes into the body of every call, and nowhere else."""
    brand = Brand()
    with connected(brand, tmp_path) as client:
        for _ in range(3):
            exchange, _ = client.call("GetVersion", None, accepted)
    assert brand.logins == [{"name": LOGIN, "password": PASSWORD}]
    assert set(brand.tokens) == {"TOKEN-1-abcdef"}
    assert exchange.request.endswith('/api/v2/endpoint\n\n{"function":"GetVersion"}')


def test_the_api_key_goes_under_the_name_that_is_configured(tmp_path):
    """The vendor's document lost it."""
    brand = Brand()
    with connected(brand, tmp_path, api_key=API_KEY, api_key_field="apikey") as client:
        probe(client)
    assert brand.logins == [{"name": LOGIN, "apikey": API_KEY}]


def test_a_token_is_refreshed_at_half_its_life(tmp_path, clock):
    """Long before 15 minutes are over, with the token that still lives."""
    brand = Brand()
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 440
        probe(client)
        assert brand.asked("RefreshToken") == []
        clock.now += 20
        probe(client)
        clock.now += 440
        probe(client)
    assert brand.asked_functions == [
        "GetVersion", "GetVersion", "RefreshToken", "GetVersion", "GetVersion", "ForgetToken",
    ]  # fmt: skip
    assert len(brand.logins) == 1


def test_a_refresh_may_hand_out_another_token(tmp_path, clock):
    """Then that one is used, and voided in the end."""
    brand = Brand()
    brand.overrule = lambda function, _: (
        success({"token": "ANOTHER-TOKEN", "validTo": in_minutes(15)}) if function == "RefreshToken" else None
    )
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 500
        probe(client)
    assert brand.tokens[-2:] == ["ANOTHER-TOKEN"] * 2


def test_a_token_past_its_time_is_not_used_again(tmp_path, clock):
    """A machine that slept logs in anew, and has the old one voided in case it lives."""
    brand = Brand()
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 3600
        probe(client)
    assert len(brand.logins) == 2
    assert list(zip(brand.asked_functions, brand.tokens, strict=True)) == [
        ("GetVersion", "TOKEN-1-abcdef"),
        ("ForgetToken", "TOKEN-1-abcdef"),
        ("GetVersion", "TOKEN-2-abcdef"),
        ("ForgetToken", "TOKEN-2-abcdef"),
    ]


def test_a_refused_refresh_is_a_new_login(tmp_path, clock):
    """The vendor lists no code for it, so any will do."""
    brand = Brand()
    brand.overrule = lambda function, _: failure("0x1234") if function == "RefreshToken" else None
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 500
        probe(client)
    assert len(brand.logins) == 2


@pytest.mark.parametrize("valid_to", ["1970-01-01T00:00:00+00:00", "2999-01-01T00:00:00+02:00"])
def test_a_valid_to_that_cannot_be_is_taken_for_15_minutes(tmp_path, clock, valid_to):
    """The document's own sample is of 1970: then the documented life holds."""
    brand = Brand(grant=lambda _: success({"token": "TOKEN-x-abcdef", "validTo": valid_to}))
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 440
        probe(client)
        assert brand.asked("RefreshToken") == []
        clock.now += 20
        probe(client)
        assert len(brand.asked("RefreshToken")) == 1


def test_valid_to_is_read_with_its_offset(tmp_path, clock):
    """Four minutes from now in another zone are four minutes."""
    from datetime import datetime, timedelta, timezone

    local = (datetime.now(timezone(timedelta(hours=2))) + timedelta(minutes=4)).isoformat()
    brand = Brand(grant=lambda _: success({"token": "TOKEN-x-abcdef", "validTo": local}))
    with connected(brand, tmp_path) as client:
        probe(client)
        clock.now += 125
        probe(client)
    assert len(brand.asked("RefreshToken")) == 1


@pytest.mark.parametrize("dead", [failure("0x1111"), failure("expired", 401), Answer(401, b"")])
def test_a_token_that_died_is_replaced_once(tmp_path, dead):
    """No code says so: a token that has worked and now meets an unexplained failure is taken for dead."""
    brand = Brand()
    brand.overrule = lambda _function, _data: (
        dead if brand.tokens[-1] == "TOKEN-1-abcdef" and len(brand.calls) > 1 else None
    )
    with connected(brand, tmp_path) as client:
        probe(client)
        probe(client)
    assert len(brand.logins) == 2


def test_a_failure_that_a_fresh_token_meets_too_is_not_about_tokens(tmp_path):
    """It is reported, and does not cost a login for each customer that meets it."""
    brand = Brand()
    brand.overrule = lambda function, _: failure("0x8888") if function == "GetCustomerUsage" else None
    with connected(brand, tmp_path) as client:
        probe(client)
        for number in range(5):
            with pytest.raises(RequestRefused, match="0x8888"):
                client.call("GetCustomerUsage", number, accepted)
        probe(client)
    assert len(brand.logins) == 2


def test_a_fresh_token_that_meets_401_is_replaced_once(tmp_path):
    """That status speaks of nothing else; the second time it is the credentials'."""
    brand = Brand(
        overrule=lambda _function, _data: (
            failure("gone", 401) if brand.tokens[-1:] == ["TOKEN-1-abcdef"] else None
        )
    )
    with connected(brand, tmp_path) as client:
        probe(client)
    assert len(brand.logins) == 2
    brand = Brand(overrule=lambda _function, _data: failure("gone", 401))
    with connected(brand, tmp_path) as client, pytest.raises(CredentialsRefused, match="HTTP 401"):
        probe(client)
    assert len(brand.logins) == 2


def test_a_fresh_token_that_is_refused_at_once_is_no_reason_to_log_in_again(tmp_path):
    """Nothing says that the token is to blame."""
    brand = Brand(overrule=lambda _function, _data: failure("0x8888"))
    with connected(brand, tmp_path) as client, pytest.raises(RequestRefused, match="0x8888"):
        probe(client)
    assert len(brand.logins) == 1


def test_the_token_is_voided_in_the_end(tmp_path):
    """Also when the pull failed."""
    brand = Brand()

    def pull():
        with connected(brand, tmp_path) as client:
            probe(client)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        pull()
    assert brand.calls[-1] == ("ForgetToken", None)


def test_a_client_that_asked_nothing_voids_nothing(tmp_path):
    """It does not log in to forget."""
    brand = Brand()
    with connected(brand, tmp_path):
        pass
    assert (brand.logins, brand.calls) == ([], [])


def test_a_token_that_cannot_be_voided_fails_nothing(tmp_path, caplog):
    """It ends by itself; the log says so."""
    brand = Brand()
    brand.overrule = lambda function, _: Answer(503, b"") if function == "ForgetToken" else None
    with connected(brand, tmp_path) as client:
        probe(client)
    assert "the token was not voided" in caplog.text


def test_a_refused_login_is_not_tried_again(tmp_path):
    """More attempts could lock the account; the sentence names the variables."""
    brand = Brand(grant=lambda _: failure("0x0001"))
    with connected(brand, tmp_path) as client:
        for _ in range(3):
            with pytest.raises(CredentialsRefused, match=r"XOPERO_NAME.*XOPERO_API_KEY_FIELD") as caught:
                probe(client)
            assert PASSWORD not in str(caught.value)
    assert len(brand.logins) == 1


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        (Answer(503, b"<html>"), TemporaryFailure),
        (Answer(404, b"<html>"), RequestRefused),
        (Answer(403, b"<html>"), CredentialsRefused),
        (Answer(200, b"<html>"), ContractBroken),
        (success({"token": "abcdef"}), ContractBroken),
        (success({"token": "", "validTo": "2026-01-01T00:00:00+00:00"}), ContractBroken),
        (success({"token": "abcdef", "validTo": "2026-01-01T00:00:00"}), ContractBroken),
        (success({"token": "abcdef", "validTo": "tomorrow"}), ContractBroken),
        (success(None), ContractBroken),
    ],
)
def test_a_login_that_grants_no_token_says_why(tmp_path, grant, error):
    """Trouble, a wrong address, a refusal and a changed contract are told apart."""
    brand = Brand(grant=lambda _: grant)
    with connected(brand, tmp_path) as client, pytest.raises(error):
        probe(client)
    assert brand.calls == []


def test_neither_token_nor_password_is_kept_or_said(tmp_path, caplog):
    """Not in the request, not in the answer that echoes it, not in the log, not in the error."""
    caplog.set_level(logging.DEBUG)
    brand = Brand()
    brand.overrule = lambda _function, _data: failure(f"no {brand.tokens[-1]} for {PASSWORD}")
    with connected(brand, tmp_path) as client, pytest.raises(RequestRefused) as caught:
        probe(client)
    kept = f"{caught.value} {caught.value.exchanges} {caplog.text}"
    assert "TOKEN-1-abcdef" not in kept
    assert PASSWORD not in kept
    assert "no *** for ***" in kept
