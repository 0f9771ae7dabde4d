"""What each read of the Infrascale stand-in tells, by requests written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from infrascale_support import NS, events_request, names_of, request, result_of
from lxml import etree

from connectors.sandbox.infrascale.dotnet import text_of
from connectors.sandbox.infrascale.events import as_version
from connectors.sandbox.infrascale_events import Event

ENTITIES, MONITORING = "EntityManagementService", "EntityMonitoringService"
CLOUD, COMPANIES = "CloudApplicationBackupManagementService", "CompanyManagementService"


def texts(answer, path):
    return [element.text for element in answer.findall("/".join(NS + name for name in path.split("/")))]


def accounts(vendor, entity_id=0, size=10_000, index=1):
    inner = request(TargetEntityID=entity_id, PageSize=size, PageIndex=index)
    return vendor.call(ENTITIES, "GetEntityAccounts", inner)


def history(vendor, entity_id=None, operation="GetHistoryEvents", **filters):
    own = vendor.day.root.entity_id if entity_id is None else entity_id
    return vendor.call(MONITORING, operation, events_request(own, **filters))


def test_zero_is_yourself(vendor):
    """Target 0 and the caller's own id are the same."""
    own = accounts(vendor, vendor.day.root.entity_id)
    assert etree.tostring(accounts(vendor)) == etree.tostring(own)


def test_an_inactive_or_foreign_entity_is_a_mismatch(vendor):
    """Result 53, without a payload."""
    closed = next(entity for entity in vendor.day.entities if not entity.is_active)
    for entity_id in (closed.entity_id, 1, 77):
        answer = accounts(vendor, entity_id)
        assert result_of(answer) == ("53", "ObjectEntityMismatch")
        assert names_of(answer) == ["Result", "AccountsTotal"]


@pytest.mark.parametrize(
    ("service", "operation", "inner"),
    [
        (COMPANIES, "GetUsedSpaceForAllAccounts", request(EntityId=0, ChildAccountsOnly="false")),
        (
            "LicenseManagementService",
            "GetAssignedLicensesSummary",
            request(EntityId=0, ChildAccountsOnly="true"),
        ),
        (MONITORING, "GetHistoryEvents", events_request(0)),
        (MONITORING, "GetMonitoringEvents", events_request(0)),
    ],
)
def test_zero_is_nobody_where_the_page_does_not_say_so(vendor, service, operation, inner):
    """Operations whose pages do not promise "0 for yourself" want an id."""
    assert result_of(vendor.call(service, operation, inner)) == ("53", "ObjectEntityMismatch")


@pytest.mark.parametrize(
    ("service", "operation", "inner"),
    [
        (ENTITIES, "GetEntityAccounts", request(TargetEntityID=0, PageSize=10_001, PageIndex=1)),
        (ENTITIES, "GetEntityAccounts", request(TargetEntityID=0, PageSize=0, PageIndex=1)),
        (ENTITIES, "GetEntityAccounts", request(TargetEntityID=0, PageSize=10, PageIndex=0)),
        (
            ENTITIES,
            "GetEntityDirectAccounts",
            request(TargetEntityID=0, IncludeInactive="true", PageSize=5_001, PageIndex=1),
        ),
        (MONITORING, "GetHistoryEvents", events_request(4_210, PageSize=5_001)),
        (MONITORING, "GetHistoryEvents", events_request(4_210, PageIndex=-1)),
        (CLOUD, "GetCloudUsage", request(ForEntityId=0, PageNumber=0, PageSize=10)),
        (CLOUD, "GetCloudUsage", request(ForEntityId=0, PageNumber=1, PageSize=0)),
    ],
)
def test_a_page_outside_the_limits_is_an_invalid_input(vendor, service, operation, inner):
    """Result 2, with a message and without rows."""
    answer = vendor.call(service, operation, inner)
    assert result_of(answer) == ("2", "InvalidInputParameters")
    assert answer.findtext(f"{NS}Result/{NS}Message").startswith("Err-")
    assert not {"Accounts", "HistoryEventsData", "UsageLines"} & set(names_of(answer))


def test_pages_of_accounts_join_to_the_whole_list_in_order(vendor):
    """Every page states the total; rows are in order of parent, entity and user name."""
    total = len(vendor.day.accounts)
    pages = [accounts(vendor, size=7, index=index) for index in range(1, -(-total // 7) + 1)]
    assert {answer.findtext(f"{NS}AccountsTotal") for answer in pages} == {str(total)}
    names = [name for answer in pages for name in texts(answer, "Accounts/AccountDevicesInfo/Username")]
    assert names == [account.username for account in vendor.day.accounts]
    keys = [(a.parent_id, a.entity_id, a.username) for a in vendor.day.accounts]
    assert keys == sorted(keys)


def test_past_the_last_page_is_an_empty_array_beside_the_total(vendor):
    """`<Accounts />` and the same total as ever."""
    answer = accounts(vendor, index=9)
    assert names_of(answer) == ["Result", "AccountsTotal", "Accounts"]
    assert len(answer.find(f"{NS}Accounts")) == 0
    assert answer.findtext(f"{NS}AccountsTotal") == str(len(vendor.day.accounts))


def test_a_subtree_holds_its_own_accounts_only(vendor):
    """A partner's accounts are its own and its companies'."""
    partner = next(e for e in vendor.day.entities if e.entity_type == "Partner" and e.is_active)
    expected = [a.username for a in vendor.day.accounts if partner.entity_id in (a.entity_id, a.parent_id)]
    assert expected
    assert texts(accounts(vendor, partner.entity_id), "Accounts/AccountDevicesInfo/Username") == expected


def test_null_strings_are_left_out_and_values_never(vendor):
    """An account without an email has no Email element; its other elements stand in order."""
    rows = accounts(vendor).findall(f"{NS}Accounts/{NS}AccountDevicesInfo")
    shapes = {account.username: names_of(row) for row, account in zip(rows, vendor.day.accounts, strict=True)}
    whole = ["ParentEntityID", "EntityID", "Username", "IsEntityAdmin", "SignupDate", "Email", "FullName"]
    whole += ["WindowsDevicesTotal", "AndroidDevicesTotal", "MacDevicesTotal", "UsedSpaceKB", "AccountSizeMB"]
    for account in vendor.day.accounts:
        strings = {"Email": account.email, "FullName": account.full_name}
        absent = {name for name, text in strings.items() if text is None}
        assert shapes[account.username] == [name for name in whole if name not in absent]
    assert any("FullName" not in shape for shape in shapes.values())


def test_figures_above_2_53_arrive_digit_by_digit(vendor):
    """The largest account's bytes do not fit a double, and are not rounded on the way."""
    largest = max(account.used_kb for account in vendor.day.accounts)
    assert largest * 1024 > 2**53
    assert str(largest) in texts(accounts(vendor), "Accounts/AccountDevicesInfo/UsedSpaceKB")


@pytest.mark.parametrize(
    ("value", "lexical"),
    [
        (datetime(2016, 5, 19, 12, 44, 31, 87_000), "2016-05-19T12:44:31.087"),
        (datetime(2014, 2, 5, 5, 18, 11, 800_000), "2014-02-05T05:18:11.8"),
        (datetime(2018, 7, 1), "2018-07-01T00:00:00"),
        (datetime(1, 1, 1), "0001-01-01T00:00:00"),
        (datetime(2019, 8, 1, 7, 25, 1, 403_560, UTC), "2019-08-01T07:25:01.4035601Z"),
        (True, "true"),
        ("Żółć & <Söhne>", "Żółć &amp; &lt;Söhne&gt;"),
    ],
)
def test_values_have_the_lexical_form_of_the_serializer(value, lexical):
    """Fractions have up to seven digits, times no offset unless they are UTC, and text is escaped."""
    assert text_of(value) == lexical


def test_the_hierarchy_hides_inactive_entities_unless_asked(vendor):
    """Inherited members stand first in a row; the root's parent is the vendor itself."""

    def ids(inactive):
        inner = request(TargetEntityID=0, IncludeInactive=inactive, ConnectwiseIntegratorEntityID=None)
        answer = vendor.call(ENTITIES, "GetEntityHierarchy", inner)
        row = answer.find(f"{NS}Entities/{NS}EntityInHierarchy")
        assert names_of(row)[:4] == ["EntityID", "EntityName", "IsActive", "DistributorEntityID"]
        assert row.findtext(f"{NS}ParentEntityID") == "1"
        return texts(answer, "Entities/EntityInHierarchy/EntityID")

    assert ids("true") == [str(e.entity_id) for e in vendor.day.entities]
    assert ids("false") == [str(e.entity_id) for e in vendor.day.entities if e.is_active]


def test_direct_accounts_show_cancelled_ones_on_request(vendor):
    """By user name; an account that is alive only in the middle of the month is inactive on the 4th."""
    visited = 10_000_007  # customer 1, whose second account comes and goes

    def names(inactive):
        inner = request(TargetEntityID=visited, IncludeInactive=inactive, PageSize=5_000, PageIndex=1)
        answer = vendor.call(ENTITIES, "GetEntityDirectAccounts", inner)
        found = texts(answer, "Accounts/EntityAccountInfo/Username")
        assert answer.findtext(f"{NS}AccountsTotal") == str(len(found))
        assert found == sorted(found)
        return found

    active = names("false")
    assert set(active) == {a.username for a in vendor.day.accounts if a.entity_id == visited}
    (gone,) = set(names("true")) - set(active)
    assert gone.endswith("1-1")


def test_cloud_pages_count_companies_with_and_without_services(vendor):
    """TotalCount is companies, a page holds all lines of its companies, and some pages hold none."""
    companies = sorted(e.entity_id for e in vendor.day.entities if e.company_id and e.is_active)
    found, per_page = [], []
    for number in range(1, len(companies) + 1):
        answer = vendor.call(CLOUD, "GetCloudUsage", request(ForEntityId=0, PageNumber=number, PageSize=1))
        assert answer.tag == f"{NS}GetCloudUsageResul"
        assert names_of(answer) == ["Result", "UsageLines", "PageNumber", "NumberOfPages", "TotalCount"]
        figures = [answer.findtext(NS + name) for name in names_of(answer)[2:]]
        assert figures == [str(number), str(len(companies)), str(len(companies))]
        lines = texts(answer, "UsageLines/CloudApplicationBackupUsageLine/CompanyID")
        assert set(lines) <= {str(companies[number - 1])}
        found += lines
        per_page.append(len(lines))
    assert found == [str(line.company_id) for line in vendor.day.cloud_lines]
    assert 0 in per_page
    assert max(per_page) > 1


def test_a_cloud_line_is_nil_where_it_has_no_figure(vendor):
    """Seats or bytes, never both; elements are there either way."""
    answer = vendor.call(CLOUD, "GetCloudUsage", request(ForEntityId=0, PageNumber=1, PageSize=1000))
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    for row, line in zip(answer.find(f"{NS}UsageLines"), vendor.day.cloud_lines, strict=True):
        for name, figure in (("Accounts", line.accounts), ("StorageBytes", line.storage_bytes)):
            element = row.find(NS + name)
            assert element.get(nil) == (None if figure is not None else "true")
            assert element.text == (None if figure is None else str(figure))


def test_licences_have_their_result_last(vendor):
    """GetAssignedLicensesSummary ends with the Result object; ChildAccountsOnly keeps to the entity's own."""
    root = vendor.day.root.entity_id
    whole = vendor.call(
        "LicenseManagementService",
        "GetAssignedLicensesSummary",
        request(EntityId=root, ChildAccountsOnly="false"),
    )
    assert names_of(whole) == ["UsersLicenses", "Result"]
    assert len(whole[0]) == len(vendor.day.licenses)
    own = vendor.call(
        "LicenseManagementService",
        "GetAssignedLicensesSummary",
        request(EntityId=root, ChildAccountsOnly="true"),
    )
    assert len(own[0]) == sum(held.entity_id == root for held in vendor.day.licenses)


def test_used_space_has_no_system_and_no_device(vendor):
    """The two members that belong to another operation are absent."""
    root = vendor.day.root.entity_id
    answer = vendor.call(
        COMPANIES, "GetUsedSpaceForAllAccounts", request(EntityId=root, ChildAccountsOnly="true")
    )
    assert texts(answer, "AccountsSpace/AccountSpace/Username") == [
        account.username for account in vendor.day.accounts if account.entity_id == root
    ]
    assert names_of(answer[1][0]) == ["Username", "UsedSpaceKB"]


def test_company_summaries_of_a_partner_are_its_companies(vendor):
    """Partner 0 is all companies; a partner's id narrows to those below it."""
    partner = vendor.day.company_summaries[0].partner_id or next(
        row.partner_id for row in vendor.day.company_summaries if row.partner_id
    )

    def companies(of):
        answer = vendor.call("PartnerManagementService", "GetCompaniesSummary", request(PartnerEntityId=of))
        return texts(answer, "CompaniesSummary/CompanySummaryInfo/CompanyEntityId")

    assert companies(0) == [str(row.company_id) for row in vendor.day.company_summaries]
    assert companies(partner) == [
        str(row.company_id) for row in vendor.day.company_summaries if row.partner_id == partner
    ]


def test_appliances_are_those_of_the_entity_itself(vendor):
    """An ancestor of the owner sees none; the copy and the replication come with the primary."""

    def packs(entity_id, kind=None):
        inner = request(EntityId=entity_id, ApplianceType=kind)
        answer = vendor.call("AppliancesManagementService", "GetEntityAppliances", inner)
        assert names_of(answer) == ["AppliancesPacks", "Result"]
        return answer[0]

    pack = next(pack for pack in vendor.day.appliances if pack.secondary)
    row = packs(pack.entity_id)[0]
    assert names_of(row) == ["Primary", "Secondary", "ReplicationInfo"]
    assert row.findtext(f"{NS}Primary/{NS}DeviceSpaceUsed") == str(pack.primary.space_used)
    assert len(packs(0)) == len(packs(None)) == 0
    assert len(packs(pack.entity_id, "Cloud")) == 0
    messages = row.find(f"{NS}ReplicationInfo/{NS}QueueStatus/{NS}Messages")
    assert messages is not None
    assert len(messages) == 0


def test_an_unknown_user_name_has_a_code_of_its_own(vendor):
    """GetAccountUsedSpace: the result is the Result object itself, the figure stands beside it."""
    response = vendor.post("AccountManagementService", "GetAccountUsedSpace", "<userName>nobody</userName>")
    answer = etree.fromstring(response.content).find(f".//{NS}GetAccountUsedSpaceResponse")
    assert names_of(answer) == ["GetAccountUsedSpaceResult", "usedSpaceInKB"]
    assert names_of(answer[0]) == ["Result", "Code", "Message"]
    assert (answer[0][0].text, answer[1].text) == ("502", "0")


def test_figures_change_at_noon(vendor):
    """Until noon after a day its closing figures are shown, then the next day's."""
    before = texts(accounts(vendor), "Accounts/AccountDevicesInfo/UsedSpaceKB")
    vendor.now = datetime(2026, 3, 5, 11, 59, tzinfo=UTC)
    assert texts(accounts(vendor), "Accounts/AccountDevicesInfo/UsedSpaceKB") == before
    vendor.now = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    after = [str(account.used_kb) for account in vendor.world.infrascale(vendor.now.date()).accounts]
    assert texts(accounts(vendor), "Accounts/AccountDevicesInfo/UsedSpaceKB") == after != before


def test_history_is_the_worlds_truth_once_it_has_happened(vendor):
    """A day later every event of the client date is there, newest first, repeated rows included."""
    vendor.now += timedelta(days=1)
    answer = history(vendor)
    rows = [
        (
            row.findtext(f"{NS}EntityId"),
            *(row.findtext(NS + n) for n in ("AccountName", "EventType", "ClientDate")),
        )
        for row in answer.find(f"{NS}HistoryEventsData")
    ]
    truth = [
        (e.account_id, e.resource_id, e.event_type, text_of(e.occurred_at))
        for e in vendor.world.truth_events(datetime(2026, 3, 4).date())
        if e.vendor == "infrascale"
    ]
    assert sorted(rows) == sorted(truth)
    assert answer.findtext(f"{NS}TotalRecords") == str(len(truth))
    dates = [row[3] for row in rows]
    assert dates == sorted(dates, reverse=True)


def test_what_has_not_happened_is_not_in_the_log(vendor):
    """Clients west of UTC reach their evening later: their events appear in the course of the next day."""
    during = int(history(vendor).findtext(f"{NS}TotalRecords"))
    vendor.now += timedelta(days=1)
    assert 0 < during < int(history(vendor).findtext(f"{NS}TotalRecords"))


def test_from_and_to_are_inclusive(vendor):
    """An event exactly at From, and one exactly at To, are in; a millisecond off they are not."""
    vendor.now += timedelta(days=1)
    dates = sorted(texts(history(vendor), "HistoryEventsData/HistoryEvent/ClientDate"))
    first = datetime.fromisoformat(dates[0])

    def count(since, until):
        answer = history(vendor, FromDateFilterValue=since.isoformat(), ToDateFilterValue=until.isoformat())
        return int(answer.findtext(f"{NS}TotalRecords"))

    off = timedelta(milliseconds=1)
    assert count(first, first) == dates.count(dates[0])
    assert count(first + off, first + off) == count(first - off, first - off) == 0


def test_events_are_paged_and_page_0_is_page_1(vendor):
    """Pages of the log join to the whole; index 0 is read as 1."""
    total = int(history(vendor).findtext(f"{NS}TotalRecords"))
    pages = [history(vendor, PageSize=20, PageIndex=index) for index in range(1, -(-total // 20) + 1)]
    assert sum(len(answer.find(f"{NS}HistoryEventsData")) for answer in pages) == total
    assert etree.tostring(history(vendor, PageSize=20, PageIndex=0)) == etree.tostring(pages[0])


def test_the_account_type_filter_is_inverted(vendor):
    """ "Is not defined" false filters to the type that is sent; there are backup accounts only here."""
    everything = history(vendor).findtext(f"{NS}TotalRecords")
    off, user = {"AccountTypeFilterIsNotDefined": "false"}, {"AccountTypeFilterValue": "ApplicationUser"}
    assert history(vendor, **user).findtext(f"{NS}TotalRecords") == everything
    assert history(vendor, **off).findtext(f"{NS}TotalRecords") == everything
    assert history(vendor, **off, **user).findtext(f"{NS}TotalRecords") == "0"


def test_name_filters_take_accounts_exactly_and_systems_in_any_case(vendor):
    """SystemName matches without regard to case, AccountName does not."""
    row = history(vendor).find(f"{NS}HistoryEventsData/{NS}HistoryEvent")
    account, system = row.findtext(f"{NS}AccountName"), row.findtext(f"{NS}SystemName")

    def count(**filters):
        return int(history(vendor, **filters).findtext(f"{NS}TotalRecords"))

    by_name = count(AccountNameFilterDefined="true", AccountNameFilterValue=account)
    assert by_name == count(SystemNameFilterDefined="true", SystemNameFilterValue=system.lower()) > 0
    assert count(AccountNameFilterDefined="true", AccountNameFilterValue=account.upper()) == 0


@pytest.mark.parametrize(
    ("name", "value", "member"),
    [
        ("EventTypeFilter", "BackupCompleted", "EventType"),
        ("IndicatorFilter", "Warning", "Indicator"),
        ("EventBackupTypeFilter", "MSSQL", "EventBackupType"),
    ],
)
def test_value_filters_narrow_to_one_value(vendor, name, value, member):
    """Event type, indicator and kind of backup; a value counts only when it is said to be defined."""
    everything = history(vendor).findtext(f"{NS}TotalRecords")
    assert history(vendor, **{f"{name}Value": value}).findtext(f"{NS}TotalRecords") == everything
    answer = history(vendor, **{f"{name}Defined": "true", f"{name}Value": value})
    assert set(texts(answer, f"HistoryEventsData/HistoryEvent/{member}")) == {value}


@pytest.mark.parametrize("version", [None, 0, 4, -1])
def test_a_version_that_does_not_exist_is_the_oldest(vendor, version):
    """No version, 0, negative and above 3: newer kinds of events are removed."""
    kinds = set(texts(history(vendor, Version=version), "HistoryEventsData/HistoryEvent/EventType"))
    assert kinds == {"BackupStarted", "BackupCompleted", "NoBackupEvent1"}


def test_versions_2_and_3_add_their_kinds(vendor):
    """Version 2 tells of quotas, 3 of replication as well."""
    kinds = [
        set(texts(history(vendor, Version=v), "HistoryEventsData/HistoryEvent/EventType")) for v in (1, 2, 3)
    ]
    assert kinds[1] - kinds[0] == {"OverQuotaWarning"}
    assert kinds[2] - kinds[1] == {"ReplicationCompleted"}


def event(event_type, backup_type="Online", account_type="BackupAccount"):
    moment = datetime(2026, 3, 4)
    return Event("Ok", event_type, "a", account_type, "PC", moment, *(None,) * 10, backup_type, 1, moment)


def test_versions_rewrite_or_remove_what_a_consumer_does_not_know():
    """BackupConfigured becomes BackupCompleted below 1; cloud kinds vanish below 2, checks below 3."""
    log = [
        event("BackupConfigured"),
        event("BackupCompleted", "IcabOneDrive"),
        event("BackupCompleted", "Online", "IcabEmail"),
        event("TooLongBackup"),
        event("BackupCheckFailed"),
    ]
    assert [e.event_type for e in as_version(log, None)] == ["BackupCompleted"]
    assert [e.event_type for e in as_version(log, 1)] == ["BackupConfigured"]
    assert [e.event_type for e in as_version(log, 2)] == [e.event_type for e in log[:4]]
    assert list(as_version(log, 3)) == log


def test_nullable_figures_are_nil_and_the_summary_is_text(vendor):
    """A start has no sizes, and says so with xsi:nil; only a quota event has a summary."""
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    rows = history(vendor).findall(f"{NS}HistoryEventsData/{NS}HistoryEvent")
    start = next(row for row in rows if row.findtext(f"{NS}EventType") == "BackupStarted")
    assert start.find(f"{NS}UploadedFilesSize").get(nil) == "true"
    with_summary = {
        row.findtext(f"{NS}EventType") for row in rows if row.find(f"{NS}BackupSummary") is not None
    }
    assert with_summary == {"OverQuotaWarning"}


def test_monitoring_tells_the_latest_state_of_each_account(vendor):
    """One row per account, system and kind; the status filter narrows here."""
    everything = history(vendor, operation="GetMonitoringEvents")
    rows = everything.findall(f"{NS}MonitorEventsData/{NS}MonitorEvent")
    keys = [
        tuple(row.findtext(NS + n) for n in ("AccountName", "SystemName", "EventBackupType")) for row in rows
    ]
    assert len(keys) == len(set(keys)) == int(everything.findtext(f"{NS}TotalRecords")) > 0
    failed = history(
        vendor, operation="GetMonitoringEvents", StatusFilterDefined="true", StatusFilterValue="Completed"
    )
    assert set(texts(failed, "MonitorEventsData/MonitorEvent/Status")) == {"Completed"}
