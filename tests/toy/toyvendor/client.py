"""Toy Backup's API over the shared transport: what may be asked, and whether an answer is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx
import msgspec
from pydantic import SecretStr

from connectors.connection import BaseUrl, Connection
from connectors.errors import ContractBroken
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport, judge_status

CUSTOMERS, USAGE = "/customers", "/usage"
READS = frozenset({CUSTOMERS, USAGE})


class ToyConnection(Connection):
    """One reseller's key: `TOY_BASE_URL` and `TOY_KEY`."""

    base_url: BaseUrl
    key: SecretStr


class Page(msgspec.Struct):
    """What the walk over the pages needs of one."""

    rows: list[msgspec.Raw]
    total: int


class ToyAuth(httpx.Auth):
    """Signs each request with the key."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        request.headers["X-Api-Key"] = self._key.get_secret_value()
        yield request


class ToyClient:
    """One connection's open client."""

    def __init__(self, connection: ToyConnection, http: HttpTransport) -> None:
        self._base_url, self._http = connection.base_url, http

    def pages(self, operation: str, role: Role = Role.ROWS, **asked: str) -> Iterator[Exchange]:
        """Every page of a list, by the total that each of them states."""
        received = 0
        for number in count(1):
            told: list[Page] = []
            yield self._http.send(
                operation,
                "GET",
                self._base_url + operation,
                params={"page": str(number), **asked},
                role=role,
                judge=lambda answer, told=told: told.append(judged(answer)),
            )
            received += len(told[-1].rows)
            if not told[-1].rows or received >= told[-1].total:
                return


def judged(answer: Exchange) -> Page:
    """The page; an answer that is none is refused before anything of it is believed."""
    judge_status(answer)
    try:
        return msgspec.json.decode(answer.body, type=Page)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractBroken(f"{answer.operation} answered no page of a list: {error}") from None


@contextmanager
def open_client(connection: ToyConnection, cache: Path) -> Iterator[ToyClient]:
    """A client, whose secrets the transport keeps out of everything that is stored or said."""
    with HttpTransport(connection, READS, auth=ToyAuth(connection.key)) as http:
        yield ToyClient(connection, http)


def probe(client: ToyClient) -> str:
    """One cheap read that shows address and key to be right."""
    first = next(client.pages(CUSTOMERS, Role.CONTROL))
    return f"Toy Backup answers with {judged(first).total} customers"
