"""The WSDLs of the Infrascale stand-in, by themselves and through plain zeep."""

from __future__ import annotations

from collections import Counter

import pytest
import zeep
from infrascale_support import PASSWORD, USER, running
from lxml import etree

from connectors.sandbox.infrascale.services import SERVICES
from connectors.sandbox.world import World

W = "{http://schemas.xmlsoap.org/wsdl/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
HEADERS = {"AuthHeader": {"UserName": USER, "Password": PASSWORD}}


@pytest.fixture(scope="module")
def vendor():
    with running(World(customers=40)) as vendor:
        yield vendor


@pytest.fixture(scope="module")
def proxy(vendor):
    clients = {}

    def proxy(service):
        if service not in clients:
            clients[service] = zeep.Client(f"{vendor.base}/{service}.asmx?WSDL")
        return clients[service].service

    return proxy


def wsdl(vendor, service, query="WSDL"):
    response = vendor.http.get(f"{vendor.base}/{service}.asmx?{query}")
    assert response.headers["content-type"].startswith("text/xml")
    return etree.fromstring(response.content)


def element(root, type_name, member):
    path = f".//{XS}complexType[@name='{type_name}']//{XS}element[@name='{member}']"
    return dict(root.find(path).attrib)


@pytest.mark.parametrize("query", ["WSDL", "wsdl", "Wsdl"])
def test_the_wsdl_is_served_in_any_case(vendor, query):
    """`?WSDL`, `?wsdl` and `?Wsdl` all give the same service."""
    root = wsdl(vendor, "EntityManagementService", query)
    assert root.find(f"{W}service").get("name") == "EntityManagementService"


def test_without_the_query_there_is_a_help_page(vendor):
    """A plain GET shows people the operations, as HTML."""
    response = vendor.http.get(f"{vendor.base}/CompanyManagementService.asmx")
    assert response.headers["content-type"].startswith("text/html")
    assert "GetUsedSpaceForAllAccounts" in response.text


def test_an_unknown_service_is_not_found(vendor):
    """There are eight services and no other."""
    assert len(SERVICES) == 8
    assert vendor.http.get(f"{vendor.base}/BackupPolicyManagementService.asmx?WSDL").status_code == 404


def test_the_address_is_http_whatever_the_client_used(vendor):
    """soap:address names the request's host and path with http, port by port."""
    root = wsdl(vendor, "LicenseManagementService")
    ports = root.findall(f"{W}service/{W}port")
    assert [port.get("name") for port in ports] == [
        "LicenseManagementServiceSoap",
        "LicenseManagementServiceSoap12",
    ]
    assert [port[0].get("location") for port in ports] == [f"{vendor.base}/LicenseManagementService.asmx"] * 2


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_declares_the_auth_header(vendor, service):
    """Both bindings of every operation carry AuthHeader and a quoted-to-be action in the namespace."""
    bindings = wsdl(vendor, service).findall(f"{W}binding")
    assert len(bindings) == 2
    for binding in bindings:
        operations = {operation.get("name"): operation for operation in binding.findall(f"{W}operation")}
        assert operations.keys() == SERVICES[service].operations.keys()
        for name, operation in operations.items():
            assert operation[0].get("soapAction") == f"sosonlinebackup.com/{name}"
            assert [child.get("part") for child in operation.find(f"{W}input")] == [None, "AuthHeader"]


@pytest.mark.parametrize(
    ("type_name", "member", "expected"),
    [
        ("HistoryEvent", "AccountName", {"minOccurs": "0", "type": "s:string"}),
        ("HistoryEvent", "EntityId", {"minOccurs": "1", "type": "s:int"}),
        ("HistoryEvent", "Indicator", {"minOccurs": "1", "type": "tns:EventIndicator"}),
        ("HistoryEvent", "TotalFilesSize", {"minOccurs": "1", "nillable": "true", "type": "s:long"}),
        ("HistoryEvent", "ClientDate", {"minOccurs": "1", "nillable": "true", "type": "s:dateTime"}),
        ("EventsRequest", "Filter", {"minOccurs": "0", "type": "tns:EventsFilter"}),
        ("HistoryEventsResult", "HistoryEventsData", {"minOccurs": "0", "type": "tns:ArrayOfHistoryEvent"}),
    ],
)
def test_occurrence_follows_the_serializer(vendor, type_name, member, expected):
    """References may be absent, values may not, and Nullable values are there and nil."""
    root = wsdl(vendor, "EntityMonitoringService")
    found = element(root, type_name, member)
    assert found == {"name": member, "maxOccurs": "1", **expected}


def test_array_items_may_be_many_and_nil(vendor):
    """An array type holds any number of items, each of which may be nil."""
    root = wsdl(vendor, "EntityManagementService")
    assert element(root, "ArrayOfAccountDevicesInfo", "AccountDevicesInfo") == {
        "name": "AccountDevicesInfo",
        "minOccurs": "0",
        "maxOccurs": "unbounded",
        "nillable": "true",
        "type": "tns:AccountDevicesInfo",
    }


def test_names_that_no_page_shows_are_in_the_wsdl_only(vendor):
    """A client that guesses these, or copies the examples, does not find them."""
    entities = wsdl(vendor, "EntityManagementService")
    assert element(entities, "EntityDirectAccountsResult", "AccountsTotal")["type"] == "s:int"
    assert element(entities, "ArrayOfEntityAccountInfo", "EntityAccountInfo")
    partners = wsdl(vendor, "PartnerManagementService")
    assert (
        element(partners, "CompaniesSummaryResult", "CompaniesSummary")["type"]
        == "tns:ArrayOfCompanySummaryInfo"
    )
    cloud = wsdl(vendor, "CloudApplicationBackupManagementService")
    assert element(cloud, "GetCloudUsageRequest", "ForEntityId")["type"] == "s:int"
    response = cloud.find(f".//{XS}element[@name='GetCloudUsageResponse']")
    assert response.find(f".//{XS}sequence/{XS}element").get("name") == "GetCloudUsageResul"


def test_writes_are_described_and_marked_as_such(vendor):
    """The WSDL offers what the sandbox will refuse, so that a refusal can be tried."""
    described = {
        operation.get("name")
        for operation in wsdl(vendor, "AccountManagementService").findall(f"{W}portType/{W}operation")
    }
    writes = {o.name for o in SERVICES["AccountManagementService"].operations.values() if not o.reads}
    assert {"CancelAccount", "ChangeAccountSize"} <= writes <= described


def read_everything(proxy, day):
    """Every read once, through plain zeep, as (product, account, resource, meter, quantity) readings."""
    root = day.root.entity_id
    accounts = proxy("EntityManagementService").GetEntityAccounts(
        request={"TargetEntityID": 0, "PageSize": 10_000, "PageIndex": 1}, _soapheaders=HEADERS
    )
    assert accounts.AccountsTotal == len(accounts.Accounts.AccountDevicesInfo)
    owners = {}
    for row in accounts.Accounts.AccountDevicesInfo:
        owners[row.Username] = row.EntityID
        for meter, quantity in (
            ("used_bytes", row.UsedSpaceKB * 1024),
            ("quota_bytes", row.AccountSizeMB * 1024**2),
            ("windows_devices", row.WindowsDevicesTotal),
            ("mac_devices", row.MacDevicesTotal),
            ("android_devices", row.AndroidDevicesTotal),
        ):
            yield "backup", row.EntityID, row.Username, meter, quantity
    licenses = proxy("LicenseManagementService").GetAssignedLicensesSummary(
        request={"EntityId": root, "ChildAccountsOnly": False}, _soapheaders=HEADERS
    )
    held = Counter((row.Username, row.LicenseType) for row in licenses.UsersLicenses.UserLicenseSummary)
    for (username, kind), number in held.items():
        yield kind, owners.get(username, root), username, "licenses", number
    cloud = proxy("CloudApplicationBackupManagementService").GetCloudUsage(
        request={"ForEntityId": 0, "PageNumber": 1, "PageSize": 1000}, _soapheaders=HEADERS
    )
    for line in cloud.UsageLines.CloudApplicationBackupUsageLine:
        code = line.Source if "(" in line.Service else line.Service
        for meter, quantity in (("cloud_accounts", line.Accounts), ("cloud_bytes", line.StorageBytes)):
            if quantity is not None:
                yield code.upper(), line.CompanyID, line.ICABAccountName, meter, quantity
    for entity in day.entities:
        if entity.is_active:
            answer = proxy("AppliancesManagementService").GetEntityAppliances(
                request={"EntityId": entity.entity_id, "ApplianceType": None}, _soapheaders=HEADERS
            )
            for pack in answer.AppliancesPacks.AppliancesPack if answer.AppliancesPacks else []:
                box = pack.Primary
                yield "appliance", entity.entity_id, box.Uuid, "used_bytes", box.DeviceSpaceUsed


def test_readings_through_zeep_are_the_worlds_truth(vendor, proxy):
    """Accounts, licences, cloud services and appliances add up to what the world says."""
    read = Counter(
        (product, str(account), resource, meter, quantity)
        for product, account, resource, meter, quantity in read_everything(proxy, vendor.day)
    )
    truth = Counter(
        (r.product, r.account_id, r.resource_id, r.meter, r.quantity)
        for r in vendor.world.truth(vendor.world.day_at(vendor.now))
        if r.vendor == "infrascale"
    )
    assert read == truth


def test_entities_through_zeep_are_the_worlds_truth(vendor, proxy):
    """The hierarchy with inactive entities is the list of vendor accounts."""
    answer = proxy("EntityManagementService").GetEntityHierarchy(
        request={"TargetEntityID": 0, "IncludeInactive": True, "ConnectwiseIntegratorEntityID": None},
        _soapheaders=HEADERS,
    )
    read = {
        (str(row.EntityID), str(row.ParentEntityID), row.EntityName, row.EntityType, row.IsActive)
        for row in answer.Entities.EntityInHierarchy
    }
    truth = {
        (a.account_id, a.parent_account_id, a.name, a.account_type, a.is_active)
        for a in vendor.world.truth_accounts(vendor.world.day_at(vendor.now))
        if a.vendor == "infrascale"
    }
    assert read == truth


def test_second_sources_through_zeep_agree_with_the_accounts(vendor, proxy):
    """Used space per account and per company, and one account by name, are the same figures."""
    day = vendor.day
    spaces = proxy("CompanyManagementService").GetUsedSpaceForAllAccounts(
        request={"EntityId": day.root.entity_id, "ChildAccountsOnly": False}, _soapheaders=HEADERS
    )
    used = {row.Username: row.UsedSpaceKB for row in spaces.AccountsSpace.AccountSpace}
    assert used == {account.username: account.used_kb for account in day.accounts}
    summary = proxy("PartnerManagementService").GetCompaniesSummary(
        request={"PartnerEntityId": 0}, _soapheaders=HEADERS
    )
    assert [
        (row.CompanyEntityId, row.CompanyName, row.UsedSpaceKB, row.NumberOfAccounts)
        for row in summary.CompaniesSummary.CompanySummaryInfo
    ] == [(row.company_id, row.name, row.used_kb, row.accounts) for row in day.company_summaries]
    first = day.accounts[0]
    one = proxy("AccountManagementService").GetAccountUsedSpace(userName=first.username, _soapheaders=HEADERS)
    assert (one.GetAccountUsedSpaceResult.Result, one.usedSpaceInKB) == (0, first.used_kb)
    own = proxy("PartnerManagementService").GetPartnerDetailsByApplicationUser(
        request={}, _soapheaders=HEADERS
    )
    assert (own.PartnerEntityId, own.PartnerName) == (day.root.entity_id, day.root.name)


def test_the_other_reads_answer_zeep(vendor, proxy):
    """Events, states, recoveries and direct accounts come through their WSDL too."""
    root = vendor.day.root.entity_id
    dates = {"FromDateFilterDefined": False, "FromDateFilterValue": vendor.now}
    dates |= {"ToDateFilterDefined": False, "ToDateFilterValue": vendor.now}
    names = {"AccountNameFilterDefined": False, "SystemNameFilterDefined": False}
    values = {
        "IndicatorFilterDefined": False,
        "IndicatorFilterValue": "Ok",
        "StatusFilterDefined": False,
        "StatusFilterValue": "Uploading",
        "EventTypeFilterDefined": False,
        "EventTypeFilterValue": "BackupStarted",
        "EventBackupTypeFilterDefined": False,
        "EventBackupTypeFilterValue": "Online",
        "AccountTypeFilterIsNotDefined": True,
        "AccountTypeFilterValue": "BackupAccount",
        "Version": 3,
    }
    page = {"PageIndex": 1, "PageSize": 5}
    monitoring = proxy("EntityMonitoringService")
    everything = {"EntityId": root, "Filter": {**page, **names, **dates, **values}}
    history = monitoring.GetHistoryEvents(request=everything, _soapheaders=HEADERS)
    assert len(history.HistoryEventsData.HistoryEvent) == 5 < history.TotalRecords
    states = monitoring.GetMonitoringEvents(request=everything, _soapheaders=HEADERS)
    assert {row.Status for row in states.MonitorEventsData.MonitorEvent} <= {
        "Completed",
        "Failed",
        "Uploading",
    }
    recoveries = monitoring.GetHistoryRecoveryEvents(
        request={"EntityId": root, "Filter": {**page, **names, **dates}}, _soapheaders=HEADERS
    )
    assert recoveries.Result.Result == 0
    assert {r.AccountName for r in recoveries.RecoveryEventsData.HistoryRecoveryEvent} <= {
        account.username for account in vendor.day.accounts
    }
    direct = proxy("EntityManagementService").GetEntityDirectAccounts(
        request={"TargetEntityID": 0, "IncludeInactive": False, **page}, _soapheaders=HEADERS
    )
    assert direct.AccountsTotal == sum(account.entity_id == root for account in vendor.day.accounts)
