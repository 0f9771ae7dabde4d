"""EntityManagementService and AccountManagementService: who there is, and each account's usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from connectors.sandbox.infrascale.dotnet import Rows
from connectors.sandbox.infrascale.estate import Estate, NotServed, Payload, page, whole
from connectors.sandbox.infrascale.services import SERVICES
from connectors.sandbox.infrascale_day import alive_on, owner_on
from connectors.sandbox.infrascale_estate import Account, Entity
from connectors.sandbox.infrascale_plans import AccountPlan
from connectors.sandbox.portfolio import day_number

_SERVICE = SERVICES["EntityManagementService"]


def entity_hierarchy(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetEntityHierarchy: the target and everything below it."""
    target = estate.entity(asked["TargetEntityID"], zero_is_self=True)
    return {"Entities": whole(_hierarchy(estate, target, inactive=asked["IncludeInactive"]))}


def entity_accounts(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetEntityAccounts: active accounts of the whole tree, at most 10,000 a page."""
    target = estate.entity(asked["TargetEntityID"], zero_is_self=True)
    rows = _accounts(estate, target)
    return {
        "AccountsTotal": len(rows),
        "Accounts": page(rows, asked["PageSize"], asked["PageIndex"], 10_000),
    }


def entity_direct_accounts(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetEntityDirectAccounts: the accounts of one entity by name, cancelled ones on request."""
    target = estate.entity(asked["TargetEntityID"], zero_is_self=True)
    rows = Rows(
        _SERVICE,
        "EntityAccountInfo",
        [
            (plan.username, is_active, plan.is_entity_admin, plan.signup_date, plan.email, True, False)
            for plan, is_active in _ever_owned(estate).get(target.entity_id, [])
            if is_active or asked["IncludeInactive"]
        ],
    )
    return {
        "AccountsTotal": len(rows),
        "Accounts": page(rows, asked["PageSize"], asked["PageIndex"], 5_000),
    }


def account_used_space(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetAccountUsedSpace: one account; the figure stands beside the Result object, not inside."""
    account = _by_name(estate).get(asked["userName"])
    if account is None:
        raise NotServed(502, "InvalidParameterUserName", "Unknown user name")
    return {"usedSpaceInKB": account.used_kb}


@lru_cache(maxsize=4)
def _hierarchy(estate: Estate, target: Entity, *, inactive: bool) -> Rows[Entity]:
    tree = estate.tree(target)
    return Rows(
        _SERVICE,
        "EntityInHierarchy",
        [
            entity
            for entity in estate.day.entities
            if (tree is None or entity.entity_id in tree) and (entity.is_active or inactive)
        ],
        lambda entity: (
            entity.entity_id,
            entity.name,
            entity.is_active,
            entity.distributor_id,
            entity.partner_id,
            entity.company_id,
            entity.entity_type,
            entity.parent_id,
            entity.connectwise_id,
        ),
    )


@lru_cache(maxsize=4)
def _accounts(estate: Estate, target: Entity) -> Rows[Account]:
    tree = estate.tree(target)
    accounts = estate.day.accounts
    if tree is not None:
        accounts = tuple(account for account in accounts if account.entity_id in tree)
    return Rows(_SERVICE, "AccountDevicesInfo", accounts)


@lru_cache(maxsize=2)
def _ever_owned(estate: Estate) -> dict[int, list[tuple[AccountPlan, bool]]]:
    """By entity: its accounts by name, and whether each is active still."""
    owned: defaultdict[int, list[tuple[AccountPlan, bool]]] = defaultdict(list)
    for plan in sorted(estate.world.infrascale_plans.accounts, key=lambda plan: plan.username):
        if plan.born <= day_number(estate.date):
            owned[owner_on(plan, estate.date)].append((plan, alive_on(plan, estate.date)))
    return dict(owned)


@lru_cache(maxsize=2)
def _by_name(estate: Estate) -> dict[str, Account]:
    return {account.username: account for account in estate.day.accounts}
