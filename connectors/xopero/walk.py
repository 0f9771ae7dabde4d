"""The walk over partners and customers; every other stream asks customer by customer.

Facts (WebAPI 2.0, GetPartners and GetCustomers): a list has at most 100 rows from an offset, no total and
no order; `filters.resellerId` shows another partner's customers, which the unfiltered list does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from connectors.errors import ContractBroken, IncompletePull
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.concurrency import gathered, ordered_map
from connectors.xopero.client import CUSTOMERS, PARTNERS, XoperoClient
from connectors.xopero.envelope import accepted

PAGE = 100
SECOND_PAGE = 83  # has no border with the first look's pages in common, so that no row hides at one

LANDED = (Role.ROWS, Role.SECOND_LOOK)
ASKED = (Role.CONTROL, Role.CONTROL)
Looks = tuple[Role, Role]

R = TypeVar("R", bound="Partner")


class Partner(msgspec.Struct, frozen=True):
    """What the walk needs of a partner."""

    id: int


class Customer(Partner, frozen=True):
    """What the walk and later questions need of a customer; names as the vendor's.

    Only the id must be right: a row with another mistake is for the stream of customers to report.
    """

    resellerId: Any = None  # noqa: N815
    status: Any = None
    subscription: Any = None
    parameters: Any = None

    @property
    def is_deleted(self) -> bool:
        """Whether it is only still listed: lists hold deleted customers too."""
        return bool(self.status == "DELETED")

    @property
    def number(self) -> str:
        """Of its subscription; empty where it has none."""
        return self._told(self.subscription, "number")

    @property
    def facts(self) -> dict[str, str]:
        """What rows about the customer say and answers about it do not repeat, as text."""
        facts = {
            "customer_id": str(self.id),
            "subscription_type": self._told(self.subscription, "type"),
            "is_trial": self._told(self.parameters, "isTrial"),
            "product_name": self._told(self.parameters, "name"),
            "hosts": self._told(self.parameters, "hosts"),
            "users": self._told(self.parameters, "users"),
        }
        return {name: value for name, value in facts.items() if value}

    @staticmethod
    def _told(within: Any, name: str) -> str:
        value = within.get(name) if isinstance(within, dict) else None
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, (int, str)) else ""


@dataclass(frozen=True)
class Walked:
    """A walk over the customers that was proven whole, and the day it was made for.

    Attributes:
        doubtful: a row each of the list that cannot be gone by, with the reason; nothing more is asked
            about its customer.
        customers: the others.
    """

    day: UsageDay
    pages: Sequence[Exchange]
    doubtful: Sequence[Exchange]
    customers: Sequence[Customer]


def partners(client: XoperoClient, looks: Looks) -> Generator[Exchange, None, list[Partner]]:
    """The partners below the login, each level asked of the one above until nobody new is told.

    The document leaves open whether a list holds all levels; asking again finds nobody new then.
    """
    found: dict[int, Partner] = {}
    level = yield from two_looks(client, PARTNERS, None, list[Partner], looks)
    while new := [partner for partner in level if partner.id not in found]:
        found |= {partner.id: partner for partner in new}
        level = yield from _each(client, PARTNERS, new, list[Partner], looks)
    return list(found.values())


def customers(client: XoperoClient, looks: Looks) -> Generator[Exchange, None, list[Customer]]:
    """The login's own customers and those of every partner below it, deleted ones included.

    Raises:
        IncompletePull: two looks differ, or nobody is told at all.
        ContractBroken: a partner's list holds other partners' customers only.
    """
    below = yield from partners(client, ASKED)
    own = yield from two_looks(client, CUSTOMERS, None, list[Customer], looks)
    of_partners = yield from _each(client, CUSTOMERS, below, list[Customer], looks)
    found = {customer.id: customer for customer in [*of_partners, *own]}
    if not found:
        raise IncompletePull(f"{CUSTOMERS} told of no customer, which is no proof that there are none")
    return list(found.values())


def two_looks(
    client: XoperoClient, function: str, reseller: int | None, shape: type[list[R]], looks: Looks
) -> Generator[Exchange, None, list[R]]:
    """A whole list, walked twice in pages of two sizes.

    Raises:
        IncompletePull: the looks show different rows, or the offset is not heeded.
    """
    first = yield from _walk(client, function, reseller, shape, role=looks[0], limit=PAGE)
    second = yield from _walk(client, function, reseller, shape, role=looks[1], limit=SECOND_PAGE)
    if first.keys() != second.keys():
        raise IncompletePull(f"{function} states no total, and two looks showed different rows")
    return list(first.values())


def _walk(
    client: XoperoClient,
    function: str,
    reseller: int | None,
    shape: type[list[R]],
    *,
    role: Role,
    limit: int,
) -> Generator[Exchange, None, dict[int, R]]:
    """One look, to the first empty page: a short page could also be a server's own limit."""
    decoder = msgspec.json.Decoder(shape, strict=False)
    filters = {} if reseller is None else {"filters": {"resellerId": reseller}}
    found: dict[int, R] = {}
    offset = 0
    while True:
        exchange, rows = client.call(
            function,
            {**filters, "offset": offset, "limit": limit},
            lambda answer: _decoded(answer, decoder.decode),
            context={"reseller_id": str(reseller)} if filters else {},
            role=role,
        )
        yield exchange
        if not rows:
            return found
        before = len(found)
        found |= {row.id: row for row in rows}
        if len(found) == before:
            raise IncompletePull(f"{function} from {offset} on told nothing but what it had told before")
        offset += len(rows)


def _each(
    client: XoperoClient, function: str, resellers: Sequence[Partner], shape: type[list[R]], looks: Looks
) -> Generator[Exchange, None, list[R]]:
    """The lists of several partners, `max_in_flight` at once."""

    def ask(partner: Partner) -> tuple[list[Exchange], list[R]]:
        return gathered(two_looks(client, function, partner.id, shape, looks))

    found: list[R] = []
    with closing(ordered_map(ask, resellers, client.connection.max_in_flight)) as lists:
        for partner, (exchanges, rows) in zip(resellers, lists, strict=True):
            yield from exchanges
            owners = [row.resellerId for row in rows if isinstance(row, Customer)]
            if owners and str(partner.id) not in map(str, owners):
                is_told = all(isinstance(owner, (int, str)) for owner in owners)
                whose = "other partners' customers only" if is_told else "a resellerId that is no id"
                raise ContractBroken(f"{function} asked for partner {partner.id} told {whose}")
            found += rows
    return found


def _decoded(answer: Exchange, decode: Callable[[bytes], Any]) -> Any:
    try:
        return decode(accepted(answer))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractBroken(
            f"{answer.operation} answered something else than its contract says: {error}"
        ) from None
