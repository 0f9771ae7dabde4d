"""RedAPI over the shared transport: the reads there are, how an answer is judged, one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import Raw

from connectors.errors import (
    ContractBroken,
    OutOfScope,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.redstor.auth import RedstorAuth
from connectors.redstor.connection import RedstorConnection
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport, judge_status
from connectors.transport.json_exact import members_of
from connectors.transport.redaction import Redactor

ROOT = "/companies"
COMPANY = "/companies/{companyId}"
PRODUCTS = "/products"

V1_CUSTOMERS = "/companies/{companyId}/customers/transitive"
V1_SUBSCRIPTIONS = "/companies/{companyId}/subscriptions"
V1_OWN_CONSUMPTION = "/companies/{companyId}/consumption/company"
V1_CONSUMPTION = "/companies/{companyId}/consumption/customers/transitive"
V1_SUMMARY = "/companies/{companyId}/consumption/summary"
V1_BACKUPS = "/companies/{companyId}/backups/status"

V2_CUSTOMERS = "/companies/{companyId}/customers"
V2_SUBSCRIPTIONS = "/subscriptions"
V2_CONSUMPTION = "/consumption"
V2_SUMMARY = "/consumption/summary"
V2_BACKUPS = "/backups/status"

READS = frozenset(
    {
        ROOT,
        COMPANY,
        PRODUCTS,
        V1_CUSTOMERS,
        V1_SUBSCRIPTIONS,
        V1_OWN_CONSUMPTION,
        V1_CONSUMPTION,
        V1_SUMMARY,
        V1_BACKUPS,
        V2_CUSTOMERS,
        V2_SUBSCRIPTIONS,
        V2_CONSUMPTION,
        V2_SUMMARY,
        V2_BACKUPS,
    }
)
"""Operations are named by their path; only these can be sent, and only with GET."""

T = TypeVar("T")


class Company(msgspec.Struct, frozen=True):
    """What the walk over the companies needs of one; names as the vendor's."""

    companyId: str  # noqa: N815
    type: str
    companyName: str | None  # noqa: N815
    parentCompanyId: str | None = None  # noqa: N815

    def __post_init__(self) -> None:
        UUID(self.companyId)  # it will stand in a path; a ValueError becomes a ValidationError

    @property
    def id(self) -> str:
        """The company's GUID, lower-cased: Redstor mixes the cases of one id."""
        return self.companyId.lower()

    @property
    def parent(self) -> str:
        """The id of the company above, lower-cased; empty where none is told, as of the topmost."""
        return (self.parentCompanyId or "").lower()


class CompanyStatuses(msgspec.Struct):
    """Version 1's backup status of one company; names as the vendor's."""

    companyId: str  # noqa: N815
    statuses: list[Raw]


class _Problem(msgspec.Struct):
    """ProblemDetails; every member is optional."""

    title: str | None = None
    detail: str | None = None


_COMPANY = msgspec.json.Decoder(Company).decode
STATUS_ANSWER = msgspec.json.Decoder(CompanyStatuses).decode
ARRAY_ANSWER = msgspec.json.Decoder(list[Raw]).decode
OBJECT_ANSWER = msgspec.json.Decoder(dict[str, Raw]).decode


def read_company(body: bytes) -> Company:
    """A company, no member of which is told twice.

    Raises:
        msgspec.DecodeError: it is none.
    """
    company = _COMPANY(body)
    try:
        members_of(body)
    except ValueError as error:
        raise msgspec.ValidationError(str(error)) from None
    return company


class RedstorClient:
    """One connection's open client.

    Parameters:
        transport: sends the requests, with the token added by its auth.
    """

    def __init__(self, connection: RedstorConnection, transport: HttpTransport) -> None:
        self.connection = connection
        self.version = connection.api_version
        self._transport = transport

    def get(
        self,
        operation: str,
        decode: Callable[[bytes], T],
        *,
        company: str = "",
        params: Mapping[str, str] | None = None,
        context: Mapping[str, str] | None = None,
        role: Role = Role.ROWS,
        one_of_many: bool = False,
    ) -> tuple[Exchange, T | None]:
        """Read one answer.

        Parameters:
            operation: one of `READS`.
            decode: to a cheap type that proves the answer whole and tells the next page; rows
                stay raw in it.
            company: for `{companyId}` in the path.
            context: kept with the exchange, beside `api_version`.
            one_of_many: the company is one of a walk, and may be gone by now.

        Returns:
            The exchange, and the decoded answer: None for 204 No Content, whose exchange has the
            role CONTROL, as it holds no rows and is no proof that there are none.

        Raises:
            OutOfScope: 404 or 422 about one of many companies.
            ContractBroken: JSON of another shape, or a status no page names.
            VendorError: see `HttpTransport.send`.
        """
        decoded: T | None = None

        def judge(exchange: Exchange) -> None:
            nonlocal decoded
            decoded = _judge(exchange, decode, one_of_many)

        exchange = self._transport.send(
            operation,
            "GET",
            self.connection.base_url + operation.replace("{companyId}", quote(company, safe="")),
            # Without a version the latest is meant: the pull would change its contract overnight.
            params={"apiVersion": self.version, **(params or {})},
            headers={"Accept": "application/json"},
            context={"api_version": self.version, **(context or {})},
            role=role,
            judge=judge,
        )
        if decoded is None:
            exchange = replace(exchange, role=Role.CONTROL)
        return exchange, decoded

    def root(self, role: Role) -> tuple[Exchange, Company]:
        """The company everything is asked for: the configured one, or the service account's own.

        Raises:
            ContractBroken: there is none, or the answer is about another one.
        """
        wanted = self.connection.company_id
        operation = COMPANY if wanted else ROOT
        exchange, company = self.get(operation, read_company, company=str(wanted or ""), role=role)
        if company is None:
            raise ContractBroken(f"{operation} answered 204 No Content: the service account shows no company")
        if wanted and company.id != str(wanted):
            raise ContractBroken(f"{operation} answered with company {company.id}, not {wanted}")
        return exchange, company


@contextmanager
def open_client(connection: RedstorConnection, cache: Path) -> Iterator[RedstorClient]:  # noqa: ARG001  # Redstor has nothing to keep
    """Open a client; closing forgets the token."""
    redactor = Redactor([])
    auth = RedstorAuth(connection, redactor)
    try:
        with HttpTransport(connection, READS, auth=auth, redactor=redactor) as transport:
            yield RedstorClient(connection, transport)
    finally:
        auth.forget()


def probe(client: RedstorClient) -> str:
    """Read the root company; says who answered."""
    _, company = client.root(Role.CONTROL)
    name = company.companyName or company.id
    return f"RedAPI {client.version} answers as the {company.type} {name} ({company.id})"


def _judge(exchange: Exchange, decode: Callable[[bytes], T], one_of_many: bool) -> T | None:
    try:
        judge_status(exchange)
    except VendorError as error:
        said = f"{error}{_problem(exchange.body)}"
        if isinstance(error, RequestRefused) and one_of_many and exchange.status in (404, 422):
            raise OutOfScope(said) from None
        error.args = (said,)
        raise
    if exchange.status == 204:
        return None
    if exchange.status != 200:
        raise ContractBroken(
            f"{exchange.operation} answered HTTP {exchange.status}, which no page of it names"
        )
    try:
        return decode(exchange.body)
    except msgspec.ValidationError as error:
        version = exchange.context["api_version"]
        raise ContractBroken(
            f"{exchange.operation} answered another shape than API version {version} has: {error}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TemporaryFailure(f"{exchange.operation} answered no whole JSON: {error}") from None


def _problem(body: bytes) -> str:
    """What the vendor says is wrong: ProblemDetails, which most errors have."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    said = " ".join((problem.detail or problem.title or "").split())
    return f": {said[:300]}" if said else ""
