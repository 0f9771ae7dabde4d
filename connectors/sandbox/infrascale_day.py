"""Reads one day of the Infrascale estate off its plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from operator import itemgetter

from connectors.sandbox.chance import mix
from connectors.sandbox.infrascale_estate import (
    INFRASCALE_ITSELF,
    Account,
    Appliance,
    AppliancePack,
    CloudLine,
    Entity,
    InfrascaleDay,
    License,
)
from connectors.sandbox.infrascale_plans import (
    ROOT_ID,
    AccountPlan,
    AppliancePlan,
    CloudPlan,
    InfrascalePlans,
    customer_id,
    reseller_id,
)
from connectors.sandbox.portfolio import DISTRIBUTOR, Portfolio, day_number


def infrascale_day(portfolio: Portfolio, plans: InfrascalePlans, day: date) -> InfrascaleDay:
    """Infrascale's closing figures of `day`."""
    n = day_number(day)
    entities = _entities(portfolio, n)
    parents = {entity.entity_id: entity.parent_id for entity in entities if entity.is_active}
    accounts: list[Account] = []
    licenses: list[License] = []
    for plan in plans.accounts:
        owner = owner_on(plan, day)
        alive = alive_on(plan, day) and owner in parents
        if alive:
            accounts.append(_account(plan, owner, parents[owner], n))
        if plan.licenses and plan.born <= n and (alive or plan.key % 3 == 0):
            licenses.extend(License(plan.username, name, owner) for name in plan.licenses)
    accounts.sort(key=itemgetter(0, 1, 2))
    names = {entity.entity_id: entity.name for entity in entities}
    return InfrascaleDay(
        entities,
        tuple(accounts),
        tuple(licenses),
        tuple(
            _cloud_line(plan, names[plan.company], day)
            for plan in plans.clouds
            if plan.born <= n < plan.ends and plan.company in parents
        ),
        tuple(
            _appliance_pack(plan, n) for plan in plans.appliances if plan.born <= n and plan.entity in parents
        ),
    )


def owner_on(plan: AccountPlan, day: date) -> int:
    """Id of the entity that holds the account on `day`."""
    moved = day.day >= 15 if plan.commutes else day_number(day) >= plan.moves_on
    return plan.moves_to if moved else plan.home


def alive_on(plan: AccountPlan, day: date) -> bool:
    """Whether the account itself is active on `day`; its entity may still be inactive."""
    return plan.born <= day_number(day) < plan.ends and (not plan.visits or 10 <= day.day <= 20)


def used_kb_on(plan: AccountPlan, n: int) -> int:
    """Used space at the end of day number `n`."""
    if plan.base_kb == 0:
        return 0
    grown = plan.base_kb + plan.growth_kb * (n - max(plan.born, 0))
    return max(0, grown) + mix(plan.key, n) % plan.jitter_kb


def _entities(portfolio: Portfolio, n: int) -> tuple[Entity, ...]:
    rows = [Entity(ROOT_ID, DISTRIBUTOR, INFRASCALE_ITSELF, "Distributor", ROOT_ID, 0, 0, True, None)]
    for reseller in portfolio.resellers:
        own = reseller_id(reseller.index)
        rows.append(
            Entity(own, reseller.name, ROOT_ID, "Partner", ROOT_ID, own, 0, n < reseller.closed, None)
        )
    for customer in portfolio.customers:
        if customer.on_infrascale and customer.joined <= n:
            own = customer_id(customer.index)
            above = customer.reseller_on(n)
            partner = 0 if above is None else reseller_id(above)
            ticketing = f"CW-{own}" if customer.index % 6 == 0 else None
            rows.append(
                Entity(
                    own,
                    customer.name,
                    partner or ROOT_ID,
                    "Company",
                    ROOT_ID,
                    partner,
                    own,
                    n < customer.left,
                    ticketing,
                )
            )
    return tuple(rows)


def _account(plan: AccountPlan, owner: int, parent: int, n: int) -> Account:
    return Account(
        parent,
        owner,
        plan.username,
        plan.is_entity_admin,
        plan.signup_date,
        plan.email,
        plan.full_name,
        plan.windows,
        plan.android,
        plan.mac,
        used_kb_on(plan, n),
        plan.size_mb,
    )


def _cloud_line(plan: CloudPlan, company: str, day: date) -> CloudLine:
    n = day_number(day)
    configured = plan.pricing != "none"
    steps = (n - max(plan.born, 0)) // plan.every if plan.base else 0
    seats = max(0, plan.base + steps)
    stored = max(0, plan.base + steps * 123_456_789)
    return CloudLine(
        plan.account_name,
        plan.created,
        plan.company,
        company,
        plan.created + timedelta(hours=3) if configured else None,
        datetime.combine(day, datetime.min.time()) + timedelta(hours=4) if configured else None,
        seats if plan.pricing == "seats" else None,
        stored if plan.pricing == "storage" else None,
        plan.code if plan.swapped else plan.label,
        plan.label if plan.swapped else plan.code,
    )


def _appliance_pack(plan: AppliancePlan, n: int) -> AppliancePack:
    used = max(0, plan.base + n * 1_000_000_007)
    warn = mix(plan.key, n) % 9 == 0

    def box(uuid: str, suffix: str) -> Appliance:
        return Appliance(
            uuid,
            "Cloud" if suffix else "PremisePhysical",
            "CFA-1000",
            plan.name + suffix,
            "Warning" if warn else "Nominal",
            "Medium" if warn else "Info",
            (("Medium", "Disk <sda> is 91% full & filling"),) if warn else (),
            f"{n % 90} days",
            used,
            plan.total,
            used * 9 // 10,
            used * 3,
            plan.key % 4,
            plan.key % 2 == 0,
        )

    copy = box(plan.secondary, " (copy)") if plan.secondary else None
    return AppliancePack(plan.entity, box(plan.primary, ""), copy)
