"""The issuer grants a token for a well-made assertion only."""

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sandbox.redstor_support import ask_token, assertion


def test_discovery_names_the_token_endpoint(sandbox):
    """The endpoint is found, not known: it is also the assertion's audience."""
    found = httpx.get(f"{sandbox.url}/redstor-id/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{sandbox.url}/redstor-id/connect/token"


def test_a_good_assertion_is_granted_an_hour(sandbox):
    """Both the 5 minutes of the page and the hour of its sample code pass; nbf may be left out."""
    for signed in (assertion(sandbox), assertion(sandbox, nbf=None, exp=int(time.time()) + 3600)):
        granted = ask_token(sandbox, signed)
        assert granted.status_code == 200
        assert granted.json() | {"access_token": ""} == {
            "access_token": "",
            "expires_in": 3600,
            "token_type": "Bearer",
            "scope": "api.read",
        }


@pytest.mark.parametrize("claim", ["jti", "sub", "iss", "iat", "exp", "aud"])
def test_every_claim_is_required(sandbox, claim):
    """An assertion that lacks a claim is nobody's."""
    refused = ask_token(sandbox, assertion(sandbox, **{claim: None}))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "someone else"},
        {"sub": "someone else"},
        {"aud": "https://api.redstor.com/"},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
)
def test_every_claim_must_hold(sandbox, claims):
    """Issuer and subject are the client, the audience is the token endpoint, an hour is the longest."""
    refused = ask_token(sandbox, assertion(sandbox, **claims))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_good_for_one_exchange(sandbox):
    """The jti is remembered: a client signs anew each time."""
    signed = assertion(sandbox)
    assert [ask_token(sandbox, signed).status_code for _ in range(2)] == [200, 401]


def test_the_signature_must_be_the_service_accounts(sandbox):
    """Another key, another kid and an unsigned assertion are refused."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = jwt.encode({"iss": sandbox.credentials.redstor_client_id}, None, "none")
    for signed in (assertion(sandbox, stranger), assertion(sandbox, header={"kid": "other"}), unsigned, "x"):
        assert ask_token(sandbox, signed).status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "api.read everything"}, "invalid_scope"),
    ],
)
def test_the_form_must_say_what_is_wanted(sandbox, form, error):
    """Wrong words are 400 with an OAuth error code."""
    refused = ask_token(sandbox, **form)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_the_request_is_a_form(sandbox):
    """JSON is not accepted, and a token cannot be read with GET."""
    address = f"{sandbox.url}/redstor-id/connect/token"
    refused = httpx.post(address, json={"grant_type": "client_credentials"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert httpx.get(address).status_code == 405
