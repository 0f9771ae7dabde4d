"""The columns of each Infrascale stream.

.NET decides what may be missing: numbers, flags and enumerations are always there (REQUIRED), optional
ones are there as `xsi:nil` (NULLABLE), texts are left out when null (OPTIONAL). Dates are NULLABLE: an
unset one is written as the year 1. Enumerations are open texts: the vendor adds values.
"""

from __future__ import annotations

import pyarrow as pa

from connectors.stream import Field, Presence

REQUIRED, NULLABLE, OPTIONAL = Presence.REQUIRED, Presence.NULLABLE, Presence.OPTIONAL
TEXT, WHOLE, FLAG, CLOCK = pa.string(), pa.int64(), pa.bool_(), pa.timestamp("us")

_NO_ZONE = "the vendor does not state the zone"

ENTITIES = (
    Field("entity_id", "EntityID", WHOLE),
    Field("entity_name", "EntityName", TEXT, OPTIONAL),
    Field("parent_entity_id", "ParentEntityID", WHOLE, note="a distributor's is 1, Infrascale"),
    Field("distributor_entity_id", "DistributorEntityID", WHOLE),
    Field("partner_entity_id", "PartnerEntityID", WHOLE, note="0 where there is no partner above"),
    Field("company_entity_id", "CompanyEntityID", WHOLE, note="0 unless the entity is a company"),
    Field("entity_type", "EntityType", TEXT, note="Distributor, Partner, Company ..."),
    Field("is_active", "IsActive", FLAG),
    Field("connectwise_company_id", "ConnectWiseTicketingCompanyId", TEXT, OPTIONAL),
)

ACCOUNTS = (
    Field("parent_entity_id", "ParentEntityID", WHOLE, note="parent of the owner"),
    Field("entity_id", "EntityID", WHOLE, note="owner"),
    Field("username", "Username", TEXT, note="globally unique"),
    Field("is_entity_admin", "IsEntityAdmin", FLAG),
    Field("signup_date", "SignupDate", CLOCK, NULLABLE, note=_NO_ZONE),
    Field("email", "Email", TEXT, OPTIONAL, note="may be made up by the vendor: ...@WIN-XXXX.local"),
    Field("full_name", "FullName", TEXT, OPTIONAL, note="may be the words Not set"),
    Field("windows_devices_total", "WindowsDevicesTotal", WHOLE, unit="devices"),
    Field("android_devices_total", "AndroidDevicesTotal", WHOLE, unit="devices"),
    Field("mac_devices_total", "MacDevicesTotal", WHOLE, unit="devices"),
    Field("used_space_kb", "UsedSpaceKB", WHOLE, unit="KB", note="may exceed the account's size"),
    Field("account_size_mb", "AccountSizeMB", WHOLE, unit="MB"),
)

COMPANIES = (
    Field("company_entity_id", "CompanyEntityId", WHOLE),
    Field("company_name", "CompanyName", TEXT, OPTIONAL),
    Field("disk_quota_gb", "DiskQuotaGB", WHOLE, unit="GB"),
    Field("used_space_kb", "UsedSpaceKB", WHOLE, unit="KB"),
    Field("allocated_space_mb", "AllocatedSpaceMB", WHOLE, unit="MB"),
    Field("number_of_accounts", "NumberOfAccounts", WHOLE, unit="accounts", note="active ones"),
    Field("number_of_licenses_shadow_protect_v5", "NumberOfLicensesShadowProtectV5", WHOLE, unit="licenses"),
    Field("data_center_country_code", "DataCenterCountryCodeIsoA2", TEXT, OPTIONAL, note="ISO 3166-1"),
    Field("number_of_mobile_devices", "NumberOfMobileDevices", WHOLE, unit="devices"),
    Field("number_of_desktop_devices", "NumberOfDesktopDevices", WHOLE, unit="devices"),
)

LICENSES = (
    Field("username", "Username", TEXT),
    Field("license_type", "LicenseType", TEXT, note="SkraftDiskImageV5, SqlBackup, ExchangeBackup ..."),
)

CLOUD_USAGE = (
    Field("icab_account_name", "ICABAccountName", TEXT),
    Field("account_date_created", "AccountDateCreated", CLOCK, NULLABLE, note=_NO_ZONE),
    Field("company_id", "CompanyID", WHOLE, note="the entity: partner, company or distributor"),
    Field("company_name", "CompanyName", TEXT, OPTIONAL, note="not unique"),
    Field("configured_date", "ConfiguredDate", CLOCK, NULLABLE, note=_NO_ZONE),
    Field("last_backup_date", "LastBackupDate", CLOCK, NULLABLE, note=_NO_ZONE),
    Field("accounts", "Accounts", WHOLE, NULLABLE, unit="seats", note="set where users are priced"),
    Field("storage_bytes", "StorageBytes", WHOLE, NULLABLE, unit="bytes", note="set where storage is priced"),
    Field("source", "Source", TEXT, OPTIONAL, note="the vendor swaps it with Service from row to row"),
    Field("service", "Service", TEXT, OPTIONAL),
)

HISTORY_EVENTS = (
    Field("indicator", "Indicator", TEXT, note="Ok, Warning, Error"),
    Field("event_type", "EventType", TEXT),
    Field("account_name", "AccountName", TEXT, OPTIONAL),
    Field("account_type", "AccountType", TEXT, note="BackupAccount, ApplicationUser, IcabEmail"),
    Field("system_name", "SystemName", TEXT, OPTIONAL),
    Field("client_date", "ClientDate", CLOCK, NULLABLE, note="the client's clock; its zone is not told"),
    Field("is_scheduled", "IsScheduled", FLAG, NULLABLE),
    Field("total_files_count", "TotalFilesCount", WHOLE, NULLABLE, unit="files"),
    Field("total_files_size", "TotalFilesSize", WHOLE, NULLABLE, unit="bytes"),
    Field("error_files_count", "ErrorFilesCount", WHOLE, NULLABLE, unit="files"),
    Field("error_files_size", "ErrorFilesSize", WHOLE, NULLABLE, unit="bytes"),
    Field("uploaded_files_count", "UploadedFilesCount", WHOLE, NULLABLE, unit="files"),
    Field("uploaded_files_size", "UploadedFilesSize", WHOLE, NULLABLE, unit="bytes"),
    Field("unchanged_files_count", "UnchangedFilesCount", WHOLE, NULLABLE, unit="files"),
    Field("unchanged_files_size", "UnchangedFilesSize", WHOLE, NULLABLE, unit="bytes"),
    Field("backup_duration", "BackupDuration", WHOLE, NULLABLE, unit="seconds"),
    Field("event_backup_type", "EventBackupType", TEXT),
    Field("backup_summary", "BackupSummary", TEXT, OPTIONAL, note="free text for people"),
    Field("entity_id", "EntityId", WHOLE),
)

USED_SPACE = (
    Field("username", "Username", TEXT),
    Field("used_space_kb", "UsedSpaceKB", WHOLE, unit="KB"),
    Field("system_name", "SystemName", TEXT, OPTIONAL, note="of a type shared with another operation"),
    Field("device_type", "DeviceType", TEXT, OPTIONAL, note="of a type shared with another operation"),
)


def _status(column: str, source: str) -> tuple[Field, ...]:
    return (
        Field(f"{column}_status", f"{source}/Status", TEXT, OPTIONAL),
        Field(f"{column}_status_name", f"{source}/Name", TEXT, OPTIONAL),
        Field(f"{column}_severity_level", f"{source}/SeverityLevel", TEXT, OPTIONAL),
        Field(f"{column}_messages", f"{source}/Messages", TEXT, OPTIONAL, note="JSON"),
    )


def _appliance(column: str, source: str, figures: Presence) -> tuple[Field, ...]:
    return (
        Field(f"{column}appliance_type", f"{source}/ApplianceType", TEXT, OPTIONAL),
        Field(f"{column}model_name", f"{source}/ModelName", TEXT, OPTIONAL),
        Field(f"{column}model", f"{source}/Model", TEXT, OPTIONAL),
        Field(f"{column}appliance_type_title", f"{source}/ApplianceTypeTitle", TEXT, OPTIONAL),
        Field(f"{column}name", f"{source}/Name", TEXT, OPTIONAL),
        *_status(f"{column}appliance", f"{source}/StatusInfo"),
        Field(f"{column}up_time", f"{source}/UpTimeStr", TEXT, OPTIONAL, note="words for people"),
        Field(f"{column}device_space_used", f"{source}/DeviceSpaceUsed", WHOLE, figures, unit="bytes"),
        Field(f"{column}device_space_total", f"{source}/DeviceSpaceTotal", WHOLE, figures, unit="bytes"),
        Field(f"{column}protected_replicable", f"{source}/ProtectedReplicable", WHOLE, figures, unit="bytes"),
        Field(f"{column}protected", f"{source}/Protected", WHOLE, figures, unit="bytes"),
        Field(f"{column}vmware_host_count", f"{source}/VmwareHostCount", WHOLE, figures, unit="hosts"),
        Field(f"{column}has_remote_access", f"{source}/HasRemoteAccess", FLAG, figures),
    )


ASKED_FOR = Field("entity_id", "EntityId", WHOLE, note="the entity asked for: the rows carry none")

APPLIANCES = (
    Field("uuid", "Primary/Uuid", TEXT),
    *_appliance("", "Primary", REQUIRED),
    # A copy of the same protected data: never to be added to the primary's figures.
    Field("secondary_uuid", "Secondary/Uuid", TEXT, OPTIONAL),
    *_appliance("secondary_", "Secondary", OPTIONAL),
    *_status("replication_queue", "ReplicationInfo/QueueStatus"),
    Field("replication_speed", "ReplicationInfo/SpeedBytesPerSecond", WHOLE, OPTIONAL, unit="bytes a second"),
    Field("replication_bytes_remaining", "ReplicationInfo/BytesRemaining", WHOLE, OPTIONAL, unit="bytes"),
    Field(
        "replication_seconds_remaining", "ReplicationInfo/SecondsRemaining", WHOLE, OPTIONAL, unit="seconds"
    ),
)
