"""Reads one day of the Xopero estate off its plans."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.sandbox.chance import mix
from connectors.sandbox.portfolio import EPOCH, Portfolio, day_number
from connectors.sandbox.xopero.estate import (
    GIB,
    LARGE,
    OWNER_ID,
    Account,
    Customer,
    Package,
    Parameters,
    Partner,
    Subscription,
    XoperoDay,
)
from connectors.sandbox.xopero.plans import CustomerPlan, XoperoPlans, customer_id, partner_id

_ZONE = ZoneInfo("Europe/Warsaw")
_IN_FORCE = {"DELETED": "EXPIRED", "IS_DISABLED": "CANCELLED"}
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def xopero_day(portfolio: Portfolio, plans: XoperoPlans, day: date) -> XoperoDay:
    """Xopero's closing figures of `day`."""
    n = day_number(day)
    return XoperoDay(
        tuple(
            Partner(
                partner_id(reseller.index),
                reseller.name,
                f"it@partner{reseller.index}.example",
                "ACTIVATED" if n < reseller.closed else "DELETED",
            )
            for reseller in portfolio.resellers
        ),
        tuple(_customer(plan, plans.seed, day, n) for plan in plans.customers if plan.customer.joined <= n),
    )


def _customer(plan: CustomerPlan, seed: int, day: date, n: int) -> Customer:
    index = plan.customer.index
    above = plan.customer.reseller_on(n)
    status = _status(plan, n)
    in_force, *before = _terms(plan, day)
    current = _subscription(plan, seed, _IN_FORCE.get(status, "CURRENT"), in_force)
    running = status not in {"DELETED", "IS_DISABLED"}
    parameters = Parameters(
        current.package,
        "ACTIVE" if running else "DISABLED",
        (current.kind == "TRIAL") != (plan.contradicts and plan.has_subscription),
        current.valid_from,
        current.valid_to,
    )
    mangled = "TO_JEST_LAB2" if status == "DELETED" else ""
    return Customer(
        customer_id(index),
        OWNER_ID if above is None else partner_id(above),
        plan.name,
        f"office@customer{index}.example{mangled}",
        status,
        f"PO-{index:05d}" if index % 5 == 0 else None,
        None if index % 7 else "Zapłacono ✓",
        current if plan.has_subscription else None,
        tuple(_subscription(plan, seed, _former(term, in_force), term) for term in before)
        if plan.has_subscription
        else (),
        parameters if plan.has_parameters else None,
        plan.personal,
        # A licence made of parameters keeps a reserve that is assigned to nobody.
        current.package.capacity + (0 if plan.has_subscription else GIB),
        _accounts(plan, current.package, n, day),
        index % 5 == 4,
    )


def _status(plan: CustomerPlan, n: int) -> str:
    if n >= plan.deleted:
        return "DELETED"
    if n >= plan.disabled:
        return "IS_DISABLED"
    return "NOT_ACTIVATED" if plan.customer.index == 7 or n < plan.customer.joined + 2 else "ACTIVATED"


def _accounts(plan: CustomerPlan, package: Package, n: int, day: date) -> tuple[Account, ...]:
    """The customer keeps what is not carved out for its users."""
    share = package.capacity // 16 + 1024
    users = [
        Account(customer_id(plan.customer.index) + k, account.name, share, _used(account.key, *figures, n))
        for k, account in enumerate(plan.accounts[1:], 1)
        if account.born <= n < account.ends and (not account.visits or 10 <= day.day <= 20)
        for figures in [(account.base, account.growth, account.born)]
    ]
    own = plan.accounts[0]
    used = _used(own.key, own.base, own.growth, own.born, n)
    left = package.capacity - share * len(users)
    return (Account(customer_id(plan.customer.index), own.name, left, used), *users)


def _used(key: int, base: int, growth: int, born: int, n: int) -> int:
    """Bytes stored at the end of day number `n`."""
    if base == 0:
        return 0
    return max(0, base + growth * (n - max(born, 0))) + (mix(key, n) % 1_000_003 if growth else 0)


class _Term(NamedTuple):
    kind: str
    package: Package
    since: date
    until: date


def _terms(plan: CustomerPlan, day: date) -> list[_Term]:
    """The licence in force and, where there was one, the licence before it."""
    month = day.replace(day=1)
    if plan.monthly:
        bought = month.replace(day=16)
        trial = _Term("TRIAL", plan.package, month, bought)
        paid = _Term("FULL", plan.package, bought, _years_on(bought, 1))
        return [paid, trial] if day >= bought else [trial]
    if plan.commutes:
        small, large = month, month.replace(day=15)
        if day < large:
            large = (month - timedelta(days=1)).replace(day=15)
        terms = [_year("FULL", plan.package, small), _year("FULL", LARGE, large)]
        return sorted(terms, key=attrgetter("since"), reverse=True)
    joined = plan.customer.joined
    first = EPOCH + timedelta(days=joined) if joined >= 0 else date(2019, 1, 1) + timedelta(plan.anniversary)
    if plan.trial_days:
        bought = first + timedelta(days=plan.trial_days)
        trial = _Term("TRIAL", plan.package, first, bought)
        return [trial] if day < bought else [*_yearly(plan, bought, day), trial][:2]
    return _yearly(plan, first, day)


def _yearly(plan: CustomerPlan, first: date, day: date) -> list[_Term]:
    """A paid licence is renewed every year, and replaced when the customer takes a larger one."""
    if day_number(day) >= plan.upgrades:
        upgraded = EPOCH + timedelta(days=plan.upgrades)
        old = _year(plan.kind, plan.package, _anniversary(first, upgraded - timedelta(days=1)))
        return [_year(plan.kind, LARGE, _anniversary(upgraded, day)), old]
    since = _anniversary(first, day)
    current = _year(plan.kind, plan.package, since)
    return (
        [current, _Term(plan.kind, plan.package, _years_on(since, -1), since)] if since > first else [current]
    )


def _year(kind: str, package: Package, since: date) -> _Term:
    return _Term(kind, package, since, _years_on(since, 1))


def _anniversary(first: date, day: date) -> date:
    """When the yearly term that contains `day` began."""
    years = day.year - first.year
    return _years_on(first, years - (_years_on(first, years) > day))


def _years_on(day: date, years: int) -> date:
    """The same day of another year; the 29th of February becomes the 28th."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _subscription(plan: CustomerPlan, seed: int, status: str, term: _Term) -> Subscription:
    index, since = plan.customer.index, term.since
    at = time(8 + index % 11, 40, 32)
    chance = mix(seed, 72, index, since.toordinal())
    return Subscription(
        index * 100_000 + since.toordinal() - 730_000,
        f"{since.month}-{since.year}-" + "".join(_LETTERS[chance >> 4 * k & 31] for k in range(15)),
        term.package,
        status,
        term.kind,
        "NO" if term.kind == "TRIAL" else "1Y",
        datetime.combine(since, at, _ZONE),
        datetime.combine(term.until, at, _ZONE),
    )


def _former(term: _Term, current: _Term) -> str:
    if term.kind == "TRIAL":
        return "EXPIRED"
    return "HISTORICAL" if term.package is current.package else "CANCELLED"
