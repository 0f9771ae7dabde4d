"""Who there is to bill: one distributor (us), its resellers, and their customers.

The vendors' estates are built over this one tree, each with its own ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from connectors.sandbox.names import company_name

EPOCH = date(2025, 1, 1)
"""Day number 0. Days before it exist too; their numbers are negative."""

HORIZON = 1461
"""Comings, goings and moves are spread over this many days from EPOCH."""

ALWAYS = -100_000
NEVER = 100_000

DISTRIBUTOR = "Northwind Backup Distribution"

_SHARES = (0.5, 0.35, 0.3)
"""How many of the customers use Xopero, ResellerClub and ReVirt365; the first nine use all three."""


@dataclass(frozen=True, slots=True)
class Reseller:
    """A partner of ours. `closed` is the day number from which the vendors show it as inactive."""

    index: int
    name: str
    closed: int


@dataclass(frozen=True, slots=True)
class Customer:
    """An end customer.

    Attributes:
        index: 0, 1, 2 ...
        name: not unique.
        reseller: index of the reseller above it; None when it is a direct customer of ours.
        joined: first day number on which vendors list it.
        left: day number from which vendors show it inactive or disabled.
        moves_on: day number from which it belongs to `moves_to`.
        moves_to: index of the later reseller.
        on_infrascale: whether Infrascale knows it.
        on_redstor: whether Redstor knows it.
        on_xopero, on_resellerclub, on_revirt365: likewise; beside one of the two above.
    """

    index: int
    name: str
    reseller: int | None
    joined: int
    left: int
    moves_on: int
    moves_to: int
    on_infrascale: bool
    on_redstor: bool
    on_xopero: bool
    on_resellerclub: bool
    on_revirt365: bool

    def reseller_on(self, n: int) -> int | None:
        """Index of the reseller it belongs to on day number `n`."""
        return self.moves_to if n >= self.moves_on else self.reseller


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The distributor's resellers and customers."""

    resellers: tuple[Reseller, ...]
    customers: tuple[Customer, ...]


def day_number(day: date) -> int:
    """Days since EPOCH."""
    return (day - EPOCH).days


def build_portfolio(customers: int, seed: int) -> Portfolio:
    """The tree of `customers` end customers; the same for the same arguments."""
    resellers = max(3, customers // 20)
    return Portfolio(
        tuple(_reseller(index, seed) for index in range(resellers)),
        tuple(_customer(index, seed, resellers) for index in range(customers)),
    )


def _reseller(index: int, seed: int) -> Reseller:
    rng = Random(f"{seed}/reseller/{index}")  # noqa: S311 - a made-up world, not a secret
    closes = index % 11 == 2
    return Reseller(
        index,
        f"{company_name(0, rng)} IT",
        rng.randrange(HORIZON // 2) if closes and index > 2 else (0 if closes else NEVER),
    )


def _customer(index: int, seed: int, resellers: int) -> Customer:
    rng = Random(f"{seed}/customer/{index}")  # noqa: S311 - a made-up world, not a secret
    name = company_name(index, rng)
    vendors = "both" if index < 8 else rng.choices(("both", "infrascale", "redstor"), (6, 2, 2))[0]
    reseller = _open_reseller(rng, resellers)
    joined = ALWAYS if index < 8 or rng.random() < 0.8 else rng.randrange(HORIZON)
    left = NEVER if index < 8 or rng.random() < 0.93 else max(joined, 0) + rng.randrange(HORIZON)
    moves = index >= 8 and rng.random() < 0.06
    more = Random(f"{seed}/customer/{index}/more")  # noqa: S311 - a made-up world, not a secret
    uses = [index <= 8 or more.random() < share for share in _SHARES]
    return Customer(
        index,
        name,
        None if rng.random() < 0.1 else reseller,
        joined,
        left,
        rng.randrange(HORIZON) if moves else NEVER,
        _open_reseller(rng, resellers),
        on_infrascale=vendors != "redstor",
        on_redstor=vendors != "infrascale",
        on_xopero=uses[0],
        on_resellerclub=uses[1],
        on_revirt365=uses[2],
    )


def _open_reseller(rng: Random, resellers: int) -> int:
    index = rng.randrange(resellers)
    return index - 1 if index % 11 == 2 else index
