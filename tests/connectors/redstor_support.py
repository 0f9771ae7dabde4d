"""What the tests of the Redstor connector share: a key, a stub identity server, a client on a stub."""

import json
from contextlib import contextmanager
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from stub_vendor import Answer, Asked, StubVendor

from connectors.redstor.client import open_client
from connectors.redstor.connection import RedstorConnection
from connectors.stream import UsageDay

CLIENT_ID = "0b2c4c63-9c27-4f0a-9f54-2d5f0ad1b6a1"
ROOT, A, B, C = (f"{n}0000000-aaaa-4bbb-8ccc-000000000000" for n in "1abc")
NO_CONTENT = Answer(204)
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("Europe/Berlin"))


@cache
def key_pair():
    """A private RSA key and its JWK; made once, since that takes long."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, {**RSAAlgorithm.to_jwk(key, as_dict=True), "kid": "KEY-1"}


def write_jwk(directory):
    path = directory / "redstor.jwk.json"
    path.write_text(json.dumps(key_pair()[1]))
    return path


def told(body, status=200):
    """A JSON answer."""
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json"})


def granted(token="tok-of-the-day", **changes):
    return told(
        {"access_token": token, "expires_in": 3600, "token_type": "Bearer", "scope": "api.read"} | changes
    )


def identity(asked: Asked, token=None):
    """What a well-behaved identity server answers; None for other paths."""
    if asked.path == "/.well-known/openid-configuration":
        return told({"token_endpoint": f"http://{asked.headers['host']}/connect/token"})
    if asked.path == "/connect/token":
        return token or granted()
    return None


def company(company_id, parent=ROOT, kind="Customer"):
    return {
        "companyId": company_id,
        "companyName": f"Name of {company_id[0]}",
        "isEnabled": True,
        "type": kind,
        "parentCompanyId": parent,
    }


def page(rows, token=None, **members):
    """One page of a list."""
    return told({"results": rows, **({"nextPageToken": token} if token else {}), **members})


@contextmanager
def connected(answer, directory, **settings):
    """An open client on a vendor that answers so, with the API's requests only; yields (client, asked)."""
    calls = []

    def serve(asked):
        if known := identity(asked):
            return known
        calls.append(asked)
        return answer(asked)

    with StubVendor(serve) as vendor:
        connection = RedstorConnection(
            base_url=vendor.url,
            issuer_url=vendor.url,
            client_id=CLIENT_ID,
            jwk_file=write_jwk(directory),
            **{"api_version": "1", "requests_per_second": 10_000, **settings},
        )
        with open_client(connection, directory) as client:
            yield client, calls
