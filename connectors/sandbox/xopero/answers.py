"""Xopero's objects as WebAPI 2.0 tells them: names, and figures as numbers or as strings.

Bytes are strings and counts numbers, as in the manual's samples; for the customers marked so it is
the other way round, as in the manual's tables.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Any

from connectors.sandbox.xopero.estate import (
    OWNER_ID,
    PACKAGES,
    VERSION_NAMES,
    Account,
    Customer,
    Package,
    Parameters,
    Partner,
    Personal,
    Subscription,
)

Row = dict[str, Any]


def customer(row: Customer) -> Row:
    """A row of GetCustomers and the answer of GetCustomer; parts that are not permanent may be missing."""
    told: Row = {
        "id": row.customer_id,
        "resellerId": row.reseller_id,
        "name": row.name,
        "email": row.email,
        "status": row.status,
        "customText": row.custom_text,
        "shortNote": row.short_note,
    }
    if row.subscription is not None:
        told["subscription"] = {
            "id": row.subscription.subscription_id,
            "name": row.subscription.package.name,
            "number": row.subscription.number,
            "status": f"ORDER_STATUS_{row.subscription.status}",
            "type": f"PRODUCT_TYPE_{row.subscription.kind}",
        }
    if row.parameters is not None:
        told["parameters"] = _parameters(row.parameters, row.wordy)
    if row.personal is not None:
        told["personalData"] = _personal(row.personal)
    if len(row.accounts) > 1:
        told["children"] = [{"id": a.account_id, "name": a.name} for a in row.accounts[1:]]
    return told


def _parameters(row: Parameters, wordy: bool) -> Row:
    return {
        "hosts": str(row.package.hosts) if wordy else row.package.hosts,
        "capacity": _size(row.package.capacity, wordy),
        "users": str(row.package.users) if wordy else row.package.users,
        "status": row.status,
        "name": row.package.name,
        "type": row.package.version,
        "isTrial": row.is_trial,
        "hasBriefcase": not wordy,
        "validFrom": row.valid_from.isoformat(),
        "validTo": row.valid_to.isoformat(),
    }


def _personal(row: Personal) -> Row:
    return {
        "name": row.company,
        "firstName": row.first_name,
        "lastName": row.last_name,
        "isCompany": False,
        "street": row.street,
        "city": row.city,
        "postalCode": row.postal_code,
        "phone": row.phone,
        "vatIn": row.vat_in,
        "bank": {"name": row.bank_name, "accountNumber": row.account_number},
        "country": {"id": 179, "code": "PL", "name": "Poland"},
    }


def usage(row: Customer) -> Row:
    """GetCustomerUsage; the list is called `account` and begins with the customer itself."""
    return {
        "account": [account_usage(account, row.wordy) for account in row.accounts],
        "capacity": _size(row.capacity, row.wordy),
        "assignedCapacity": _size(sum(a.capacity for a in row.accounts), row.wordy),
        "usedSpace": _size(sum(a.used for a in row.accounts), row.wordy),
    }


def account_usage(row: Account, wordy: bool) -> Row:
    """One account of GetCustomerUsage."""
    return {
        "id": row.account_id,
        "name": row.name,
        "capacity": _size(row.capacity, wordy),
        "usedSpace": _size(row.used, wordy),
    }


def user(holder: Customer, row: Account) -> Row:
    """GetUser, alike for a customer and for its users."""
    return {
        "id": row.account_id,
        "resellerId": holder.reseller_id,
        "name": row.name,
        "email": holder.email,
        "status": holder.status,
        "parameters": {"capacity": str(row.capacity), "usedSpace": str(row.used)},
    }


def subscription(row: Subscription, all_held: list[Subscription]) -> Row:
    """GetSubscription; statuses have no prefix here, and the list includes the one asked for."""
    return {
        "id": row.subscription_id,
        "number": row.number,
        "product": {
            "id": row.package.package_id,
            "name": row.package.name,
            "type": row.package.version,
            "hosts": row.package.hosts,
            "users": row.package.users,
            "capacity": str(row.package.capacity),
        },
        "status": row.status,
        "period": row.period,
        "validFrom": row.valid_from.isoformat(),
        "validTo": row.valid_to.isoformat(),
        "subscriptions": [{"number": held.number, "status": held.status} for held in all_held],
    }


def partner(row: Partner) -> Row:
    """A row of GetPartners. The manual lists no fields: these are its filters' names and an id."""
    return {
        "id": row.partner_id,
        "resellerId": OWNER_ID,
        "name": row.name,
        "email": row.email,
        "status": row.status,
    }


def price_list() -> list[Row]:
    """GetCustomerAvailableProducts: classes, items, variants; prices are strings without a currency."""
    by_class = attrgetter("product_class")
    return [
        {
            "class": name,
            "items": [
                _item(version_id, list(variants))
                for version_id, variants in groupby(packages, attrgetter("version_id"))
            ],
        }
        for name, packages in groupby(sorted(PACKAGES, key=by_class), by_class)
    ]


def _item(version_id: int, variants: list[Package]) -> Row:
    return {
        "name": VERSION_NAMES[version_id],
        "description": f"Backup, {VERSION_NAMES[version_id]}",
        "product_version": version_id,
        "business_group": variants[0].group,
        "variants": [
            {
                "id": package.package_id,
                "capacity": package.capacity,
                "hosts": str(package.hosts),
                "name": package.name,
                "price": package.price,
                "users": str(package.users),
            }
            for package in variants
        ],
    }


def product(row: Package) -> Row:
    """A row of FindProduct."""
    return {
        "id": row.package_id,
        "name": row.name,
        "versionId": row.version_id,
        "versionName": row.version,
        "hosts": row.hosts,
        "users": row.users,
        "capacity": str(row.capacity),
    }


def _size(figure: int, wordy: bool) -> int | str:
    return figure if wordy else str(figure)
