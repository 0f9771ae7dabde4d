"""The HTTP API over the shared transport: the reads there are, one request at a time, never in haste."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    IncompletePull,
    RequestRefused,
    VendorError,
)
from connectors.resellerclub.answers import check_order, judge, read_currency
from connectors.resellerclub.connection import ResellerClubConnection
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport

ORDERS = "backup/{region}/search"
DETAILS = ("backups/{region}/details", "backup/{region}/details", "backups/us/details")
"""The spellings in which the manual may mean the path of an order's details; it prints the last for Asia."""
CUSTOMERS = "customers/search"
PLANS = "products/plan-details"
COST_PRICES = "products/reseller-cost-price"
CUSTOMER_PRICES = "products/customer-price"
TRANSACTIONS = "billing/my-transactions/search"
BALANCE = "billing/reseller-balance"

READS = frozenset(
    {ORDERS, *DETAILS, CUSTOMERS, PLANS, COST_PRICES, CUSTOMER_PRICES, TRANSACTIONS, BALANCE},
)
"""Operations are named by their path; only these can be sent, and only with GET."""

ATTEMPTS = 3  # few: more of them from one address look like abuse

T = TypeVar("T")


class ResellerClubClient:
    """One connection's open client.

    Once the vendor has refused us it sends nothing more: asking on prolongs a block.

    Parameters:
        transport: sends the requests, with the credentials added to their URLs.
    """

    def __init__(self, connection: ResellerClubConnection, transport: HttpTransport) -> None:
        self.connection = connection
        self._transport = transport
        self._details: dict[str, str] = {}  # by region, the spelling that answers
        self._refused: CredentialsRefused | None = None

    def get(
        self,
        operation: str,
        decode: Callable[[bytes], T],
        *,
        region: str = "",
        params: Mapping[str, str] | None = None,
        context: Mapping[str, str] | None = None,
        role: Role = Role.ROWS,
    ) -> tuple[Exchange, T]:
        """Read one answer.

        Parameters:
            operation: one of `READS`.
            decode: to what proves the answer whole and tells what to ask next; raises ValueError
                for another shape.
            region: for `{region}` in the path.
            context: kept with the exchange.

        Raises:
            CredentialsRefused: credentials, address or a block; every later read raises it again.
            VendorError: see `answers.judge` and `HttpTransport.send`.
        """
        if self._refused:
            raise CredentialsRefused(f"{operation} was not asked: {self._refused}")
        decoded: list[T] = []
        path = operation.replace("{region}", region)
        try:
            exchange = self._transport.send(
                operation,
                "GET",
                f"{self.connection.base_url}/api/{path}.json",
                params=params,
                headers={"Accept": "application/json", "User-Agent": "backup-billing"},
                context=context,
                role=role,
                judge=lambda answer: decoded.append(judge(answer, decode)),
                attempts=ATTEMPTS,
            )
        except CredentialsRefused as error:
            self._refused = error
            raise
        return exchange, decoded[-1]

    def details(self, region: str, order_id: str, context: Mapping[str, str]) -> Exchange:
        """Read one listed order. The first of a region finds out which spelling of the path answers.

        Returns:
            The exchange; the answers to other spellings are in its `rejected`.

        Raises:
            IncompletePull: the order is not there any more.
            RequestRefused, ContractBroken: no spelling answers with the order.
        """
        ask = partial(self._details_at, region=region, order_id=order_id, context=context)
        if known := self._details.get(region):
            try:
                return ask(known)
            except RequestRefused as error:
                raise IncompletePull(
                    f"order {order_id} was listed a moment ago: {error}", error.exchanges
                ) from None
        passed_over: list[Exchange] = []
        # A spelling that another region answers to is tried first.
        for operation in sorted(spellings(region), key=lambda path: path not in self._details.values()):
            try:
                exchange = ask(operation)
            except (RequestRefused, ContractBroken) as error:
                passed_over += error.exchanges
                refusal: VendorError = error
            else:
                self._details[region] = operation
                return replace(exchange, rejected=(*passed_over, *exchange.rejected))
        refusal.exchanges = tuple(passed_over)
        raise refusal

    def _details_at(
        self, operation: str, *, region: str, order_id: str, context: Mapping[str, str]
    ) -> Exchange:
        exchange, _ = self.get(
            operation,
            partial(check_order, order_id=order_id),
            region=region,
            params={"order-id": order_id},
            context={**context, "region": region},
        )
        return exchange


def spellings(region: str) -> list[str]:
    """The ways to write the path of an order's details in a region, each path once."""
    found: dict[str, str] = {}
    for operation in DETAILS:
        found.setdefault(operation.replace("{region}", region), operation)
    return list(found.values())


@contextmanager
def open_client(connection: ResellerClubConnection, cache: Path) -> Iterator[ResellerClubClient]:  # noqa: ARG001  # there is nothing to keep
    """Open a client; closing ends its one connection."""
    credentials = {
        "auth-userid": connection.auth_userid,
        "api-key": connection.api_key.get_secret_value(),
    }
    with HttpTransport(connection, READS, in_url=credentials) as transport:
        yield ResellerClubClient(connection, transport)


def probe(client: ResellerClubClient) -> str:
    """Read the reseller's balance; says who answered, without the figure."""
    reseller = client.connection.auth_userid
    _, currency = client.get(BALANCE, read_currency, params={"reseller-id": reseller}, role=Role.CONTROL)
    return f"The HTTP API answers reseller {reseller}, whose account is kept in {currency}"
