"""What Redstor holds of the world on one day, as plain objects without any wire format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Edition(NamedTuple):
    """An edition of a product; its id is unique within the product only."""

    edition_id: int
    name: str
    has_trial: bool


class Product(NamedTuple):
    """A product of the catalogue. An empty sku is possible; seats count users, else workloads are counted."""

    product_id: int
    name: str
    short_name: str
    sku: str
    seats: bool
    editions: tuple[Edition, ...]
    services: tuple[tuple[int, str], ...]


_STANDARD, _PREMIUM = Edition(1, "Standard", True), Edition(2, "Premium", False)

PRODUCTS = (
    Product(
        4,
        "O365",
        "M365",
        "RS-M365-SEAT",
        True,
        (_STANDARD, _PREMIUM),
        ((94, "Exchange"), (91, "OneDrive"), (92, "SharePoint"), (107, "Teams")),
    ),
    Product(130, "Machines", "MACH", "RS-MACHINE", False, (_STANDARD, _PREMIUM), ((105, "Machines"),)),
    Product(131, "Azure VM", "AZVM", "RS-AZURE-VM", False, (_STANDARD,), ((131, "Azure VM"),)),
    Product(12, "Google Workspace", "GWS", "RS-GWS-SEAT", True, (_STANDARD,), ((95, "Gmail"),)),
    Product(57, "QuickBooks & Xero", "ACC", "", True, (Edition(1, "Single", True),), ((57, "Ledger"),)),
)


class Company(NamedTuple):
    """A company: the root and resellers are Partners, the others Customers."""

    company_id: str  # lower-case UUID
    name: str
    is_enabled: bool
    company_type: str  # Partner, Customer
    parent_id: str  # lower-case UUID


class Subscription(NamedTuple):
    """A subscription; `trial_status` is NotUsed, Trial, Upgraded, Expired or Removed."""

    company_id: str
    subscription_id: str
    product_id: int
    edition_id: int
    trial_status: str
    is_active: bool


class Usage(NamedTuple):
    """The figures of a consumption row or summary. `licensed_users` is told by V2 only."""

    protected_bytes: int
    external_bytes: int
    overage_bytes: int
    active_seats: int
    inactive_seats: int
    shared_seats: int
    active_workloads: int
    licensed_users: int


class Consumption(NamedTuple):
    """What one subscription of one company consumed."""

    company_id: str
    subscription_id: str
    product: Product
    is_trial: bool
    usage: Usage


class BackupStatus(NamedTuple):
    """How the backups of one company and product went. `missed` is told by V2 only."""

    company_id: str
    product: Product
    success: int
    errors: int
    warnings: int
    failed: int
    missed: int


@dataclass(frozen=True)
class RedstorDay:
    """Redstor's closing figures of one day.

    Attributes:
        companies: root first, then resellers, then customers; disabled ones included.
        subscriptions: inactive ones included.
        consumption: rows of active subscriptions, in the order of the companies.
        backup_statuses: one row per company and product that is backed up.
        unlisted: consumption that the vendor's summary counts and its lists leave out; none unless planted.
    """

    companies: tuple[Company, ...]
    subscriptions: tuple[Subscription, ...]
    consumption: tuple[Consumption, ...]
    backup_statuses: tuple[BackupStatus, ...]
    unlisted: tuple[Consumption, ...] = ()

    @property
    def root(self) -> Company:
        """The partner whose service account the sandbox accepts."""
        return self.companies[0]

    @cached_property
    def by_id(self) -> dict[str, Company]:
        """Companies by id."""
        return {company.company_id: company for company in self.companies}

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Direct children by parent id, in the order of the companies."""
        children: defaultdict[str, list[str]] = defaultdict(list)
        for company in self.companies[1:]:
            children[company.parent_id].append(company.company_id)
        return {parent: tuple(below) for parent, below in children.items()}

    def below(self, company_id: str) -> list[str]:
        """Every company below this one, without itself."""
        found: list[str] = []
        level = list(self.children.get(company_id, ()))
        while level:
            found.extend(level)
            level = [child for company in level for child in self.children.get(company, ())]
        return found

    def summed(self, company_ids: Iterable[str], *, paid_only: bool = False) -> Usage:
        """What the vendor adds up over these companies, with or without trials."""
        wanted = set(company_ids)
        return total(
            row.usage
            for row in (*self.consumption, *self.unlisted)
            if row.company_id in wanted and not (paid_only and row.is_trial)
        )

    @cached_property
    def subscriptions_of(self) -> dict[str, list[Subscription]]:
        """Subscriptions by company id."""
        groups: defaultdict[str, list[Subscription]] = defaultdict(list)
        for row in self.subscriptions:
            groups[row.company_id].append(row)
        return dict(groups)

    @cached_property
    def consumption_of(self) -> dict[str, list[Consumption]]:
        """Consumption rows by company id."""
        groups: defaultdict[str, list[Consumption]] = defaultdict(list)
        for row in self.consumption:
            groups[row.company_id].append(row)
        return dict(groups)

    @cached_property
    def backup_statuses_of(self) -> dict[str, list[BackupStatus]]:
        """Backup statuses by company id."""
        groups: defaultdict[str, list[BackupStatus]] = defaultdict(list)
        for row in self.backup_statuses:
            groups[row.company_id].append(row)
        return dict(groups)


def total(rows: Iterable[Usage]) -> Usage:
    """The figures added up."""
    return Usage(*(sum(figures) for figures in zip(_NOTHING, *rows, strict=True)))


_NOTHING = Usage(0, 0, 0, 0, 0, 0, 0, 0)
