"""The operations we read, the only ones that can be sent: none changes anything or returns a licence key."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.infrascale import fields
from connectors.stream import Field, Presence
from connectors.transport import wsdl

RESULT = "Result"


@dataclass(frozen=True)
class Read:
    """One operation that returns rows.

    Attributes:
        service: which of the vendor's services has it.
        operation: its name, also on the allow-list.
        fields: the columns of a row.
        total: `A|B`: names under which the number of rows of all pages may stand; empty for none.
        pages: the same for the number of pages.
        beside: further members the answer is known to have beside the rows.
        none: the code that says there is nothing to list; empty where the vendor's pages have none.
        spellings: what the vendor's pages call an element of the answer, where they contradict
            themselves.
        verbatim: text columns that keep a list within the row, as JSON.
    """

    service: str
    operation: str
    fields: tuple[Field, ...]
    total: str = ""
    pages: str = ""
    beside: frozenset[str] = frozenset()
    none: str = ""
    spellings: tuple[str, ...] = ()
    verbatim: frozenset[str] = frozenset()

    @property
    def members(self) -> tuple[str, ...]:
        """What the type of a row must have to be taken for one."""
        return tuple(field.source for field in self.fields if field.presence is not Presence.OPTIONAL)

    @property
    def known(self) -> frozenset[str]:
        """Everything the answer may have beside the rows."""
        return self.beside.union((RESULT,), self.total.split("|"), self.pages.split("|"))


HIERARCHY = Read("EntityManagementService", "GetEntityHierarchy", fields.ENTITIES)
# The vendor's prose says TotalRecords, its example AccountsTotal.
ACCOUNTS = Read(
    "EntityManagementService", "GetEntityAccounts", fields.ACCOUNTS, total="AccountsTotal|TotalRecords"
)
COMPANIES = Read("PartnerManagementService", "GetCompaniesSummary", fields.COMPANIES)
LICENSES = Read(
    "LicenseManagementService", "GetAssignedLicensesSummary", fields.LICENSES, none="NoLicensesFound"
)
CLOUD_USAGE = Read(
    "CloudApplicationBackupManagementService",
    "GetCloudUsage",
    fields.CLOUD_USAGE,
    pages="NumberOfPages",
    # TotalCount counts companies, with usage or without: it proves nothing about rows.
    beside=frozenset({"PageNumber", "TotalCount"}),
    spellings=("GetCloudUsageResult", "GetCloudUsageResul"),
)
HISTORY_EVENTS = Read(
    "EntityMonitoringService", "GetHistoryEvents", fields.HISTORY_EVENTS, total="TotalRecords"
)
USED_SPACE = Read("CompanyManagementService", "GetUsedSpaceForAllAccounts", fields.USED_SPACE)
APPLIANCES = Read(
    "AppliancesManagementService",
    "GetEntityAppliances",
    fields.APPLIANCES,
    verbatim=frozenset(f.column for f in fields.APPLIANCES if f.source.endswith("/Messages")),
)

READS = (HIERARCHY, ACCOUNTS, COMPANIES, LICENSES, CLOUD_USAGE, HISTORY_EVENTS, USED_SPACE, APPLIANCES)
ALLOWED = frozenset({read.operation for read in READS} | {wsdl.OPERATION})
