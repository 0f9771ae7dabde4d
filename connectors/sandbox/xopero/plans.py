"""The lasting side of the Xopero estate: who exists from when to when, and how fast it grows."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from connectors.sandbox.chance import mix
from connectors.sandbox.names import person
from connectors.sandbox.portfolio import ALWAYS, HORIZON, NEVER, Customer, Portfolio
from connectors.sandbox.xopero.estate import (
    FREEMIUM,
    PACKAGES,
    STANDARD,
    TAILORED,
    Package,
    Personal,
)

_9_PB = 2**53 + 1  # does not fit a double


def partner_id(index: int) -> int:
    """Xopero's id of a reseller."""
    return 10 + index


def customer_id(index: int) -> int:
    """Xopero's id of an end customer; its users have the ids that follow."""
    return 2_300 + 20 * index


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """A backup account through time; `visits`: there from the 10th to the 20th of each month only."""

    key: int
    name: str
    base: int
    growth: int
    born: int
    ends: int
    visits: bool = False


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """A customer through time.

    Attributes:
        package: until `upgrades` (day number), LARGE from then; when `commutes` LARGE from the 15th of
            each month on.
        kind: FREE, TRIAL or FULL.
        trial_days: length of the trial it begins with.
        monthly: a trial until the 15th of each month, a full licence from the 16th.
        deleted: day number from which it is DELETED.
        contradicts: its parameters say the opposite of its subscription about the trial.
        disabled: day number from which it is IS_DISABLED.
        anniversary: day of the year on which its licence begins.
    """

    customer: Customer
    name: str
    package: Package
    upgrades: int
    commutes: bool
    kind: str
    trial_days: int
    monthly: bool
    contradicts: bool
    deleted: int
    disabled: int
    anniversary: int
    has_subscription: bool
    has_parameters: bool
    personal: Personal | None
    accounts: tuple[AccountPlan, ...]


@dataclass(frozen=True, slots=True)
class XoperoPlans:
    """Everything that ever exists at Xopero."""

    seed: int
    customers: tuple[CustomerPlan, ...]


def build_xopero_plans(portfolio: Portfolio, seed: int) -> XoperoPlans:
    """The plans of all customers; the same for the same arguments."""
    return XoperoPlans(seed, tuple(_customer(c, seed) for c in portfolio.customers if c.on_xopero))


def _customer(customer: Customer, seed: int) -> CustomerPlan:
    rng = Random(f"{seed}/xopero/{customer.index}")  # noqa: S311 - a made-up world, not a secret
    index, special = customer.index, customer.index < 8
    package = rng.choice(PACKAGES)
    kind = "FREE" if package is FREEMIUM else "FULL"
    late = customer.joined > ALWAYS
    if special:
        package, kind = STANDARD, "FULL"
    if index == 0:
        package = TAILORED
    grows = package is STANDARD and not special and rng.random() < 0.2
    kept = index not in {6, 7}
    return CustomerPlan(
        customer,
        f"{customer.name} #{customer_id(index)}",
        package,
        max(customer.joined, 0) + 30 + rng.randrange(HORIZON) if grows else NEVER,
        index == 2,
        kind,
        14 if late and kind == "FULL" and rng.random() < 0.6 else 0,
        index == 4,
        index in {4, 5} or (not special and rng.random() < 0.08),
        ALWAYS if index == 8 else customer.left,
        rng.randrange(HORIZON) if not special and rng.random() < 0.04 else NEVER,
        rng.randrange(365),
        kept and (special or rng.random() < 0.9),
        index != 7 and (special or rng.random() < 0.95),
        _personal(rng, index) if index != 6 and (special or rng.random() < 0.85) else None,
        tuple(_accounts(rng, customer, package)),
    )


def _accounts(rng: Random, customer: Customer, package: Package) -> list[AccountPlan]:
    index, special = customer.index, customer.index < 8
    count = min(rng.choices((0, 1, 2, 3, 4, 6), (30, 25, 20, 12, 8, 5))[0], package.users - 1)
    accounts = []
    for k in range(1 + (max(count, 2) if special else count)):
        given, family = person(rng)
        # The other way round than at Infrascale: nobody is protected twice.
        name = f"{customer.name} #{customer_id(index)}" if k == 0 else f"{family}.{given}.{index}-{k}"
        own = k == 0 or special
        late = not own and rng.random() < 0.4
        born = max(customer.joined, 0) + rng.randrange(HORIZON) if late else customer.joined
        ends = max(born, 0) + rng.randrange(1, HORIZON) if not own and rng.random() < 0.25 else NEVER
        nothing = rng.random() < 0.06 or index == 3
        base = 0 if nothing else rng.randrange(1_000_000, package.capacity // 4)
        growth = 0 if nothing else rng.randrange(-5_000_000, 30_000_000)
        if index == 0 and k == 0:
            base, growth = _9_PB, 0
        accounts.append(AccountPlan(index * 20 + k, name, base, growth, born, ends, index == 1 and k == 1))
    return accounts


def _personal(rng: Random, index: int) -> Personal:
    """Values that occur nowhere else, so that a search for the bytes finds them."""
    mark = f"{mix(index, 71) % 36**6:09d}"
    given, family = rng.choice(("Jan", "Anna", "Piotr")), rng.choice(("Kowal", "Lis", "Wrona"))
    return Personal(
        f"Pryvat-Firma-{mark}",
        f"{given}-{mark}",
        f"{family}-{mark}",
        f"Ulica-{mark} 7/3",
        f"Miasto-{mark}",
        f"PC-{mark}",
        f"+48-555-{mark}",
        f"PLVAT{mark}",
        f"Bank-{mark} S.A.",
        f"PL61-1090-{mark}-{rng.randrange(10**12):012d}",
    )
