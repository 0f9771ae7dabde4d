"""The lasting side of the ResellerClub estate: who orders what, for how long, and what it costs."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from connectors.sandbox.chance import mix
from connectors.sandbox.portfolio import ALWAYS, EPOCH, HORIZON, NEVER, Customer, Portfolio
from connectors.sandbox.resellerclub.estate import PLANS, Plan

_FIRST_ORDERS = -300
"""Day number from which customers of ever hold their orders."""


def customer_id(index: int) -> int:
    """ResellerClub's id of an end customer."""
    return 20_000_000 + 3 * index


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order through time.

    Attributes:
        created_at: when it was added.
        months: for which it is bought, and renewed a few days before it ends.
        stops: day number from which it is not renewed any more.
        ends_on: ends then whatever was bought; None for the end of its last term.
        gib: storage on its first day.
        grows: day numbers on which storage is added, each with the gigabytes.
        suspended: day number from which it is Suspended; it is paid for all the same.
    """

    order_id: int
    customer: int
    plan: Plan
    months: int
    created_at: datetime
    stops: int
    ends_on: datetime | None
    gib: int
    grows: tuple[tuple[int, int], ...]
    suspended: int

    def terms(self) -> Iterator[tuple[datetime, datetime]]:
        """(bought at, until) of each term, first one first."""
        bought, count = self.created_at, 0
        while True:
            until = months_after(self.created_at, (count + 1) * self.months)
            yield bought, self.ends_on or until
            bought, count = until - timedelta(days=3), count + 1
            if self.ends_on or (bought.date() - EPOCH).days >= self.stops:
                return


@dataclass(frozen=True, slots=True)
class ResellerClubPlans:
    """Everything that ever exists at ResellerClub."""

    seed: int
    customers: tuple[tuple[Customer, str, str], ...]  # with telephone number and PIN
    orders: tuple[OrderPlan, ...]
    reseller_password: str
    reseller_pin: str


def build_resellerclub_plans(portfolio: Portfolio, seed: int) -> ResellerClubPlans:
    """The plans of all customers; the same for the same arguments."""
    customers = [c for c in portfolio.customers if c.on_resellerclub]
    return ResellerClubPlans(
        seed,
        tuple(
            (c, f"555{mix(seed, 81, c.index) % 10**7:07d}", _secret("PIN", seed, c.index)) for c in customers
        ),
        tuple(order for c in customers for order in _orders(c, seed)),
        _secret("PASSWORD", seed),
        _secret("PIN", seed),
    )


def months_after(instant: datetime, months: int) -> datetime:
    """The same day and time of a later month, or the last day of it."""
    years, month = divmod(instant.month - 1 + months, 12)
    year = instant.year + years
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))


def _secret(kind: str, *parts: int) -> str:
    """A value that occurs nowhere else, so that a search for the bytes finds it."""
    return f"RC{kind}{mix(82, *parts):016x}"


def _orders(customer: Customer, seed: int) -> Iterator[OrderPlan]:
    rng = Random(f"{seed}/resellerclub/{customer.index}")  # noqa: S311 - a made-up world, not a secret
    first = 90_000_000 + customer.index * 100
    for k in range(rng.choices((0, 1, 2, 3), (10, 60, 20, 10))[0] if customer.index > 8 else 1):
        yield _order(rng, customer, first + k)
    if customer.index == 1:
        yield from _visits(customer)
    if customer.index == 7:
        yield _order(rng, customer, first + 1)


def _order(rng: Random, customer: Customer, order_id: int) -> OrderPlan:
    index, special = customer.index, customer.index <= 8
    plan = rng.choice(PLANS)
    months = rng.choice(tuple(plan.cost))
    late = not special and rng.random() < 0.4
    joined = max(customer.joined, _FIRST_ORDERS)
    born = joined + rng.randrange(HORIZON if late else 60)
    at = time(6 + rng.randrange(12), rng.randrange(60), rng.randrange(60), tzinfo=UTC)
    grows = tuple(
        (born + rng.randrange(20, HORIZON), rng.choice((10, 50, 200)))
        for _ in range(rng.choice((0, 0, 1, 2)))
    )
    stops = born + rng.randrange(HORIZON) if not special and rng.random() < 0.25 else NEVER
    gib = rng.choice((5, 50, 100, 250, 1_000, 25_000))
    if index == 0:
        gib = 9_876_543_210
    if index == 2:  # more on the 15th of every month
        grows = tuple((_number(year, month, 15), 10) for year in range(2025, 2030) for month in range(1, 13))
    if index == 3:
        at = time(23, 30, tzinfo=UTC)
        born = _number(2025, 6, 14)
    if index == 4:  # renewed on the 14th of every month
        plan, months, born = PLANS[1], 1, _number(2025, 1, 17)
    if index == 5:
        plan, months = PLANS[4], 12
    if index == 8:
        stops = 0
    return OrderPlan(
        order_id,
        index,
        plan,
        months,
        datetime.combine(EPOCH + timedelta(days=born), at),
        min(stops, customer.left),
        None,
        gib,
        tuple(sorted(grows)),
        _number(2026, 3, 1) if index == 6 else NEVER,
    )


def _visits(customer: Customer) -> Iterator[OrderPlan]:
    """An order from the 10th to the 20th of every month, each time a new one."""
    for count in range(HORIZON // 30):
        begins = months_after(datetime(2025, 1, 10, 11, 22, 33, tzinfo=UTC), count)
        yield OrderPlan(
            95_000_000 + count,
            customer.index,
            PLANS[0],
            1,
            begins,
            ALWAYS,
            begins + timedelta(days=10),
            5,
            (),
            NEVER,
        )


def _number(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - EPOCH).days
