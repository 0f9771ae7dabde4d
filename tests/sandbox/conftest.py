"""A running sandbox and a plain HTTP client: what a vendor sends is judged on the wire."""

import time
import uuid

import httpx
import jwt
import pytest

from connectors.sandbox.server import Sandbox

NIGHT = "2026-10-15T01:00:00+00:00"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="session")
def running():
    with Sandbox(customers=40) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.set_now(NIGHT)
    running.faults.clear()
    running.log.clear()
    return running


@pytest.fixture
def root(sandbox):
    return sandbox.world.redstor(sandbox.world.day_at(sandbox.clock())).root.company_id


def assertion(sandbox, key=None, header=None, **claims):
    """A client assertion as RedAPI's article asks for; `claims` overrule, None leaves one out."""
    client_id, now = sandbox.credentials.redstor_client_id, int(time.time())
    payload = {
        "jti": str(uuid.uuid4()),
        "sub": client_id,
        "iss": client_id,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "aud": f"{sandbox.url}/redstor-id/connect/token",
    } | claims
    payload = {name: value for name, value in payload.items() if value is not None}
    headers = {"kid": sandbox.credentials.redstor_key["kid"]} | (header or {})
    signing = key or jwt.PyJWK(dict(sandbox.credentials.redstor_key)).key
    return jwt.encode(payload, signing, "RS256", headers)


def ask_token(sandbox, signed=None, **form):
    form = {
        "grant_type": "client_credentials",
        "scope": "api.read",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": signed or assertion(sandbox),
    } | form
    return httpx.post(f"{sandbox.url}/redstor-id/connect/token", data=form)


@pytest.fixture
def api(sandbox):
    """A client with a valid token that asks for V1 unless told otherwise."""
    token = ask_token(sandbox).json()["access_token"]
    with httpx.Client(
        base_url=f"{sandbox.url}/redstor",
        headers={"Authorization": f"Bearer {token}"},
        params={"apiVersion": "1"},
    ) as client:
        yield client


def walk(client, path, **params):
    """Every row of a paged list, following the token to its end."""
    rows, token = [], None
    while True:
        page = client.get(path, params=params | ({"pageToken": token} if token else {})).json()
        rows.extend(page["results"])
        token = page.get("nextPageToken")
        if not token:
            return rows
