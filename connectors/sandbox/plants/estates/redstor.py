"""What Redstor tells of a plant's customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connectors.sandbox.chance import guid
from connectors.sandbox.plants.subject import Subject
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

MACHINES, GOOGLE = PRODUCTS[1], PRODUCTS[3]


def redstor_subscription(
    shown: RedstorDay,
    _: date,
    subject: Subject,
    *,
    product: Product = MACHINES,
    count: int = 0,
    protected_bytes: int = 0,
    overage_bytes: int = 0,
    inactive: int = 0,
    trial_status: str = "NotUsed",
    enabled: bool = True,
    failed: int = 0,
    tag: int = 0,
) -> RedstorDay:
    """A company with one subscription at Redstor; another subscription when it is there already.

    Parameters:
        count: seats, or workloads, by the product.
        inactive: seats that are licensed beside them and not used.
        failed: how many of the backups fail.
        tag: tells several subscriptions of the company apart.
    """
    own, subscription = subject.redstor, guid(72, subject.number, tag)
    seats, workloads = (count, 0) if product.seats else (0, count)
    usage = Usage(
        protected_bytes, 0, overage_bytes, seats, inactive, 0, workloads, seats + inactive if seats else 0
    )
    company = Company(own, subject.name, enabled, "Customer", shown.root.company_id)
    held = Subscription(own, subscription, product.product_id, 1, trial_status, is_active=True)
    status = BackupStatus(own, product, count - failed, 0, 0, failed, 0)
    return replace(
        shown,
        companies=(*shown.companies, *(() if own in shown.by_id else (company,))),
        subscriptions=(*shown.subscriptions, held),
        consumption=(
            *shown.consumption,
            Consumption(own, subscription, product, trial_status == "Trial", usage),
        ),
        backup_statuses=(*shown.backup_statuses, status),
    )
