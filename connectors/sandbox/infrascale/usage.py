"""Partner, Company, License, CloudApplicationBackup and Appliances services: what is used and held."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from connectors.sandbox.infrascale.dotnet import Rows
from connectors.sandbox.infrascale.estate import Estate, Listing, Payload, invalid, whole
from connectors.sandbox.infrascale.services import SERVICES
from connectors.sandbox.infrascale_estate import (
    Account,
    Appliance,
    AppliancePack,
    CloudLine,
    CompanySummary,
    Entity,
    License,
)


def companies_summary(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetCompaniesSummary: the active companies below a partner; 0 = all of the caller's."""
    target = estate.entity(asked["PartnerEntityId"], zero_is_self=True)
    return {"CompaniesSummary": whole(_companies(estate, target))}


def partner_details(estate: Estate, _asked: Mapping[str, Any]) -> Payload:
    """GetPartnerDetailsByApplicationUser: the caller's own quota and licences."""
    day = estate.day
    return {
        "PartnerEntityId": day.root.entity_id,
        "PartnerName": day.root.name,
        "DiskQuotaGB": -(-sum(account.size_mb for account in day.accounts) // 1024),
        "NumberOfLicensesShadowProtectV5": sum(
            held.license_type == "SkraftDiskImageV5" for held in day.licenses
        ),
        "AllowUploadOverAccountSize": True,
    }


def used_space_for_all_accounts(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetUsedSpaceForAllAccounts: used space of an entity's own accounts, or of its whole tree's."""
    # Neither this operation's page nor the next one's says that 0 is the caller, so it is not.
    target = estate.entity(asked["EntityId"], zero_is_self=False)
    return {"AccountsSpace": whole(_used_space(estate, target, own_only=asked["ChildAccountsOnly"]))}


def assigned_licenses_summary(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetAssignedLicensesSummary: licences by holder, of an entity's own accounts or its whole tree's."""
    target = estate.entity(asked["EntityId"], zero_is_self=False)
    return {"UsersLicenses": whole(_licenses(estate, target, own_only=asked["ChildAccountsOnly"]))}


def cloud_usage(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetCloudUsage: cloud services, paged and counted by company; a company can have no line."""
    target = estate.entity(asked["ForEntityId"], zero_is_self=True)
    size, number = asked["PageSize"], asked["PageNumber"]
    if size < 1 or number < 1:
        raise invalid("PageSize and PageNumber must be above 0")
    companies, lines, rows = _clouds(estate, target)
    shown = companies[(number - 1) * size : number * size]
    start = bisect_left(lines, shown[0]) if shown else 0
    stop = bisect_left(lines, shown[-1] + 1) if shown else 0
    return {
        "UsageLines": Listing(rows, start, stop - start),
        "PageNumber": number,
        "NumberOfPages": -(-len(companies) // size),
        "TotalCount": len(companies),
    }


def entity_appliances(estate: Estate, asked: Mapping[str, Any]) -> Payload:
    """GetEntityAppliances: the appliances of the entity itself, with their copies."""
    own = estate.entity(asked["EntityId"] or 0, zero_is_self=True).entity_id
    kind = asked["ApplianceType"]
    packs = [
        {
            "Primary": _appliance(pack.primary),
            "Secondary": pack.secondary and _appliance(pack.secondary),
            "ReplicationInfo": {"QueueStatus": _status("Idle", "Low", ())} if pack.secondary else None,
        }
        for pack in _packs(estate).get(own, [])
        if kind in (None, pack.primary.appliance_type)
    ]
    return {"AppliancesPacks": whole(packs)}


@lru_cache(maxsize=4)
def _companies(estate: Estate, target: Entity) -> Rows[CompanySummary]:
    tree = estate.tree(target)
    return Rows(
        SERVICES["PartnerManagementService"],
        "CompanySummaryInfo",
        [row for row in estate.day.company_summaries if tree is None or row.company_id in tree],
        lambda row: (row[0], *row[2:]),  # the partner's id is not shown
    )


@lru_cache(maxsize=4)
def _used_space(estate: Estate, target: Entity, *, own_only: bool) -> Rows[Account]:
    scope = {target.entity_id} if own_only else estate.tree(target)
    return Rows(
        SERVICES["CompanyManagementService"],
        "AccountSpace",
        [account for account in estate.day.accounts if scope is None or account.entity_id in scope],
        lambda account: (account.username, account.used_kb, None, None),
    )


@lru_cache(maxsize=4)
def _licenses(estate: Estate, target: Entity, *, own_only: bool) -> Rows[License]:
    scope = {target.entity_id} if own_only else estate.tree(target)
    return Rows(
        SERVICES["LicenseManagementService"],
        "UserLicenseSummary",
        [held for held in estate.day.licenses if scope is None or held.entity_id in scope],
        lambda held: (held.username, held.license_type),
    )


@lru_cache(maxsize=4)
def _clouds(estate: Estate, target: Entity) -> tuple[list[int], list[int], Rows[CloudLine]]:
    """Ids of the active companies in order, the company of each line, and the lines."""
    tree = estate.tree(target)
    companies = sorted(
        entity.entity_id
        for entity in estate.day.entities
        if entity.company_id and entity.is_active and (tree is None or entity.entity_id in tree)
    )
    lines = [line for line in estate.day.cloud_lines if tree is None or line.company_id in tree]
    service = SERVICES["CloudApplicationBackupManagementService"]
    return (
        companies,
        [line.company_id for line in lines],
        Rows(service, "CloudApplicationBackupUsageLine", lines),
    )


@lru_cache(maxsize=2)
def _packs(estate: Estate) -> dict[int, list[AppliancePack]]:
    packs: defaultdict[int, list[AppliancePack]] = defaultdict(list)
    for pack in estate.day.appliances:
        packs[pack.entity_id].append(pack)
    return dict(packs)


def _status(status: str, severity: str, messages: tuple[tuple[str, str], ...]) -> Payload:
    return {
        "Status": status,
        "Name": status,
        "SeverityLevel": severity,
        "Messages": [{"SeverityLevel": level, "Message": text} for level, text in messages],
    }


def _appliance(box: Appliance) -> Payload:
    return {
        "Uuid": box.uuid,
        "ApplianceType": box.appliance_type,
        "ModelName": box.model,
        "Model": box.model,
        "ApplianceTypeTitle": box.appliance_type,
        "Name": box.name,
        "StatusInfo": _status(box.status, box.severity, box.messages),
        "UpTimeStr": box.up_time,
        "DeviceSpaceUsed": box.space_used,
        "DeviceSpaceTotal": box.space_total,
        "ProtectedReplicable": box.protected_replicable,
        "Protected": box.protected,
        "VmwareHostCount": box.vmware_hosts,
        "HasRemoteAccess": box.has_remote_access,
    }
