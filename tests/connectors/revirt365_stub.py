"""ReVirt365 over loopback: the published token exchange, and lists that a test's contract file names."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from stub_vendor import Answer, Asked, StubVendor

from connectors.revirt365 import VENDOR
from connectors.revirt365.connection import Revirt365Connection
from connectors.stream import Role, UsageDay

KEY, SECRET, TOKEN = "app-key-4711", "app-s3cret-0815", "t0ken-of-the-day"
DAY = UsageDay(date(2026, 10, 31), ZoneInfo("UTC"))
IN_WINDOW = "2026-11-01T02:00:00+00:00"
INVALID = "6a18afae-3371-47e2-829c-b28e4412f279"

TOKEN_PART = """
[token]
path = "/v1/token"
send_as = "json"
key_name = "appkey"
secret_name = "appsecret"
token_at = "/token"
"""

CONTRACT = f"""
version = 1
{TOKEN_PART}
[streams.customers]
path = "/v1/customers"
rows_at = "/customers"
total_at = "/total"

[streams.customers.fields]
account_id = "id"
name = "dbaName"

[streams.usage]
path = "/v1/usage"
rows_at = "/usage"

[streams.usage.fields]
account_id = "customerId"
active_seats = "seats"
inactive_seats = "unused"

[streams.sessions]
offered = false
"""


def told(value, status=200):
    return Answer(status, json.dumps(value).encode(), {"content-type": "application/json"})


def seats(*pairs, **beside):
    return {
        "traceId": "t-1",
        "usage": [{"customerId": who, "seats": count} for who, count in pairs],
        **beside,
    }


class Api:
    """Grants tokens, and answers GETs with a token by path: a value, or a function of what was asked."""

    def __init__(self, **lists):
        self.lists = {f"/v1/{name}": answer for name, answer in lists.items()}
        self.token = lambda asked: told({"traceId": "t-0", "token": TOKEN})
        self.tokens: list[Asked] = []

    def __call__(self, asked):
        if asked.path == "/v1/token":
            self.tokens.append(asked)
            return self.token(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return told({"id": "0", "description": "No token.", "traceId": "t-401"}, 401)
        answer = self.lists.get(asked.path, Answer(404))
        answer = answer(asked) if callable(answer) else answer
        return answer if isinstance(answer, Answer) else told(answer)


@contextmanager
def client_of(api: Api, contract: str, tmp_path: Path):
    """An open client for a contract over a stub; yields (client, stub)."""
    path = tmp_path / "revirt365-contract.toml"
    path.write_text(contract)
    with StubVendor(api) as stub:
        connection = Revirt365Connection(
            base_url=stub.url, app_key=KEY, app_secret=SECRET, contract=path, timeout_seconds=5
        )
        with VENDOR.open(connection, tmp_path) as client:
            yield client, stub


def pulled(api: Api, contract: str, tmp_path: Path, stream="usage", day=DAY):
    """What a pull of a stream gives: (rows as dicts without nulls, exchanges)."""
    declared = VENDOR.stream(stream)
    with client_of(api, contract, tmp_path) as (client, _):
        exchanges = list(declared.fetch(client, day))
    rows = [row for e in exchanges if e.role is Role.ROWS for row in declared.parse(e).rows.to_pylist()]
    return [{name: value for name, value in row.items() if value is not None} for row in rows], exchanges
