"""The columns of each Redstor stream. `source` is version 2.0's name; parse.py has version 1's."""

from __future__ import annotations

import pyarrow as pa

from connectors.stream import Field, Presence

NULLABLE, OPTIONAL = Presence.NULLABLE, Presence.OPTIONAL
TEXT, WHOLE, FLAG = pa.string(), pa.int64(), pa.bool_()

COMPANIES = (
    Field("company_id", "companyId", TEXT, note="GUID, lower-cased"),
    Field("company_name", "companyName", TEXT, NULLABLE),
    Field("type", "type", TEXT, note="Partner or Customer; a Partner can have customers"),
    Field("is_enabled", "isEnabled", FLAG),
    Field("parent_company_id", "parentCompanyId", TEXT, NULLABLE, note="GUID, lower-cased"),
)

PRODUCTS = (
    Field("product_id", "productId", WHOLE),
    Field("product_name", "productName", TEXT, NULLABLE),
    Field("short_name", "shortName", TEXT, OPTIONAL, note="version 1 only"),
    Field("description", "description", TEXT, OPTIONAL, note="version 1 only"),
    Field(
        "editions", "editions", TEXT, NULLABLE, note="JSON; an edition id is unique within its product only"
    ),
    Field("children", "children", TEXT, OPTIONAL, note="JSON; version 1 only"),
    Field("services", "services", TEXT, OPTIONAL, note="JSON; version 2.0 only"),
)

SUBSCRIPTIONS = (
    Field("company_id", "companyId", TEXT, note="the company asked for; GUID, lower-cased"),
    Field("subscription_id", "subscriptionId", TEXT, note="GUID, lower-cased"),
    Field("product_id", "productId", WHOLE),
    Field("edition_id", "editionId", WHOLE, NULLABLE, note="unique within its product only"),
    Field("trial_status", "trialStatus", TEXT, note="NotUsed, Trial, Upgraded, Expired, Removed"),
    Field("is_active", "isActive", FLAG),
)

_USAGE = (
    Field("protected_bytes", "totalDataProtectedInBytes", WHOLE, unit="bytes"),
    Field("external_bytes", "totalDataProtectedInBytesExternal", WHOLE, unit="bytes"),
    Field("overage_bytes", "fupOverageInBytes", WHOLE, unit="bytes", note="beyond fair use"),
    Field("active_seats", "activeSeats", WHOLE, unit="seats", note="0 is normal for machines"),
    Field("inactive_seats", "inactiveSeats", WHOLE, unit="seats"),
    Field("shared_seats", "sharedSeats", WHOLE, unit="seats"),
    Field("active_workloads", "activeWorkloads", WHOLE, unit="workloads"),
    Field(
        "licensed_users",
        "licensedUsers",
        WHOLE,
        NULLABLE,
        unit="users",
        note="version 2.0 only; not defined by Redstor",
    ),
)

CONSUMPTION = (
    Field("company_id", "companyId", TEXT, note="GUID, lower-cased"),
    Field("company_name", "companyName", TEXT, NULLABLE),
    Field("parent_company_id", "parentCompanyId", TEXT, NULLABLE, note="GUID, lower-cased"),
    Field("subscription_id", "subscriptionId", TEXT, note="GUID, lower-cased"),
    Field("product_id", "productId", WHOLE),
    Field("product_name", "productName", TEXT, NULLABLE),
    Field("sku", "sku", TEXT, NULLABLE, note="may be empty"),
    Field("is_trial", "isTrial", FLAG, note="trials are included"),
    *_USAGE,
)

CONSUMPTION_SUMMARY = (
    Field("company_id", "companyId", TEXT, note="the company asked for; GUID, lower-cased"),
    Field("scope", "", TEXT, note="company (its own) or customers (all below it)"),
    *_USAGE,
)

BACKUP_STATUS = (
    Field("company_id", "companyId", TEXT, note="the company asked for; GUID, lower-cased"),
    Field("product_id", "productId", WHOLE),
    Field("product_name", "productName", TEXT, NULLABLE),
    Field("success", "succeeded", WHOLE, unit="backups"),
    Field("errors", "completedWithErrors", WHOLE, unit="backups"),
    Field("warnings", "completedWithWarnings", WHOLE, unit="backups"),
    Field("failed", "failed", WHOLE, unit="backups"),
    Field("missed", "missed", WHOLE, NULLABLE, unit="backups", note="version 2.0 only"),
)
