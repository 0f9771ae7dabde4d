"""What Xopero holds of the world on one day, as plain objects without any wire format."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

OWNER_ID = 1
"""The partner whose token the sandbox gives out: the distributor itself."""

UNLIMITED = 2_147_483_647
"""What the vendor says for no limit of hosts or users."""

GIB = 2**30


class Package(NamedTuple):
    """A product that can be bought: a version with its limits. `price` has no currency."""

    package_id: int
    name: str
    version_id: int  # 1 SOHO, 5 Personal, 10 Endpoint, 20 Endpoint & Server
    version: str
    hosts: int
    users: int
    capacity: int
    group: str  # personal, endpoint, endpoint-server
    price: str

    @property
    def product_class(self) -> str:
        """business or personal."""
        return "personal" if self.group == "personal" else "business"


FREEMIUM = Package(1, "Freemium", 5, "PRODUCT_VERSION_BAS", 1, 1, GIB, "personal", "0.00")
STANDARD = Package(
    115, "XCE100GB", 10, "PRODUCT_VERSION_STD", UNLIMITED, UNLIMITED, 100 * GIB, "endpoint", "299.00"
)
LARGE = Package(
    116, "XCE1TB", 10, "PRODUCT_VERSION_STD", UNLIMITED, UNLIMITED, 1024 * GIB, "endpoint", "1990.00"
)
PACKAGES = (
    FREEMIUM,
    Package(31, "XSO20GB", 1, "PRODUCT_VERSION_SOHO", 2, 1, 20 * GIB, "personal", "19.00"),
    Package(52, "XPE50GB", 5, "PRODUCT_VERSION_BAS", 5, 4, 50 * GIB, "personal", "49.90"),
    STANDARD,
    LARGE,
    Package(
        210,
        "XES500GB",
        20,
        "PRODUCT_VERSION_ADV",
        UNLIMITED,
        UNLIMITED,
        500 * GIB,
        "endpoint-server",
        "1249.505",
    ),
)
TAILORED = Package(
    900, "Tailored 16PB", 20, "PRODUCT_VERSION_ADV", 12, 40, 16 * 2**50, "endpoint-server", "0.00"
)
"""Made for one customer by a parameter partner; in no price list."""

VERSION_NAMES = {1: "SOHO", 5: "Personal", 10: "Endpoint", 20: "Endpoint & Server"}


class Partner(NamedTuple):
    """A sub-partner of the token's owner; `status` is CREATED, ACTIVATED, DISABLED or DELETED."""

    partner_id: int
    name: str
    email: str
    status: str


class Subscription(NamedTuple):
    """A licence; `kind` is FREE, TRIAL or FULL and `status` has no prefix (CURRENT)."""

    subscription_id: int
    number: str
    package: Package
    status: str
    kind: str
    period: str
    valid_from: datetime
    valid_to: datetime


class Parameters(NamedTuple):
    """What the licence in force allows; `is_trial` may contradict the subscription's kind."""

    package: Package
    status: str
    is_trial: bool
    valid_from: datetime
    valid_to: datetime


class Personal(NamedTuple):
    """Data of a person and of a bank account, which nobody needs in order to bill."""

    company: str
    first_name: str
    last_name: str
    street: str
    city: str
    postal_code: str
    phone: str
    vat_in: str
    bank_name: str
    account_number: str


class Account(NamedTuple):
    """A backup account under a licence: the customer itself or one of its users. All in bytes."""

    account_id: int
    name: str
    capacity: int
    used: int


class Customer(NamedTuple):
    """A subscription owner; `accounts` begins with the customer itself. Parts that are None are not told."""

    customer_id: int
    reseller_id: int
    name: str
    email: str
    status: str  # DELETED, IS_DISABLED, ACTIVATED, NOT_ACTIVATED
    custom_text: str | None
    short_note: str | None
    subscription: Subscription | None
    former: tuple[Subscription, ...]
    parameters: Parameters | None
    personal: Personal | None
    capacity: int
    accounts: tuple[Account, ...]
    wordy: bool  # counts are told as strings, bytes as numbers: the other way round than usual

    @property
    def is_deleted(self) -> bool:
        """Deleted customers are listed for ever, and their usage cannot be read."""
        return self.status == "DELETED"


@dataclass(frozen=True)
class XoperoDay:
    """Xopero's closing figures of one day: partners and customers in order of id."""

    partners: tuple[Partner, ...]
    customers: tuple[Customer, ...]

    @cached_property
    def by_id(self) -> dict[int, Customer]:
        """Customers by id."""
        return {customer.customer_id: customer for customer in self.customers}

    @cached_property
    def holders(self) -> dict[int, Customer]:
        """Customers by the ids of their users."""
        return {a.account_id: c for c in self.customers for a in c.accounts[1:]}

    @cached_property
    def by_reseller(self) -> dict[int, tuple[Customer, ...]]:
        """Customers by the partner they belong to."""
        groups: defaultdict[int, list[Customer]] = defaultdict(list)
        for customer in self.customers:
            groups[customer.reseller_id].append(customer)
        return {reseller: tuple(rows) for reseller, rows in groups.items()}

    @cached_property
    def by_number(self) -> dict[str, tuple[Customer, Subscription]]:
        """Subscriptions in force and former ones by number, each with its customer."""
        return {
            held.number: (customer, held)
            for customer in self.customers
            for held in (customer.subscription, *customer.former)
            if held is not None
        }
