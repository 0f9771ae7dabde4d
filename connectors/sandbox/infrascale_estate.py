"""What Infrascale holds of the world on one day, as plain objects without any wire format.

A day is a pure function of (seed, size, day): lasting plans are made once, and a day is read off
them with integer arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar

INFRASCALE_ITSELF = 1
"""Parent of every distributor (GetEntityHierarchy: "the distributor's parent is Infrascale")."""


class Entity(NamedTuple):
    """A row of GetEntityHierarchy; inactive ones included, for the server to filter."""

    entity_id: int
    name: str
    parent_id: int
    entity_type: str  # Distributor, Partner, Company
    distributor_id: int
    partner_id: int  # 0 where the level does not apply
    company_id: int  # 0 where the level does not apply
    is_active: bool
    connectwise_id: str | None


class Account(NamedTuple):
    """A row of GetEntityAccounts: one active backup account."""

    parent_id: int
    entity_id: int
    username: str
    is_entity_admin: bool
    signup_date: datetime
    email: str | None
    full_name: str | None
    windows: int
    android: int
    mac: int
    used_kb: int
    size_mb: int


class License(NamedTuple):
    """A row of GetAssignedLicensesSummary. `entity_id` (the holder's entity) is not on the wire.

    The holder may be a cancelled account, which is not among the day's accounts.
    """

    username: str
    license_type: str
    entity_id: int


class CloudLine(NamedTuple):
    """A row of GetCloudUsage: one cloud service of one company."""

    account_name: str
    created: datetime
    company_id: int
    company_name: str
    configured: datetime | None
    last_backup: datetime | None
    accounts: int | None
    storage_bytes: int | None
    source: str
    service: str


class Appliance(NamedTuple):
    """One box of an appliance pack (GetEntityAppliances: ApplianceInfo)."""

    uuid: str
    appliance_type: str
    model: str
    name: str
    status: str
    severity: str
    messages: tuple[tuple[str, str], ...]  # (severity level, message)
    up_time: str
    space_used: int
    space_total: int
    protected_replicable: int
    protected: int
    vmware_hosts: int
    has_remote_access: bool


class AppliancePack(NamedTuple):
    """Primary and its copy. Listed for the very entity asked for only, not for its descendants."""

    entity_id: int
    primary: Appliance
    secondary: Appliance | None


class CompanySummary(NamedTuple):
    """A row of GetCompaniesSummary: what the company's own active accounts add up to."""

    company_id: int
    partner_id: int  # not on the wire; 0 for companies directly under the distributor
    name: str
    disk_quota_gb: int
    used_kb: int
    allocated_mb: int
    accounts: int
    shadow_protect_licenses: int
    country: str | None
    mobile_devices: int
    desktop_devices: int


@dataclass(frozen=True)
class InfrascaleDay:
    """Infrascale's closing figures of one day.

    Attributes:
        entities: root first, then partners, then companies; inactive ones included.
        accounts: active accounts, in the vendor's order (parent id, entity id, username).
        licenses: unique by (username, license type).
        cloud_lines: in order of company id; a company can have several.
        appliances: of all entities.
        unlisted: accounts that the vendor's sums count and its list leaves out; none unless planted.
    """

    entities: tuple[Entity, ...]
    accounts: tuple[Account, ...]
    licenses: tuple[License, ...]
    cloud_lines: tuple[CloudLine, ...]
    appliances: tuple[AppliancePack, ...]
    unlisted: tuple[Account, ...] = ()

    @property
    def root(self) -> Entity:
        """The distributor whose credentials the sandbox accepts; "0 = yourself" means it."""
        return self.entities[0]

    @cached_property
    def by_id(self) -> dict[int, Entity]:
        """Entities by id."""
        return {entity.entity_id: entity for entity in self.entities}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Direct children by parent id."""
        children: defaultdict[int, list[int]] = defaultdict(list)
        for entity in self.entities:
            children[entity.parent_id].append(entity.entity_id)
        return dict(children)

    def tree(self, entity_id: int) -> set[int]:
        """The entity and everything below it; empty when the entity is unknown."""
        if entity_id not in self.by_id:
            return set()
        found, open_ids = {entity_id}, [entity_id]
        while open_ids:
            below = self.children.get(open_ids.pop(), [])
            found.update(below)
            open_ids.extend(below)
        return found

    @cached_property
    def company_summaries(self) -> tuple[CompanySummary, ...]:
        """One row for each active company, in order of id."""
        accounts = _grouped((account.entity_id, account) for account in (*self.accounts, *self.unlisted))
        licenses = _grouped(
            (held.entity_id, held) for held in self.licenses if held.license_type == "SkraftDiskImageV5"
        )
        return tuple(
            _summary(entity, accounts.get(entity.entity_id, []), len(licenses.get(entity.entity_id, [])))
            for entity in self.entities
            if entity.company_id and entity.is_active
        )


T = TypeVar("T")


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: defaultdict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _summary(entity: Entity, accounts: list[Account], licenses: int) -> CompanySummary:
    allocated = sum(account.size_mb for account in accounts)
    return CompanySummary(
        entity.entity_id,
        entity.partner_id,
        entity.name,
        -(-allocated // 1024),
        sum(account.used_kb for account in accounts),
        allocated,
        len(accounts),
        licenses,
        None if entity.entity_id % 5 == 0 else ("GB", "PL", "DE", "ZA")[entity.entity_id % 4],
        sum(account.android for account in accounts),
        sum(account.windows + account.mac for account in accounts),
    )
