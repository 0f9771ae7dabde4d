"""Redstor's objects as RedAPI V1 and V2 tell them: names, casing and what each version leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.sandbox.redstor_estate import (
    BackupStatus,
    Company,
    Consumption,
    Product,
    RedstorDay,
    Subscription,
    Usage,
    total,
)

Row = dict[str, Any]


def company(row: Company) -> Row:
    """Company, alike in both versions."""
    return {
        "companyId": row.company_id,
        "companyName": row.name,
        "isEnabled": row.is_enabled,
        "type": row.company_type,
        "parentCompanyId": row.parent_id,
    }


def product(row: Product, version: int) -> Row:
    """V1: id, name, children; V2: productId, productName, services."""
    if version == 1:
        return {
            "editions": [{"hasTrial": e.has_trial, "name": e.name, "id": e.edition_id} for e in row.editions],
            "children": [name for _, name in row.services],
            "name": row.name,
            "description": f"Backup of {row.name}",
            "id": row.product_id,
            "shortName": row.short_name,
        }
    return {
        "productId": row.product_id,
        "productName": row.name,
        "editions": [
            {"editionId": e.edition_id, "editionName": e.name, "hasTrial": e.has_trial} for e in row.editions
        ],
        "services": [{"serviceId": number, "serviceName": name} for number, name in row.services],
    }


def subscription(row: Subscription) -> Row:
    """ProductSubscription, alike in both versions."""
    return {
        "productId": row.product_id,
        "trialStatus": row.trial_status,
        "editionId": row.edition_id,
        "subscriptionId": row.subscription_id,
        "isActive": row.is_active,
    }


def usage(row: Usage, version: int) -> Row:
    """The figures; V2 adds licensedUsers."""
    told = {
        "totalDataProtectedInBytes": row.protected_bytes,
        "totalDataProtectedInBytesExternal": row.external_bytes,
        "fupOverageInBytes": row.overage_bytes,
        "activeSeats": row.active_seats,
        "inactiveSeats": row.inactive_seats,
        "sharedSeats": row.shared_seats,
        "activeWorkloads": row.active_workloads,
    }
    return told if version == 1 else {**told, "licensedUsers": row.licensed_users}


def consumption(row: Consumption, version: int) -> Row:
    """ConsumptionWithProduct."""
    return {
        **usage(row.usage, version),
        "productId": row.product.product_id,
        "productName": row.product.name,
        "subscriptionId": row.subscription_id,
        "sku": row.product.sku,
        "isTrial": row.is_trial,
    }


def transitive_consumption(row: Consumption, day: RedstorDay) -> Row:
    """TransitiveConsumption: a consumption row that names its company (V1 only)."""
    holder = day.by_id[row.company_id]
    return {
        **consumption(row, 1),
        "companyId": holder.company_id,
        "companyName": holder.name,
        "parentCompanyId": holder.parent_id,
    }


def direct_consumption(child: Company, rows: Iterable[Consumption]) -> Row:
    """CompanyProductConsumption: `rows` of a child and everything below it, added up by product (V1 only)."""
    groups: dict[tuple[int, bool], list[Consumption]] = {}
    for row in rows:
        groups.setdefault((row.product.product_id, row.is_trial), []).append(row)
    return {
        "companyId": child.company_id,
        "companyName": child.name,
        "productConsumption": [
            consumption(group[0]._replace(usage=total(row.usage for row in group)), 1)
            for group in groups.values()
        ],
    }


def status(row: BackupStatus, version: int) -> Row:
    """How one product's backups went; the counters changed their names in V2."""
    if version == 1:
        return {
            "success": row.success,
            "errors": row.errors,
            "warnings": row.warnings,
            "failed": row.failed,
            "productName": row.product.name,
            "productId": row.product.product_id,
        }
    return {
        "productId": row.product.product_id,
        "productName": row.product.name,
        "succeeded": row.success,
        "completedWithWarnings": row.warnings,
        "completedWithErrors": row.errors,
        "failed": row.failed,
        "missed": row.missed,
    }


def statuses(rows: Iterable[BackupStatus], version: int) -> list[Row]:
    """Statuses added up by product, in order of appearance."""
    groups: dict[int, list[BackupStatus]] = {}
    for row in rows:
        groups.setdefault(row.product.product_id, []).append(row)
    return [status(_added(group), version) for group in groups.values()]


def company_statuses(holder: Company, rows: Iterable[BackupStatus]) -> Row:
    """CompanyOperationStatusByProduct (V1)."""
    return {
        "companyName": holder.name,
        "companyId": holder.company_id,
        "statuses": statuses(rows, 1),
    }


def _added(rows: list[BackupStatus]) -> BackupStatus:
    first = rows[0]
    counters = (sum(figures) for figures in zip(*(row[2:] for row in rows), strict=True))
    return BackupStatus(first.company_id, first.product, *counters)
