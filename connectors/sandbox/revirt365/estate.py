"""What ReVirt365 holds of the world, as plain objects: lasting plans, and one day read off them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from random import Random
from typing import NamedTuple

from connectors.sandbox.chance import guid, mix
from connectors.sandbox.portfolio import HORIZON, NEVER, Customer, Portfolio, day_number

_PRODUCTS = ("M365 Backup", "M365 Backup", "Teams Archive", None)
_9_PB = 2**53 + 1


class Tenant(NamedTuple):
    """A customer. `external_number` is our own number of it; parts that are None are null or missing."""

    customer_id: str
    name: str
    is_active: bool
    external_number: str
    po_number: str | None


class Seats(NamedTuple):
    """How many people of a customer one subscription protects; parts that are None are not told."""

    subscription_id: str
    customer_id: str
    name: str
    product: str | None
    active: int
    inactive: int | None
    protected_bytes: int | None
    is_trial: bool


class Job(NamedTuple):
    """A backup job of a customer."""

    job_id: str
    customer_id: str
    name: str


class Session(NamedTuple):
    """One run of a job; a failed one uploads nothing and tells no bytes."""

    session_id: str
    job: Job
    status: str  # Success, Warning, Failed
    started_at: datetime
    uploaded_bytes: int | None
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class SeatsPlan:
    """A subscription through time.

    Attributes:
        visits: there from the 10th to the 20th of each month only.
        monthly: a trial until the 15th of each month.
    """

    key: int
    customer: Customer
    product: str | None
    born: int
    ends: int
    base: int
    every: int
    trial_days: int
    visits: bool
    monthly: bool


@dataclass(frozen=True)
class ReVirt365Plans:
    """Everything that ever exists at ReVirt365.

    Attributes:
        reseller_id: who the app key belongs to: the distributor itself, in the reseller's section.
    """

    seed: int
    customers: tuple[Customer, ...]
    subscriptions: tuple[SeatsPlan, ...]
    jobs: tuple[tuple[Customer, Job], ...]

    @property
    def reseller_id(self) -> str:
        """Id of the reseller that the credentials open."""
        return guid(self.seed, 90)


@dataclass(frozen=True)
class ReVirt365Day:
    """ReVirt365's closing figures of one day."""

    reseller_id: str
    tenants: tuple[Tenant, ...]
    seats: tuple[Seats, ...]
    jobs: tuple[Job, ...]
    sessions: tuple[Session, ...]

    @cached_property
    def jobs_of(self) -> dict[str, list[Job]]:
        """Jobs by customer id; every customer has some."""
        groups: defaultdict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            groups[job.customer_id].append(job)
        return dict(groups)

    @cached_property
    def sessions_of(self) -> dict[str, list[Session]]:
        """Sessions by job id."""
        groups: defaultdict[str, list[Session]] = defaultdict(list)
        for row in self.sessions:
            groups[row.job.job_id].append(row)
        return dict(groups)

    @cached_property
    def job_ids(self) -> frozenset[str]:
        """Every job there is."""
        return frozenset(job.job_id for job in self.jobs)


def customer_id(seed: int, index: int) -> str:
    """ReVirt365's id of an end customer."""
    return guid(seed, 91, index)


def build_revirt365_plans(portfolio: Portfolio, seed: int) -> ReVirt365Plans:
    """The plans of all customers; the same for the same arguments."""
    customers = tuple(c for c in portfolio.customers if c.on_revirt365)
    return ReVirt365Plans(
        seed,
        customers,
        tuple(plan for c in customers for plan in _subscriptions(c, seed)),
        tuple(
            (c, Job(guid(seed, 92, c.index, k), customer_id(seed, c.index), name))
            for c in customers
            for k, name in enumerate(("Mail & Kalendář", "Files")[: 1 + c.index % 2])
        ),
    )


def _subscriptions(customer: Customer, seed: int) -> Iterator[SeatsPlan]:
    index, special = customer.index, customer.index <= 8
    rng = Random(f"{seed}/revirt365/{index}")  # noqa: S311 - a made-up world, not a secret
    for k in range(1 if special else rng.choice((1, 1, 1, 2))):
        late = not special and rng.random() < 0.3
        born = max(customer.joined, 0) + rng.randrange(HORIZON) if late else customer.joined
        ends = max(born, 0) + rng.randrange(1, HORIZON) if not special and rng.random() < 0.1 else NEVER
        base = rng.randrange(1, 250)
        if index in {0, 3}:
            base = 3_000_000_001 if index == 0 else 0
        yield SeatsPlan(
            index * 10 + k,
            customer,
            _PRODUCTS[index % 4] if special else rng.choice(_PRODUCTS),
            born,
            min(ends, customer.left),
            base,
            rng.randrange(5, 60),
            14 if late and rng.random() < 0.5 else 0,
            index == 1,
            index == 4,
        )


def revirt365_day(plans: ReVirt365Plans, day: date, zone: tzinfo) -> ReVirt365Day:
    """ReVirt365's closing figures of `day`, which begins and ends in `zone`."""
    n, seed = day_number(day), plans.seed
    tenants = tuple(
        Tenant(
            customer_id(seed, c.index),
            c.name,
            n < c.left,
            f"C-{c.index + 1:06d}",
            f"PO {c.index}/ż" if c.index % 3 == 0 else None,
        )
        for c in plans.customers
        if c.joined <= n
    )
    jobs = tuple((c, job) for c, job in plans.jobs if c.joined <= n)
    seats = tuple(
        _seats(plan, seed, day)
        for plan in plans.subscriptions
        if plan.born <= n < plan.ends and (not plan.visits or 10 <= day.day <= 20)
    )
    # Without a subscription its jobs stand still.
    subscribed = {row.customer_id for row in seats}
    return ReVirt365Day(
        plans.reseller_id,
        tenants,
        seats,
        tuple(job for _, job in jobs),
        tuple(
            run
            for c, job in jobs
            if job.customer_id in subscribed
            for run in _sessions(c, job, seed, n, day, zone)
        ),
    )


def _seats(plan: SeatsPlan, seed: int, day: date) -> Seats:
    n = day_number(day)
    grown = (n - max(plan.born, 0)) // plan.every if plan.base else 0
    active = max(0, plan.base + grown)
    index = plan.customer.index
    return Seats(
        guid(seed, 93, plan.key),
        customer_id(seed, index),
        f"Users of {plan.customer.name}",
        plan.product,
        active,
        active // 9 if index % 4 < 3 else None,
        active * 2_999_999 + mix(plan.key, n) % 1_000_003 if active and index % 3 < 2 else None,
        n < plan.born + plan.trial_days or (plan.monthly and day.day < 16),
    )


def _sessions(  # noqa: PLR0917 - of one job on one day
    customer: Customer, job: Job, seed: int, n: int, day: date, zone: tzinfo
) -> Iterator[Session]:
    """One or two runs, the first of some in the first second of the day."""
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    key = int(job.job_id[:8], 16)
    for run in range(1 + mix(key, n) % 2):
        chance = mix(seed, key, n, run)
        status = "Failed" if chance % 9 == 0 else "Warning" if chance % 7 == 0 else "Success"
        at = begins + timedelta(seconds=0 if run == 0 and customer.index % 5 == 0 else chance % 80_000)
        uploaded = _9_PB if customer.index == 0 and run == 0 else chance % 10**11
        yield Session(
            guid(seed, 94, key, n, run),
            job,
            status,
            at,
            None if status == "Failed" else uploaded,
            chance % 7_200,
        )
