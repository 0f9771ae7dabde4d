"""The API over the shared transport: only GETs on the contract file's paths, and how an answer is judged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.revirt365.answer import CREDENTIALS_INVALID, error_in, is_whole, rows_at, trace, trace_id_of
from connectors.revirt365.auth import Revirt365Auth
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.contract import Contract, Listing
from connectors.revirt365.contract_file import read_contract
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport, judge_status
from connectors.transport.redaction import Redactor, secrets_of

T = TypeVar("T")


class Revirt365Client:
    """One connection's open client.

    Parameters:
        transport: sends the requests, with the token added by its auth.
        trace_id: the same for all requests of this client, as the vendor recommends.
    """

    def __init__(
        self, connection: Revirt365Connection, contract: Contract, transport: HttpTransport, trace_id: str
    ) -> None:
        self.connection = connection
        self.contract = contract
        self._transport = transport
        self._trace_id = trace_id

    def get(
        self,
        listing: Listing,
        decode: Callable[[bytes], T],
        *,
        placeholders: Mapping[str, str],
        params: Mapping[str, str],
        context: Mapping[str, str],
        role: Role,
    ) -> tuple[Exchange, T]:
        """Read one answer.

        Parameters:
            decode: proves the answer whole; raises a `ValueError` where it is not of the contract's shape.
            placeholders: what they stand for in path and query.
            params: of paging.
            context: kept with the exchange.

        Raises:
            VendorError: see `HttpTransport.send`; every error tells the traceId where there is one.
        """
        path, query = listing.path, dict(listing.query)
        for name, value in placeholders.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
            query = {key: text.replace(f"{{{name}}}", value) for key, text in query.items()}
        decoded: list[T] = []

        def judge(exchange: Exchange) -> None:
            decoded[:] = [_judged(exchange, decode)]

        exchange = self._transport.send(
            listing.path,
            "GET",
            self.connection.base_url + path,
            params={**query, **params},
            headers={"Accept": "application/json", "traceId": self._trace_id},
            context=context,
            role=role,
            judge=judge,
        )
        return exchange, decoded[0]


@contextmanager
def open_client(connection: Revirt365Connection, cache: Path) -> Iterator[Revirt365Client]:  # noqa: ARG001  # nothing to keep
    """Open a client; closing forgets the token.

    Raises:
        NotConfigured: there is no contract file, or it is not finished.
    """
    contract = read_contract(connection.contract)
    redactor = Redactor(secrets_of(connection))
    trace_id = f"backup-billing-{uuid.uuid4().hex[:12]}"
    auth = Revirt365Auth(connection, contract.token, trace_id, redactor)
    try:
        with HttpTransport(connection, contract.paths, auth=auth, redactor=redactor) as transport:
            yield Revirt365Client(connection, contract, transport, trace_id)
    finally:
        auth.forget()


def probe(client: Revirt365Client) -> str:
    """Read the first page of customers; says what answered."""
    customers = client.contract.streams.customers
    paging = customers.paging
    first = {paging.parameter: str(paging.first)} if paging and paging.kind == "page" else {}
    _, rows = client.get(
        customers,
        lambda body: rows_at(body, customers.rows_at),
        placeholders={},
        params=first,
        context={},
        role=Role.CONTROL,
    )
    return f"{customers.path} answers with {len(rows)} customers, as {client.connection.contract} says"


def _judged(exchange: Exchange, decode: Callable[[bytes], T]) -> T:
    """The decoded answer, or the error that it is."""
    error = error_in(exchange.body)
    if error and error.id == CREDENTIALS_INVALID:
        raise CredentialsRefused(f"{exchange.operation}: {error.sentence}; check app key and app secret")
    traced = trace(trace_id_of(exchange.body))
    try:
        judge_status(exchange)
    except VendorError as refusal:
        refusal.args = (f"{refusal}: {error.sentence}" if error else f"{refusal}{traced}",)
        raise
    if exchange.status == 202 or b'"callbackId"' in exchange.body:
        raise ContractBroken(
            f"{exchange.operation} answers later, to a callback, which a nightly read cannot receive{traced}"
        )
    if exchange.status != 200:
        raise ContractBroken(
            f"{exchange.operation} answered HTTP {exchange.status}, which is no list{traced}"
        )
    if not is_whole(exchange.body):
        raise TemporaryFailure(f"{exchange.operation} answered HTTP 200 without whole JSON")
    try:
        return decode(exchange.body)
    except (ValueError, RecursionError) as problem:
        if error:
            raise RequestRefused(f"{exchange.operation} answered HTTP 200: {error.sentence}") from None
        raise ContractBroken(
            f"{exchange.operation} answered something else than the contract file says: {problem}{traced}"
        ) from None
