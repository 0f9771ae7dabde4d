"""Redstor's estate through time: lasting plans, and one day read off them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from connectors.sandbox.chance import guid, mix
from connectors.sandbox.portfolio import (
    ALWAYS,
    DISTRIBUTOR,
    HORIZON,
    NEVER,
    Customer,
    Portfolio,
    day_number,
)
from connectors.sandbox.redstor_estate import (
    PRODUCTS,
    BackupStatus,
    Company,
    Consumption,
    Product,
    RedstorDay,
    Subscription,
    Usage,
)

_LEDGER, _AZURE = PRODUCTS[-1], PRODUCTS[2]
_9_PB = 2**53 + 1  # does not fit a double
_FAIR_USE = 50 * 10**9  # bytes per seat


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """A subscription through time.

    Attributes:
        key: unique number, for chance.
        company_id: who holds it.
        born, ends: first day number, and the day number from which it is removed.
        trial_days: length of the trial it begins with; 0 for none.
        upgrades: whether the trial turns into a paid subscription, or else expires.
        monthly: a new subscription every month: trial from the 1st, paid from the 16th.
        base: seats or workloads on its first day.
        every: days until there is one more.
        bytes_each: protected bytes per seat or workload.
    """

    key: int
    company_id: str
    subscription_id: str
    product: Product
    edition_id: int
    born: int
    ends: int
    trial_days: int
    upgrades: bool
    base: int
    every: int
    bytes_each: int
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class RedstorPlans:
    """Redstor's ids of the portfolio, and every subscription that ever exists."""

    parent_of_root: str
    root: str
    resellers: tuple[str, ...]
    customers: dict[int, str]
    subscriptions: tuple[SubscriptionPlan, ...]


def build_redstor_plans(portfolio: Portfolio, seed: int) -> RedstorPlans:
    """The plans of all companies; the same for the same arguments."""
    root = guid(seed, 20)
    resellers = tuple(guid(seed, 21, reseller.index) for reseller in portfolio.resellers)
    customers = {c.index: guid(seed, 22, c.index) for c in portfolio.customers if c.on_redstor}
    plans = [_plan(Random(f"{seed}/redstor"), seed, 1, root, PRODUCTS[0], ALWAYS, NEVER)]  # noqa: S311
    for reseller, company_id in zip(portfolio.resellers, resellers, strict=True):
        if reseller.index % 2 == 0:
            rng = Random(f"{seed}/redstor/reseller/{reseller.index}")  # noqa: S311
            plans.append(
                _plan(rng, seed, 10 + reseller.index, company_id, PRODUCTS[1], ALWAYS, reseller.closed)
            )
    for customer in portfolio.customers:
        if customer.on_redstor:
            plans.extend(_customer_plans(customer, customers[customer.index], seed))
    return RedstorPlans(guid(seed, 19), root, resellers, customers, tuple(plans))


def _customer_plans(customer: Customer, company_id: str, seed: int) -> Iterator[SubscriptionPlan]:
    rng = Random(f"{seed}/redstor/{customer.index}")  # noqa: S311 - a made-up world, not a secret
    first = 1_000_000 + customer.index * 10
    special = customer.index < 8
    count = rng.choices((0, 1, 2, 3, 4), (8, 40, 30, 15, 7))[0]
    own = {4: _LEDGER, 6: _AZURE}.get(customer.index)
    offered = [product for product in PRODUCTS if product is not own]
    for k, product in enumerate(rng.sample(offered, max(1, count) if special else count)):
        late = not special and rng.random() < 0.35
        born = max(customer.joined, 0) + rng.randrange(HORIZON) if late else customer.joined
        ends = max(born, 0) + rng.randrange(1, HORIZON) if not special and rng.random() < 0.12 else NEVER
        yield _plan(
            rng, seed, first + k, company_id, product, born, min(ends, customer.left), with_trial=late
        )
    if customer.index == 4:
        yield _plan(rng, seed, first + 9, company_id, _LEDGER, ALWAYS, NEVER, monthly=True)
    if customer.index == 6:
        yield replace(
            _plan(rng, seed, first + 8, company_id, _AZURE, ALWAYS, NEVER),
            base=1,
            every=NEVER,
            bytes_each=_9_PB,
        )


def _plan(  # noqa: PLR0917 - plans are made here only
    rng: Random,
    seed: int,
    key: int,
    company_id: str,
    product: Product,
    born: int,
    ends: int,
    *,
    with_trial: bool = False,
    monthly: bool = False,
) -> SubscriptionPlan:
    return SubscriptionPlan(
        key,
        company_id,
        guid(seed, 23, key),
        product,
        rng.choice(product.editions).edition_id,
        born,
        ends,
        rng.choice((14, 30)) if with_trial and rng.random() < 0.7 else 0,
        rng.random() < 0.7,
        0 if rng.random() < 0.05 else rng.randrange(1, 300),
        rng.randrange(7, 90),
        rng.randrange(10**9, 9 * 10**10),
        monthly,
    )


def redstor_day(portfolio: Portfolio, plans: RedstorPlans, day: date) -> RedstorDay:
    """Redstor's closing figures of `day`."""
    n = day_number(day)
    companies = _companies(portfolio, plans, n)
    known = {company.company_id for company in companies}
    subscriptions, consumption, statuses = [], [], []
    for plan in plans.subscriptions:
        if plan.born > n or plan.company_id not in known:
            continue
        state = _state(plan, day)
        subscriptions.append(state)
        if state.is_active:
            usage = _usage(plan, n)
            consumption.append(
                Consumption(
                    plan.company_id,
                    state.subscription_id,
                    plan.product,
                    state.trial_status == "Trial",
                    usage,
                )
            )
            statuses.append(_status(plan, usage, n))
    return RedstorDay(companies, tuple(subscriptions), tuple(consumption), tuple(statuses))


def _companies(portfolio: Portfolio, plans: RedstorPlans, n: int) -> tuple[Company, ...]:
    rows = [Company(plans.root, DISTRIBUTOR, True, "Partner", plans.parent_of_root)]
    rows.extend(
        Company(company_id, reseller.name, n < reseller.closed, "Partner", plans.root)
        for reseller, company_id in zip(portfolio.resellers, plans.resellers, strict=True)
    )
    for customer in portfolio.customers:
        if customer.on_redstor and customer.joined <= n:
            above = customer.reseller_on(n)
            parent = plans.root if above is None else plans.resellers[above]
            rows.append(
                Company(plans.customers[customer.index], customer.name, n < customer.left, "Customer", parent)
            )
    return tuple(rows)


def _state(plan: SubscriptionPlan, day: date) -> Subscription:
    n = day_number(day)
    subscription_id = plan.subscription_id
    active, status = True, "NotUsed"
    if plan.monthly:
        subscription_id = guid(plan.key, day.year, day.month)
        status = "Trial" if day.day < 16 else "Upgraded"
    elif n >= plan.ends:
        active, status = False, "Removed"
    elif plan.trial_days and n < plan.born + plan.trial_days:
        status = "Trial"
    elif plan.trial_days:
        active, status = plan.upgrades, "Upgraded" if plan.upgrades else "Expired"
    return Subscription(
        plan.company_id, subscription_id, plan.product.product_id, plan.edition_id, status, active
    )


def _usage(plan: SubscriptionPlan, n: int) -> Usage:
    count = max(0, plan.base + (n - max(plan.born, 0)) // plan.every) if plan.base else 0
    wobble = mix(plan.key, n) % 1_000_003 if count else 0
    protected = count * plan.bytes_each + wobble
    if not plan.product.seats:
        return Usage(protected, protected // 3 if plan.key % 4 == 0 else 0, 0, 0, 0, 0, count, 0)
    inactive = count // 9
    return Usage(
        protected,
        protected // 5 if plan.key % 4 == 0 else 0,
        max(0, protected - count * _FAIR_USE),
        count,
        inactive,
        count // 13,
        0,
        count + inactive,
    )


def _status(plan: SubscriptionPlan, usage: Usage, n: int) -> BackupStatus:
    chance = mix(plan.key, n, 5)
    jobs = usage.active_seats + usage.active_workloads
    failed = jobs and chance % 3 * (chance % 7 == 0)
    errors = jobs and chance % 4 * (chance % 5 == 0)
    warnings = jobs and chance % 5 * (chance % 4 == 0)
    missed = jobs and chance % 2 * (chance % 11 == 0)
    success = max(0, jobs - failed - errors - warnings - missed)
    return BackupStatus(plan.company_id, plan.product, success, errors, warnings, failed, missed)
