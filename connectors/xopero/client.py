"""WebAPI 2.0 over the shared transport: the reads there are, and one call at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from connectors.errors import ContractBroken, VendorError
from connectors.stream import Exchange, Role
from connectors.transport.http import ATTEMPTS, HttpTransport
from connectors.transport.redaction import Redactor, secrets_of
from connectors.xopero.auth import FORGET, JSON, XoperoAuth
from connectors.xopero.connection import XoperoConnection
from connectors.xopero.envelope import accepted

log = logging.getLogger(__name__)

VERSION = "GetVersion"
PARTNERS = "GetPartners"
CUSTOMERS = "GetCustomers"
USAGE = "GetCustomerUsage"
PRODUCTS = "GetCustomerAvailableProducts"
SUBSCRIPTION = "GetSubscription"

READS = frozenset({VERSION, PARTNERS, CUSTOMERS, USAGE, PRODUCTS, SUBSCRIPTION, FORGET})
"""The functions that can be sent. Every call is a POST, so only its name tells a read from a write."""

WITHHELD = frozenset(
    {
        "personaldata",
        "email",
        "e-mail",
        "contactemail",
        "firstname",
        "lastname",
        "street",
        "city",
        "postalcode",
        "phone",
        "phonenumber",
        "vatin",
        "vatln",
        "taxid",
        "taxld",
        "bank",
        "accountnumber",
    }
)
"""Personal and bank data, in the vendor's spellings and its document's misprints: never kept."""

T = TypeVar("T")


class XoperoClient:
    """One connection's open client.

    Parameters:
        transport: sends the requests, with the token added by `auth`.

    Attributes:
        walked: the walk over the customers that the streams of a run share (walk.Walked).
    """

    def __init__(self, connection: XoperoConnection, transport: HttpTransport, auth: XoperoAuth) -> None:
        self.connection = connection
        self.endpoint = f"{connection.base_url}/endpoint"
        self.walked: Any = None
        self._transport = transport
        self._auth = auth

    def call(
        self,
        function: str,
        data: Any,
        read: Callable[[Exchange], T],
        *,
        context: Mapping[str, str] | None = None,
        role: Role = Role.ROWS,
        attempts: int = ATTEMPTS,
    ) -> tuple[Exchange, T]:
        """Call one function.

        Parameters:
            function: one of `READS`.
            data: its argument: an object, a bare number or a text; None where it takes none.
            read: makes something of the answer, or raises a `VendorError`; `accepted` or more than it.
            context: kept with the exchange.

        Returns:
            The exchange, and what `read` made of it.

        Raises:
            VendorError: see `HttpTransport.send`, and what `read` raises.
        """
        made: list[T] = []
        exchange = self._transport.send(
            function,
            "POST",
            self.endpoint,
            headers=JSON,
            content=_body(function, data),
            context=context,
            role=role,
            judge=lambda answer: made.append(read(answer)),
            attempts=attempts,
        )
        return exchange, made[-1]

    def request(self, function: str, data: Any) -> str:
        """How an exchange of that call describes its request."""
        return self._transport.redactor.text(f"POST {self.endpoint}\n\n{_body(function, data).decode()}")

    def forget(self) -> None:
        """Have the vendor void the token, if there is one; a failure to do so is nothing to fail for."""
        if not self._auth.holds_token:
            return
        try:
            self.call(FORGET, None, accepted, attempts=1)
        except VendorError as error:
            log.warning("%s: the token was not voided and ends by itself: %s", self.connection.name, error)
        finally:
            self._auth.drop()


def _body(function: str, data: Any) -> bytes:
    return msgspec.json.encode(
        {"function": function} if data is None else {"function": function, "data": data}
    )


@contextmanager
def open_client(connection: XoperoConnection, cache: Path) -> Iterator[XoperoClient]:  # noqa: ARG001  # Xopero has nothing to keep
    """Open a client; closing voids the token."""
    redactor = Redactor(secrets_of(connection))
    auth = XoperoAuth(connection, redactor)
    with HttpTransport(connection, READS, auth=auth, redactor=redactor, withheld=WITHHELD) as transport:
        client = XoperoClient(connection, transport, auth)
        try:
            yield client
        finally:
            client.forget()


def probe(client: XoperoClient) -> str:
    """Ask for the version; says which one answers.

    Raises:
        ContractBroken: it is not 2.x.y, which is told as 2xxyy.
    """
    _, data = client.call(VERSION, None, accepted)
    text = data.strip(b'"')
    if not text.isdigit() or int(text) // 10_000 != 2:
        raise ContractBroken(
            f"{VERSION} answered {text[:40].decode(errors='replace')}, not a version 2 like 20509"
        )
    minor, release = divmod(int(text) % 10_000, 100)
    return f"WebAPI 2.{minor}.{release} answers {client.connection.login}"
