"""Logging in at Redstor: the assertion to the letter, one token for all, and clear refusals."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import parse_qsl

import httpx
import jwt
import pytest
from redstor_support import CLIENT_ID, granted, identity, key_pair, told, write_jwk
from stub_vendor import Answer, StubVendor

from connectors.errors import ContractBroken, CredentialsRefused, RequestRefused, TemporaryFailure
from connectors.redstor.auth import RedstorAuth
from connectors.redstor.connection import RedstorConnection
from connectors.transport.redaction import Redactor

DISCOVERY, TOKEN, API = "/.well-known/openid-configuration", "/connect/token", "/companies"


@contextmanager
def login(directory, answer=None):
    """(get, auth, requests): `get` sends one API call through the auth; `answer` overrules by path."""

    def serve(asked):
        overruled = answer(asked) if answer else None
        return overruled or identity(asked) or told({"bearer": asked.headers.get("authorization")})

    with StubVendor(serve) as vendor, httpx.Client(timeout=5) as http:
        connection = RedstorConnection(
            base_url=vendor.url,
            issuer_url=f"{vendor.url}/",
            client_id=CLIENT_ID,
            jwk_file=write_jwk(directory),
        )
        auth = RedstorAuth(connection, Redactor([]))
        yield lambda: http.get(f"{vendor.url}{API}", auth=auth), auth, vendor.asked


def paths(asked):
    return [request.path for request in asked]


def test_the_token_request_is_what_the_article_asks_for(tmp_path):
    """Form encoded; RS256 with the key's id; issuer and subject the client; five minutes; read only."""
    with login(tmp_path) as (get, _, asked):
        assert get().json() == {"bearer": "Bearer tok-of-the-day"}
        assert paths(asked) == [DISCOVERY, TOKEN, API]
        request = asked[1]
    assert (request.method, request.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    form = dict(parse_qsl(request.body.decode(), strict_parsing=True))
    assertion = form.pop("client_assertion")
    assert form == {
        "grant_type": "client_credentials",
        "scope": "api.read",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": "KEY-1"}
    audience = f"http://{request.headers['host']}{TOKEN}"
    claims = jwt.decode(assertion, key_pair()[0].public_key(), ["RS256"], audience=audience)
    assert claims["iss"] == claims["sub"] == CLIENT_ID
    assert claims["exp"] - claims["iat"] == 300
    assert claims["nbf"] == claims["iat"]
    assert len(claims["jti"]) == 36


def test_the_assertion_tells_the_machines_time_not_the_billing_clocks(tmp_path, monkeypatch):
    """A replay of an old night still logs in today."""
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2020-01-01T00:00:00+00:00")
    before = int(time.time())
    with login(tmp_path) as (get, _, asked):
        get()
    form = dict(parse_qsl(asked[1].body.decode()))
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert before <= claims["iat"] <= int(time.time())


@pytest.mark.parametrize(("life", "kept_for"), [(3600, 3300), (600, 480), (60, 48)])
def test_a_token_is_used_until_shortly_before_its_end(tmp_path, monkeypatch, life, kept_for):
    """Five minutes before it ends, or at 80 % of a short life; every assertion is a fresh one."""
    now = time.monotonic()
    with login(tmp_path, lambda r: granted(expires_in=life) if r.path == TOKEN else None) as (get, _, asked):
        monkeypatch.setattr(time, "monotonic", lambda: now)
        get()
        monkeypatch.setattr(time, "monotonic", lambda: now + kept_for - 1)
        get()
        assert paths(asked).count(TOKEN) == 1
        monkeypatch.setattr(time, "monotonic", lambda: now + kept_for)
        get()
        monkeypatch.undo()
    bodies = [request.body for request in asked if request.path == TOKEN]
    assert len(set(bodies)) == 2


def test_a_refused_token_is_replaced_once(tmp_path):
    """A token voided early costs one request; a service account without rights does not loop."""
    tokens = iter(["first-token", "second-token", "third-token"])

    def answer(asked):
        if asked.path == TOKEN:
            return granted(next(tokens))
        if asked.path == API and asked.headers["authorization"] == "Bearer first-token":
            return Answer(401, headers={"www-authenticate": "Bearer"})
        return None

    with login(tmp_path, answer) as (get, _, asked):
        assert get().json() == {"bearer": "Bearer second-token"}
        assert paths(asked) == [DISCOVERY, TOKEN, API, DISCOVERY, TOKEN, API]

    with login(tmp_path, lambda r: Answer(401) if r.path == API else None) as (get, _, asked):
        assert get().status_code == 401
        assert paths(asked).count(API) == 2


def test_many_threads_share_one_token(tmp_path):
    """Of eight that start at once, one logs in and the others wait for it."""
    with login(tmp_path) as (get, _, asked):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: get().json()["bearer"], range(16)))
        assert set(answers) == {"Bearer tok-of-the-day"}
        assert paths(asked).count(TOKEN) == 1


def test_many_threads_replace_a_refused_token_once(tmp_path):
    """Nobody throws away the token that another thread has just brought."""
    issued = iter(["first-token", "second-token", "third-token", "fourth-token"])

    def answer(asked):
        if asked.path == TOKEN:
            return granted(next(issued))
        refused = asked.path == API and asked.headers["authorization"] == "Bearer first-token"
        return Answer(401) if refused else None

    with login(tmp_path, answer) as (get, _, asked):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: get().json()["bearer"], range(16)))
        assert set(answers) == {"Bearer second-token"}
        assert paths(asked).count(TOKEN) == 2


def test_closing_forgets_the_token(tmp_path):
    """Nothing outlives the client."""
    with login(tmp_path) as (get, auth, asked):
        get()
        auth.forget()
        get()
        assert paths(asked).count(TOKEN) == 2


def test_token_and_assertion_are_hidden_from_then_on(tmp_path):
    """Whoever echoes them, they reach no file and no log."""
    with login(tmp_path) as (get, auth, asked):
        get()
    assertion = dict(parse_qsl(asked[1].body.decode()))["client_assertion"]
    assert auth._redactor.text(f"tok-of-the-day {assertion}") == "*** ***"


@pytest.mark.parametrize(
    ("path", "answer", "error", "sentence"),
    [
        (
            TOKEN,
            told({"error": "invalid_client"}, 400),
            CredentialsRefused,
            r"refuses client .* \(invalid_client\)",
        ),
        (
            TOKEN,
            told({"error": "invalid_client"}, 401),
            CredentialsRefused,
            "JWK file is the one issued for it",
        ),
        (TOKEN, Answer(401, b"<html>"), CredentialsRefused, "refuses client"),
        (TOKEN, Answer(503, b"<html>"), TemporaryFailure, "connect/token answered HTTP 503"),
        (TOKEN, Answer(429, headers={"retry-after": "9"}), TemporaryFailure, "HTTP 429"),
        (TOKEN, Answer(302, headers={"location": "/x"}), RequestRefused, "HTTP 302"),
        (TOKEN, Answer(200, b"<html>"), ContractBroken, "something else"),
        (TOKEN, told({"token_type": "Bearer", "expires_in": 3600}), ContractBroken, "access_token"),
        (TOKEN, granted(token_type="MAC"), ContractBroken, "not a bearer token"),
        (TOKEN, granted("split\r\nheader"), ContractBroken, "not a bearer token"),
        (TOKEN, granted(expires_in="soon"), ContractBroken, "expires_in"),
        (DISCOVERY, Answer(500), TemporaryFailure, "openid-configuration answered HTTP 500"),
        (DISCOVERY, Answer(404), RequestRefused, "check that the issuer URL is the identity server's"),
        (DISCOVERY, told({}), ContractBroken, "token_endpoint"),
        (
            DISCOVERY,
            told({"token_endpoint": "http://id.example.com/t"}),
            ContractBroken,
            "must start with https",
        ),
        (DISCOVERY, told({"token_endpoint": "/connect/token"}), ContractBroken, "is not a URL"),
    ],
)
def test_an_identity_server_that_fails_is_told_apart(tmp_path, path, answer, error, sentence):
    """Refused credentials are never retried, a server that is down is, and no key goes over plain http."""
    with login(tmp_path, lambda asked: answer if asked.path == path else None) as (get, _, asked):
        with pytest.raises(error, match=sentence) as caught:
            get()
        assert API not in paths(asked)
        assert "\n" not in str(caught.value)
        if answer.status == 429:
            assert caught.value.retry_after == 9


def test_after_a_failed_login_the_next_request_tries_again(tmp_path):
    """The failure leaves no lock behind."""
    left = [Answer(503), granted()]
    with login(tmp_path, lambda asked: left.pop(0) if asked.path == TOKEN else None) as (get, _, _asked):
        with pytest.raises(TemporaryFailure):
            get()
        assert get().status_code == 200
