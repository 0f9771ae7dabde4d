"""The lasting side of the Infrascale estate: who exists from when to when, and how fast it grows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from connectors.sandbox.chance import guid
from connectors.sandbox.names import AWKWARD, person
from connectors.sandbox.portfolio import ALWAYS, EPOCH, HORIZON, NEVER, Customer, Portfolio

ROOT_ID = 4_210
_SIGNUP = datetime(2019, 3, 1, 8, 30)  # noqa: DTZ001 - the vendor's dates have no zone
_SIZES_MB = (1024, 51_200, 58_368, 102_400, 206_848, 1_048_576, 20_971_520)
_OFFSETS = (-480, -300, -210, 0, 0, 60, 120, 330, 720)
_CLOUD = (
    ("Office 365 Exchange ({})", "MS365"),
    ("OneDrive ({})", "OneDrive"),
    ("SharePoint Online ({})", "SHAREPOINT"),
    ("Google Workspace ({})", "GSuite"),
    ("Box Business", "Box"),
)
_LICENSES = (("SkraftDiskImageV5", 0.15), ("SqlBackup", 0.06), ("ExchangeBackup", 0.04))


def reseller_id(index: int) -> int:
    """Infrascale's id of a reseller (a Partner)."""
    return 1_000_000 + 13 * index


def customer_id(index: int) -> int:
    """Infrascale's id of an end customer (a Company)."""
    return 10_000_000 + 7 * index


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """A backup account through time.

    Attributes:
        key: unique number, for chance.
        home: entity id until `moves_on`; `moves_to` from then.
        born, ends: first day number, and the day number from which it is gone.
        visits: alive only from the 10th to the 20th of each month.
        commutes: at `moves_to` from the 15th of each month on, at `home` before.
        offset_minutes: client zone, minutes east of UTC.
    """

    key: int
    username: str
    home: int
    born: int
    ends: int
    moves_on: int
    moves_to: int
    base_kb: int
    growth_kb: int
    jitter_kb: int
    size_mb: int
    windows: int
    android: int
    mac: int
    is_entity_admin: bool
    signup_date: datetime
    email: str | None
    full_name: str | None
    offset_minutes: int
    licenses: tuple[str, ...]
    visits: bool = False
    commutes: bool = False


@dataclass(frozen=True, slots=True)
class CloudPlan:
    """A cloud service of a company through time; `pricing` is seats, storage or none (not configured)."""

    key: int
    account_name: str
    company: int
    label: str
    code: str
    swapped: bool
    pricing: str
    created: datetime
    born: int
    ends: int
    base: int
    every: int


@dataclass(frozen=True, slots=True)
class AppliancePlan:
    """An appliance and perhaps its copy, through time."""

    key: int
    entity: int
    primary: str
    secondary: str | None
    name: str
    born: int
    base: int
    total: int


@dataclass(frozen=True, slots=True)
class InfrascalePlans:
    """Everything that ever exists at Infrascale."""

    accounts: tuple[AccountPlan, ...]
    clouds: tuple[CloudPlan, ...]
    appliances: tuple[AppliancePlan, ...]


def build_infrascale_plans(portfolio: Portfolio, seed: int) -> InfrascalePlans:
    """The plans of all entities; the same for the same arguments."""
    accounts: list[AccountPlan] = [_account(Random(f"{seed}/root"), ROOT_ID, 0, 0, "root")]  # noqa: S311
    clouds: list[CloudPlan] = []
    appliances: list[AppliancePlan] = []
    for reseller in portfolio.resellers:
        rng = Random(f"{seed}/infrascale/reseller/{reseller.index}")  # noqa: S311
        if rng.random() < 0.6:
            key = 1 + reseller.index
            accounts.append(_account(rng, reseller_id(reseller.index), key, reseller.index, "p"))
    resident = [customer for customer in portfolio.customers if customer.on_infrascale]
    for customer in resident:
        rng = Random(f"{seed}/infrascale/{customer.index}")  # noqa: S311
        accounts.extend(_accounts(rng, customer, resident))
        clouds.extend(_clouds(rng, customer))
        appliances.extend(_appliances(rng, customer, seed))
    return InfrascalePlans(tuple(accounts), tuple(clouds), tuple(appliances))


def _accounts(rng: Random, customer: Customer, resident: list[Customer]) -> list[AccountPlan]:
    count = rng.choices((0, 1, 2, 3, 4, 6, 12), (5, 25, 25, 20, 12, 9, 4))[0]
    first = 1_000_000 + customer.index * 100
    plans = []
    for k in range(max(count, 2) if customer.index < 8 else count):
        elsewhere = rng.choice(resident)
        plans.append(
            _account(rng, customer_id(customer.index), first + k, customer.index, str(k), customer, elsewhere)
        )
    return plans


def _account(  # noqa: PLR0917 - one call per level of the tree
    rng: Random,
    home: int,
    key: int,
    owner: int,
    tag: str,
    customer: Customer | None = None,
    elsewhere: Customer | None = None,
) -> AccountPlan:
    given, family = person(rng)
    username = f"{given}.{family}.{owner}-{tag}"
    special = tag if customer and customer.index < 8 else ""
    joined = customer.joined if customer else ALWAYS
    born = joined if special or rng.random() < 0.65 else max(joined, 0) + rng.randrange(HORIZON)
    ends = max(born, 0) + rng.randrange(1, HORIZON) if rng.random() < 0.2 and not special else NEVER
    moves = elsewhere is not None and not special and rng.random() < 0.1
    size_mb = rng.choice(_SIZES_MB)
    base_kb = 0 if rng.random() < 0.04 else rng.randrange(1_000, size_mb * 1100)
    growth_kb = 0 if base_kb == 0 else rng.randrange(0, 200_000)
    signup = _SIGNUP + timedelta(
        seconds=rng.randrange(180_000_000), microseconds=rng.choice((0, 800_000, 31_087))
    )
    if born > 0:
        signup = datetime.combine(EPOCH, signup.time()) + timedelta(days=born)
    commutes = special == "1" and owner == 2
    visits = special == "1" and owner == 1
    if special == "0" and owner == 0:  # 9 PB
        base_kb, growth_kb, size_mb = 2**43 + 12_345, 1, 2_000_000_000
    if special == "1" and owner == 0:
        base_kb = growth_kb = 0
    return AccountPlan(
        key,
        username,
        home,
        born,
        ends,
        max(born, 0) + rng.randrange(HORIZON) if moves else NEVER,
        customer_id(3) if commutes else (customer_id(elsewhere.index) if elsewhere else home),
        base_kb,
        growth_kb,
        growth_kb // 2 + 1 if growth_kb else 1,
        0 if rng.random() < 0.02 else size_mb,
        rng.choice((0, 1, 1, 1, 2, 5, 40)),
        rng.choice((0, 0, 0, 1, 2)),
        rng.choice((0, 0, 1, 3)),
        rng.random() < 0.1,
        signup,
        _email(rng, username),
        _full_name(rng, key, given, family),
        rng.choice(_OFFSETS),
        tuple(name for name, share in _LICENSES if rng.random() < share),
        visits=visits,
        commutes=commutes,
    )


def _email(rng: Random, username: str) -> str | None:
    kind = rng.random()
    if kind < 0.04:
        return None
    return f"{username}@WIN-{rng.randrange(16**6):06X}.local" if kind < 0.15 else f"{username}@example.com"


def _full_name(rng: Random, key: int, given: str, family: str) -> str | None:
    kind = rng.random()
    if kind < 0.15:
        return "Not set"
    if kind < 0.2:
        return None
    return AWKWARD[key % len(AWKWARD)] if kind < 0.35 else f"{given.title()} {family.title()}"


def _clouds(rng: Random, customer: Customer) -> list[CloudPlan]:
    if customer.index >= 8 and rng.random() < 0.6:
        return []
    plans = []
    tenant = f"tenant{customer.index}.onmicrosoft.com"
    for k, (label, code) in enumerate(rng.sample(_CLOUD, rng.randint(1, 4))):
        pricing = rng.choices(("seats", "storage", "none"), (6, 3, 1))[0]
        late = customer.index >= 8 and rng.random() < 0.25
        born = max(customer.joined, 0) + rng.randrange(HORIZON) if late else customer.joined
        plans.append(
            CloudPlan(
                customer.index * 10 + k,
                tenant,
                customer_id(customer.index),
                label.format(tenant),
                code,
                "(" in label and rng.random() < 0.5,
                pricing,
                datetime.combine(EPOCH, datetime.min.time()) + timedelta(days=max(born, -600), seconds=k),
                born,
                customer.left,
                0 if rng.random() < 0.05 else rng.randrange(1, 400) * (1 if pricing == "seats" else 10**10),
                rng.randrange(5, 60),
            )
        )
    if customer.index == 0:  # 9 PB and a byte: no double holds it
        plans[0] = replace(plans[0], pricing="storage", base=2**53 + 1, every=NEVER)
    return plans


def _appliances(rng: Random, customer: Customer, seed: int) -> list[AppliancePlan]:
    if customer.index != 0 and rng.random() >= 0.08:
        return []
    plans = []
    for k in range(rng.choice((1, 1, 2))):
        key = customer.index * 10 + k
        total = rng.choice((4, 12, 48)) * 10**12
        plans.append(
            AppliancePlan(
                key,
                customer_id(customer.index),
                guid(seed, 11, key),
                guid(seed, 12, key) if rng.random() < 0.7 else None,
                f"APPL-{key}" if k else f"Büro & <Keller> {key}",
                customer.joined,
                rng.randrange(total // 3),
                total,
            )
        )
    return plans
