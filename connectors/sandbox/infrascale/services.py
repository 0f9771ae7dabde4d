"""The vendor's services in C#, as far as its public pages show them.

Sources: Infrascale Web API, the page of each operation. Where a page shows a request or an answer,
names and order are that page's. What no page shows is chosen so that a client has to read it from
the WSDL: the array and item of GetCompaniesSummary, total and item of GetEntityDirectAccounts, the
entity member of GetCloudUsage, arrays of recovery events, and the order of members that a page cuts.
"""

from __future__ import annotations

from connectors.sandbox.infrascale.dotnet import Service, parse_service

_RESULT = """
class OperationStatus { int Result; string Code; string Message; }
class OperationResult : OperationStatus { }
class ResultFirst { OperationResult Result; }
class EntityRequest { int TargetEntityId; }
"""

_ENTITIES = """
enum EntityType { Unknown, Infrascale, Distributor, Partner, Company }

class GetEntityHierarchyRequest {
    int TargetEntityID; bool IncludeInactive; int? ConnectwiseIntegratorEntityID;
}
class EntityBase { int EntityID; string EntityName; bool IsActive; }
class EntityInHierarchy : EntityBase {
    int DistributorEntityID; int PartnerEntityID; int CompanyEntityID; EntityType EntityType;
    int ParentEntityID; string ConnectWiseTicketingCompanyId;
}
class EntityHierarchyResult : ResultFirst { EntityInHierarchy[] Entities; }
read EntityHierarchyResult GetEntityHierarchy(GetEntityHierarchyRequest request);

class GetEntityDirectAccountsRequest {
    int TargetEntityID; bool IncludeInactive; int PageSize; int PageIndex;
}
class EntityAccountInfo {
    string Username; bool IsActive; bool IsEntityAdmin; DateTime SignupDate; string Email;
    bool IsMonitored; bool IsEndGuardEnabled;
}
class EntityDirectAccountsResult : ResultFirst { int AccountsTotal; EntityAccountInfo[] Accounts; }
read EntityDirectAccountsResult GetEntityDirectAccounts(GetEntityDirectAccountsRequest request);

class GetEntityAccountsRequest { int TargetEntityID; int PageSize; int PageIndex; }
class AccountDevicesInfo {
    int ParentEntityID; int EntityID; string Username; bool IsEntityAdmin; DateTime SignupDate; string Email;
    string FullName; int WindowsDevicesTotal; int AndroidDevicesTotal; int MacDevicesTotal;
    long UsedSpaceKB; long AccountSizeMB;
}
class EntityAccountsResult : ResultFirst { int AccountsTotal; AccountDevicesInfo[] Accounts; }
read EntityAccountsResult GetEntityAccounts(GetEntityAccountsRequest request);

write ResultFirst CancelEntity(EntityRequest request);
write ResultFirst UncancelEntity(EntityRequest request);
write ResultFirst SuspendEntity(EntityRequest request);
write ResultFirst ActivateEntity(EntityRequest request);
"""

_PARTNERS = """
class GetCompaniesSummaryRequest { int PartnerEntityId; }
class CompanySummaryInfo {
    int CompanyEntityId; string CompanyName; long DiskQuotaGB; long UsedSpaceKB; long AllocatedSpaceMB;
    int NumberOfAccounts; int NumberOfLicensesShadowProtectV5; string DataCenterCountryCodeIsoA2;
    int NumberOfMobileDevices; int NumberOfDesktopDevices;
}
class CompaniesSummaryResult : ResultFirst { CompanySummaryInfo[] CompaniesSummary; }
read CompaniesSummaryResult GetCompaniesSummary(GetCompaniesSummaryRequest request);

class PartnerDetailsRequest { }
class PartnerDetailsResult : ResultFirst {
    int PartnerEntityId; string PartnerName; long DiskQuotaGB; int NumberOfLicensesShadowProtectV5;
    bool AllowUploadOverAccountSize;
}
read PartnerDetailsResult GetPartnerDetailsByApplicationUser(PartnerDetailsRequest request);

class CancelEmptyPartnerRequest { int PartnerEntityId; string Reason; }
write ResultFirst CancelEmptyPartner(CancelEmptyPartnerRequest request);
class MoveCompanyRequest {
    int CompanyEntityId; int FromPartnerEntityId; int ToPartnerEntityId;
    bool IncreaseQoutaOfDestinationPartner;
}
write ResultFirst MoveCompany(MoveCompanyRequest request);
"""

_COMPANIES = """
class GetUsedSpaceForAllAccountsRequest { int EntityId; bool ChildAccountsOnly; }
class AccountSpace { string Username; long UsedSpaceKB; string SystemName; string DeviceType; }
class UsedSpaceForAllAccountsResult : ResultFirst { AccountSpace[] AccountsSpace; }
read UsedSpaceForAllAccountsResult GetUsedSpaceForAllAccounts(GetUsedSpaceForAllAccountsRequest request);

class EditCompanyRequest { int CompanyEntityId; int? DiskQuotaGB; bool? AllowUploadOverAccountSize; }
write ResultFirst EditCompany(EditCompanyRequest request);
"""

_LICENSES = """
enum LicenseType { SkraftDiskImageV5, SqlBackup, ExchangeBackup }

class GetAssignedLicensesSummaryRequest { int EntityId; bool ChildAccountsOnly; }
class UserLicenseSummary { string Username; LicenseType LicenseType; }
class AssignedLicensesSummaryResult { UserLicenseSummary[] UsersLicenses; OperationResult Result; }
read AssignedLicensesSummaryResult GetAssignedLicensesSummary(GetAssignedLicensesSummaryRequest request);

class RemoveLicenseRequest { string Username; LicenseType LicenseType; }
write ResultFirst RemoveLicense(RemoveLicenseRequest request);
"""

_MONITORING = """
enum EventIndicator { Ok, Warning, Error }
enum MonitorEventStatus { Uploading, Canceled, Failed, Completed, Configured }
enum HistoryEventType {
    BackupStarted, BackupCompleted, BackupProgress, BackupCancelled, BackupConfigured, NoProgressEvent1,
    NoProgressEvent2, NoBackupEvent1, NoBackupEvent2, AbnormalBackupScope, OverQuotaWarning, OverQuotaError,
    OverQuotaFixed, TooLongBackup, ReplicationCompleted, ReplicationCancelled, ReplicationFailed,
    BackupCheckCompleted, BackupCheckCancelled, BackupCheckFailed, BackupCheckExecuted
}
enum EventBackupType {
    Online, ImageStream, Exchange, LiveProtect, MSSQL, ShadowProtectBackup, GeneralNotification,
    ApplianceHyperVBackup, ApplianceVmWareBackup, ApplianceFileFolderBackup, ApplianceExchangeBackup,
    ApplianceSQLBackup, ApplianceDRBackup, IcabMsOffice, IcabSharepoint, IcabOneDrive, IcabGoogleApps,
    IcabMsOfficeGroups, IcabSalesforce, IcabBox, IcabDropBox
}
enum AccountType { BackupAccount, ApplicationUser, IcabEmail }

class EventsFilter {
    int PageIndex; int PageSize;
    bool IndicatorFilterDefined; EventIndicator IndicatorFilterValue;
    bool StatusFilterDefined; MonitorEventStatus StatusFilterValue;
    bool EventTypeFilterDefined; HistoryEventType EventTypeFilterValue;
    bool EventBackupTypeFilterDefined; EventBackupType EventBackupTypeFilterValue;
    bool AccountNameFilterDefined; string AccountNameFilterValue;
    bool AccountTypeFilterIsNotDefined; AccountType AccountTypeFilterValue;
    bool SystemNameFilterDefined; string SystemNameFilterValue;
    bool FromDateFilterDefined; DateTime FromDateFilterValue;
    bool ToDateFilterDefined; DateTime ToDateFilterValue;
    int? Version;
}
class EventsRequest { int EntityId; EventsFilter Filter; }

class HistoryEvent {
    EventIndicator Indicator; HistoryEventType EventType; string AccountName; AccountType AccountType;
    string SystemName; DateTime? ClientDate; bool? IsScheduled;
    long? TotalFilesCount; long? TotalFilesSize; long? ErrorFilesCount; long? ErrorFilesSize;
    long? UploadedFilesCount; long? UploadedFilesSize; long? UnchangedFilesCount; long? UnchangedFilesSize;
    long? BackupDuration; string BackupSummary; EventBackupType EventBackupType; int EntityId;
}
class HistoryEventsResult : ResultFirst { HistoryEvent[] HistoryEventsData; int TotalRecords; }
read HistoryEventsResult GetHistoryEvents(EventsRequest request);

class MonitorEvent {
    EventIndicator Indicator; MonitorEventStatus Status; string Description; bool IsSystemNotification;
    string AccountName; AccountType AccountType; string SystemName; DateTime? ClientDate; bool? IsScheduled;
    long? TotalFilesCount; long? TotalFilesSize; long? ErrorFilesCount; long? ErrorFilesSize;
    long? UploadedFilesCount; long? UploadedFilesSize; long? UnchangedFilesCount; long? UnchangedFilesSize;
    long? BackupDuration; EventBackupType EventBackupType; int EntityId;
}
class MonitoringEventsResult : ResultFirst { MonitorEvent[] MonitorEventsData; int TotalRecords; }
read MonitoringEventsResult GetMonitoringEvents(EventsRequest request);

class RecoveryEventsFilter {
    int PageIndex; int PageSize;
    bool AccountNameFilterDefined; string AccountNameFilterValue;
    bool SystemNameFilterDefined; string SystemNameFilterValue;
    bool FromDateFilterDefined; DateTime FromDateFilterValue;
    bool ToDateFilterDefined; DateTime ToDateFilterValue;
}
class RecoveryEventsRequest { int EntityId; RecoveryEventsFilter Filter; }
class HistoryRecoveryEvent {
    string AccountName; string SystemName; int EntityId; DateTime ClientDate; string HistoryRecoveryEventType;
    string RecoveryId; long RecoveryDuration; string ClientVersion; string Summary;
}
class HistoryRecoveryEventsResult : ResultFirst { HistoryRecoveryEvent[] RecoveryEventsData; }
read HistoryRecoveryEventsResult GetHistoryRecoveryEvents(RecoveryEventsRequest request);
"""

_CLOUD = """
class GetCloudUsageRequest { int ForEntityId; int PageNumber; int PageSize; }
class CloudApplicationBackupUsageLine {
    string ICABAccountName; DateTime AccountDateCreated; int CompanyID; string CompanyName;
    DateTime? ConfiguredDate; DateTime? LastBackupDate; long? Accounts; long? StorageBytes;
    string Source; string Service;
}
class CloudUsageResult : ResultFirst {
    CloudApplicationBackupUsageLine[] UsageLines; int PageNumber; int NumberOfPages; int TotalCount;
}
read [GetCloudUsageResul] CloudUsageResult GetCloudUsage(GetCloudUsageRequest request);

class EnableBackupRequest { int ForEntityId; string Email; string Region; }
write ResultFirst EnableBackup(EnableBackupRequest request);
class DisableBackupRequest { int TargetEntityID; }
write ResultFirst DisableBackup(DisableBackupRequest request);
"""

_APPLIANCES = """
enum ApplianceType { Unknown, PremisePhysical, PremiseVirtual, PremiseVmWare, PremiseActiveActive, Cloud }

class GetEntityAppliancesRequest { int? EntityId; ApplianceType? ApplianceType; }
class StatusMessage { string SeverityLevel; string Message; }
class StatusInfo { string Status; string Name; string SeverityLevel; StatusMessage[] Messages; }
class ApplianceInfo {
    string Uuid; string ApplianceType; string ModelName; string Model; string ApplianceTypeTitle; string Name;
    StatusInfo StatusInfo; string UpTimeStr; long DeviceSpaceUsed; long DeviceSpaceTotal;
    long ProtectedReplicable; long Protected; int VmwareHostCount; bool HasRemoteAccess;
}
class ReplicationInfo {
    StatusInfo QueueStatus; long SpeedBytesPerSecond; long BytesRemaining; long SecondsRemaining;
}
class AppliancesPack { ApplianceInfo Primary; ApplianceInfo Secondary; ReplicationInfo ReplicationInfo; }
class EntityAppliancesResult { AppliancesPack[] AppliancesPacks; OperationResult Result; }
read EntityAppliancesResult GetEntityAppliances(GetEntityAppliancesRequest request);

class GetEntityApplianceBrowseInfoRequest { string Uuid; }
write ResultFirst GetEntityApplianceBrowseInfo(GetEntityApplianceBrowseInfoRequest request);
"""

_ACCOUNTS = """
read OperationResult GetAccountUsedSpace(string userName, out long usedSpaceInKB);

class ChangeAccountSizeRequest { string Username; int AccountSizeMB; bool SendEmailToCustomer; }
write ResultFirst ChangeAccountSize(ChangeAccountSizeRequest request);
class CancelAccountRequest { string Username; string Reason; }
write ResultFirst CancelAccount(CancelAccountRequest request);
class UncancelAccountRequest { string Username; string UncancelReason; bool SendEmailToCustomer; }
write ResultFirst UncancelAccount(UncancelAccountRequest request);
class SuspendAccountRequest { string Username; string Reason; }
write ResultFirst SuspendAccount(SuspendAccountRequest request);
"""

SERVICES: dict[str, Service] = {
    name: parse_service(name, _RESULT + source)
    for name, source in {
        "EntityManagementService": _ENTITIES,
        "PartnerManagementService": _PARTNERS,
        "CompanyManagementService": _COMPANIES,
        "LicenseManagementService": _LICENSES,
        "EntityMonitoringService": _MONITORING,
        "CloudApplicationBackupManagementService": _CLOUD,
        "AppliancesManagementService": _APPLIANCES,
        "AccountManagementService": _ACCOUNTS,
    }.items()
}
