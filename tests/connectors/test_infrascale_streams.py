"""The eight streams: what each asks for, how it walks the pages, and what its rows are."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from infrascale_stub import Asked, Stub, bundled_wsdls, client, fixture, result, serve

from connectors.errors import ContractBroken, IncompletePull, OutOfScope
from connectors.infrascale import VENDOR, fetch
from connectors.infrascale.client import InfrascaleClient
from connectors.stream import AsOf, Evidence, Exchange, Role, UsageDay

DAY = UsageDay(date(2026, 11, 1), ZoneInfo("Europe/Berlin"))
HIERARCHY = fixture("GetEntityHierarchy", "distributor")


@pytest.fixture
def stub():
    with serve() as stub:
        stub.answers["GetEntityHierarchy"] = HIERARCHY
        yield stub


@pytest.fixture
def open_client(stub, tmp_path):
    with client(stub, tmp_path) as opened:
        yield opened


def pull(
    open_client: InfrascaleClient, name: str
) -> tuple[list[dict[str, object]], Evidence, list[Exchange]]:
    """All rows of one pull, what it amounts to, and its exchanges; completeness is not judged."""
    stream = VENDOR.stream(name)
    rows, again, evidence = [], [], Evidence()
    exchanges = list(stream.fetch(open_client, DAY))
    for exchange in exchanges:
        if exchange.role is Role.REJECTED:
            continue
        page = stream.parse(exchange)
        assert page.rows.schema == stream.schema
        if exchange.role is Role.SECOND_LOOK:
            again += page.rows.to_pylist()
            continue
        rows += page.rows.to_pylist()
        evidence.pages += exchange.role is Role.ROWS
        evidence.quarantined += len(page.quarantined)
        evidence.unknown_fields |= page.unknown_fields
        for claims, claim in (
            (evidence.totals, page.vendor_total),
            (evidence.page_counts, page.vendor_pages),
        ):
            if claim is not None and claim not in claims:
                claims.append(claim)
    evidence.rows = len(rows)
    if Role.SECOND_LOOK in {exchange.role for exchange in exchanges}:
        evidence.second_look = rows == again
    return rows, evidence, exchanges


def test_entities_are_the_whole_tree(stub, open_client):
    """Inactive entities are asked for too; each has its parent and its level."""
    rows, evidence, _ = pull(open_client, "entities")
    assert stub.reads()[0].members["IncludeInactive"] == "true"
    assert [(row["entity_id"], row["parent_entity_id"], row["is_active"]) for row in rows] == [
        (700, 1, True),
        (710, 700, True),
        (711, 710, True),
        (712, 710, False),
        (720, 700, True),
    ]
    assert rows[1]["entity_name"] == "Quay IT & Sons"
    assert rows[2]["connectwise_company_id"] == "CW-711"
    assert evidence.unknown_fields == set()


def test_entities_without_their_root_are_incomplete(stub, open_client):
    """The root row is part of the answer; without it, or with two, the tree is not whole."""
    stub.answers["GetEntityHierarchy"] = fixture("GetEntityHierarchy", "without_root")
    with pytest.raises(IncompletePull, match="2 roots instead of one"):
        pull(open_client, "entities")
    stub.answers["GetEntityHierarchy"] = re.sub(rb"(?s)<Entities>.*</Entities>", b"", HIERARCHY)
    with pytest.raises(IncompletePull, match="0 roots"):
        pull(open_client, "entities")


def test_entities_start_with_the_entity_asked_for(stub, tmp_path):
    """Another entity's tree is not taken for ours."""
    with client(stub, tmp_path, entity_id=710) as opened, pytest.raises(IncompletePull, match="entity 710"):
        pull(opened, "entities")


def test_a_quarantined_parent_does_not_make_a_second_root(stub, open_client):
    """One bad row is set aside; the rest of the tree is taken."""
    stub.answers["GetEntityHierarchy"] = HIERARCHY.replace(b"<EntityID>710<", b"<EntityID>710.0<")
    rows, evidence, _ = pull(open_client, "entities")
    assert (len(rows), evidence.quarantined) == (4, 1)


def test_accounts_have_space_quota_and_devices(stub, open_client):
    """Figures above 2^31, an unset date, absent and escaped texts, a real zero."""
    stub.answers["GetEntityAccounts"] = fixture("GetEntityAccounts", "three")
    rows, evidence, _ = pull(open_client, "accounts")
    assert evidence.totals == [3]
    VENDOR.stream("accounts").prove(evidence)
    assert rows[0]["signup_date"] == datetime(2021, 3, 4, 8, 15, 8, 800000)
    assert (rows[1]["email"], rows[1]["used_space_kb"]) == (None, 0)
    assert rows[2] == {
        "parent_entity_id": 700,
        "entity_id": 720,
        "username": "boss",
        "is_entity_admin": True,
        "signup_date": None,
        "email": "boss@harbour.example",
        "full_name": "O'Neill <boss>",
        "windows_devices_total": 0,
        "android_devices_total": 1,
        "mac_devices_total": 0,
        "used_space_kb": 11475078873088,
        "account_size_mb": 206848,
        "extra": None,
    }


def test_an_empty_list_beside_a_total_is_not_zero(stub, open_client):
    """828 accounts, none of them in the answer: the pull is incomplete."""
    payload = "<AccountsTotal>828</AccountsTotal><Accounts />"
    stub.answers["GetEntityAccounts"] = result("GetEntityAccounts", 0, "Success", payload)
    rows, evidence, _ = pull(open_client, "accounts")
    assert rows == []
    with pytest.raises(IncompletePull, match="total is 828, 0 rows"):
        VENDOR.stream("accounts").prove(evidence)


def test_a_missing_total_breaks_the_contract(stub, open_client):
    """Without the total nobody knows how many pages there are."""
    answer = fixture("GetEntityAccounts", "three")
    stub.answers["GetEntityAccounts"] = answer.replace(b"<AccountsTotal>3</AccountsTotal>", b"")
    with pytest.raises(ContractBroken, match=r"states no number at .*AccountsTotal"):
        pull(open_client, "accounts")


def test_the_total_may_bear_its_other_name(stub, open_client):
    """The vendor's prose says TotalRecords, its example AccountsTotal: the WSDL decides."""
    wsdl = "EntityManagementService.asmx?WSDL"
    stub.wsdls[wsdl] = bundled_wsdls()[wsdl].replace(b"AccountsTotal", b"TotalRecords")
    answer = fixture("GetEntityAccounts", "three").replace(b"AccountsTotal", b"TotalRecords")
    stub.answers["GetEntityAccounts"] = answer
    assert pull(open_client, "accounts")[1].totals == [3]


def paged(stub: Stub, operation: str, member: str, total: int, size: int) -> None:
    """Serve `total` copies of the fixture's first row in pages of `size`, distinct by username."""
    whole = fixture(operation, "three")
    row = re.search(rb"<AccountDevicesInfo>.*?</AccountDevicesInfo>", whole)[0]
    username = re.search(rb"<Username>.*?</Username>", row)[0]

    def answer(asked: Asked) -> bytes:
        first = (int(asked.members[member]) - 1) * size
        rows = b"".join(
            row.replace(username, b"<Username>u%d</Username>" % number)
            for number in range(first, min(first + size, total))
        )
        page = re.sub(rb"(?s)<Accounts>.*</Accounts>", b"<Accounts>" + rows + b"</Accounts>", whole)
        return page.replace(b"<AccountsTotal>3<", b"<AccountsTotal>%d<" % total)

    stub.answers[operation] = answer


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (4, 1), (5, 2), (41, 11)])
def test_pages_are_walked_to_the_total(stub, open_client, monkeypatch, total, pages):
    """Pages from 1 to as many as the total fills, each asked for once, in order."""
    monkeypatch.setattr(fetch, "ACCOUNTS_PAGE", 4)
    paged(stub, "GetEntityAccounts", "PageIndex", total, 4)
    rows, evidence, _ = pull(open_client, "accounts")
    asked = sorted(int(one.members["PageIndex"]) for one in stub.reads("GetEntityAccounts"))
    assert asked == list(range(1, pages + 1))
    assert {one.members["PageSize"] for one in stub.reads("GetEntityAccounts")} == {"4"}
    assert [row["username"] for row in rows] == [f"u{number}" for number in range(total)]
    VENDOR.stream("accounts").prove(evidence)


def test_companies_and_used_space_are_one_answer(stub, open_client):
    """The caller's own companies; every descendant's space, asked by the root's real id."""
    stub.answers |= {
        "GetCompaniesSummary": fixture("GetCompaniesSummary", "two"),
        "GetUsedSpaceForAllAccounts": fixture("GetUsedSpaceForAllAccounts", "three"),
        "GetEntityAccounts": fixture("GetEntityAccounts", "three"),
    }
    companies, _, _ = pull(open_client, "companies")
    assert [(row["company_entity_id"], row["disk_quota_gb"]) for row in companies] == [
        (711, 500),
        (720, 1000),
    ]
    space, evidence, exchanges = pull(open_client, "used_space")
    VENDOR.stream("used_space").prove(evidence)
    assert [row["used_space_kb"] for row in space] == [20314121, 0, 11475078873088]
    asked = stub.reads("GetUsedSpaceForAllAccounts")[0].members
    assert (asked["EntityId"], asked["ChildAccountsOnly"]) == ("700", "false")
    assert [exchange.role for exchange in exchanges] == [Role.CONTROL, Role.ROWS, Role.CONTROL]


def test_the_hierarchy_is_asked_once_for_all_streams(stub, open_client):
    """Operations that do not know 0 as `yourself` share one look at who we are, two answers that agree."""
    stub.answers["GetUsedSpaceForAllAccounts"] = fixture("GetUsedSpaceForAllAccounts", "three")
    stub.answers["GetEntityAccounts"] = fixture("GetEntityAccounts", "three")
    stub.answers["GetAssignedLicensesSummary"] = fixture("GetAssignedLicensesSummary", "three")
    pull(open_client, "used_space")
    pull(open_client, "licenses")
    assert len(stub.reads("GetEntityHierarchy")) == 2


def test_a_configured_entity_needs_no_hierarchy(stub, tmp_path):
    """The id in the settings is the one asked for."""
    stub.answers["GetAssignedLicensesSummary"] = fixture("GetAssignedLicensesSummary", "three")
    with client(stub, tmp_path, entity_id=710) as opened:
        rows, _, _ = pull(opened, "licenses")
    assert [one.members["EntityId"] for one in stub.reads()] == ["710", "710"]
    assert [(row["username"], row["license_type"]) for row in rows] == [
        ("boss", "SqlBackup"),
        ("boss", "SqlBackup"),
        ("till@bakery-lund.example", "KrollExchangeRecovery"),
    ]


@pytest.mark.parametrize("case", ["swapped", "short_name"])
def test_cloud_usage_is_read_under_both_names_of_its_result(stub, open_client, case):
    """The vendor's example writes GetCloudUsageResul; seats or bytes, or neither, per line."""
    stub.answers["GetCloudUsage"] = fixture("GetCloudUsage", case)
    rows, evidence, _ = pull(open_client, "cloud_usage")
    assert [(row["accounts"], row["storage_bytes"]) for row in rows] == [
        (40, None),
        (None, 3715401905),
        (None, None),
    ]
    assert rows[1]["service"] == "ONEDRIVE"
    assert (evidence.totals, evidence.page_counts) == ([], [1])
    VENDOR.stream("cloud_usage").prove(evidence)


def test_cloud_usage_is_paged_by_the_number_of_pages(stub, open_client):
    """TotalCount counts companies and proves nothing; NumberOfPages drives; the pages are walked twice."""
    page = fixture("GetCloudUsage", "swapped").replace(b"<NumberOfPages>1<", b"<NumberOfPages>3<")
    stub.answers["GetCloudUsage"] = page
    _, evidence, _ = pull(open_client, "cloud_usage")
    assert sorted(one.members["PageNumber"] for one in stub.reads()) == ["1", "1", "2", "2", "3", "3"]
    VENDOR.stream("cloud_usage").prove(evidence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"page_counts": [3, 4]}, "not one number"),
        ({"pages": 2}, "2 of 3 pages"),
        ({"second_look": False}, "two walks"),
        ({"second_look": None}, "read only once"),
        ({"repeated": 1}, "1 lines stand on two pages"),
        ({"rows": 0}, "3 pages of companies came without a single line"),
    ],
)
def test_cloud_usage_that_does_not_add_up_is_incomplete(changes, sentence):
    """Pages that change, shift, overlap or are all empty are never taken for the whole."""
    whole = {"pages": 3, "rows": 9, "page_counts": [3], "second_look": True}
    VENDOR.stream("cloud_usage").prove(Evidence(**whole))
    with pytest.raises(IncompletePull, match=sentence):
        VENDOR.stream("cloud_usage").prove(Evidence(**whole | changes))


def test_licences_are_asked_for_twice(stub, open_client):
    """They have neither total nor key: only a second answer shows that the first was whole."""
    whole = fixture("GetAssignedLicensesSummary", "three")
    empty = re.sub(rb"(?s)<UsersLicenses>.*</UsersLicenses>", b"", whole)
    answers = iter([whole, whole, empty, whole])
    stub.answers["GetAssignedLicensesSummary"] = lambda _: next(answers)
    VENDOR.stream("licenses").prove(pull(open_client, "licenses")[1])
    with pytest.raises(IncompletePull, match="different rows"):
        VENDOR.stream("licenses").prove(pull(open_client, "licenses")[1])


@pytest.mark.parametrize("overlap", [False, True])
def test_events_are_walked_again_where_pages_seem_to_overlap(stub, open_client, monkeypatch, overlap):
    """Events have no key: an event that ends one page and stands in the next asks for a second walk."""
    monkeypatch.setattr(fetch, "EVENTS_PAGE", 4)
    first = fixture("GetHistoryEvents", "four").replace(b"<TotalRecords>4<", b"<TotalRecords>8<")
    other = first.replace(b"2026-10-31T01:00:00.1234567", b"2026-10-31T02:00:00") if not overlap else first
    stub.answers["GetHistoryEvents"] = lambda asked: first if asked.members["PageIndex"] == "1" else other
    rows, evidence, _ = pull(open_client, "history_events")
    assert len(rows) == 8
    assert evidence.second_look is (True if overlap else None)
    VENDOR.stream("history_events").prove(evidence)
    evidence.second_look = False
    with pytest.raises(IncompletePull, match="different events"):
        VENDOR.stream("history_events").prove(evidence)


def test_history_is_asked_for_unfiltered_over_two_client_days(stub, open_client):
    """Version 3, no filter but the dates, and dates that lose nothing whether or not the ends count."""
    stub.answers["GetHistoryEvents"] = fixture("GetHistoryEvents", "four")
    stream = VENDOR.stream("history_events")
    assert (stream.as_of, stream.key) == (AsOf.DATED, ())
    rows, evidence, _ = pull(open_client, "history_events")
    asked = stub.reads("GetHistoryEvents")[0].members
    flags = {name: value for name, value in asked.items() if name.endswith("Defined")}
    assert {name for name, value in flags.items() if value == "true"} == {
        "AccountTypeFilterIsNotDefined",
        "FromDateFilterDefined",
        "ToDateFilterDefined",
    }
    assert len(flags) == 9
    assert asked["FromDateFilterValue"] == "2026-10-30T23:59:59"
    assert asked["ToDateFilterValue"] == "2026-11-02T00:00:00"
    assert (asked["Version"], asked["PageIndex"], asked["PageSize"], asked["EntityId"]) == (
        "3",
        "1",
        "5000",
        "700",
    )
    stream.prove(evidence)
    assert [row["event_type"] for row in rows] == [
        "BackupCompleted",
        "NoBackupEvent2",
        "ReplicationFailed",
        "SomethingNew",
    ]
    assert rows[1]["backup_summary"] == r"Could not find [agent] for [LUND\Ovens]"
    assert (rows[1]["is_scheduled"], rows[1]["total_files_count"], rows[1]["uploaded_files_size"]) == (
        None,
        None,
        0,
    )
    assert (rows[2]["account_name"], rows[2]["backup_summary"]) == (None, "")
    assert rows[3]["client_date"] == datetime(2026, 10, 31, 1, 0, 0, 123456)
    assert rows[3]["backup_duration"] == 9_000_000_000


def appliances_by_entity(stub: Stub, cases: dict[str, bytes]) -> None:
    stub.answers["GetEntityAppliances"] = lambda asked: cases.get(
        asked.members["EntityId"], fixture("GetEntityAppliances", "none")
    )


def test_an_appliance_belongs_to_the_deepest_entity_that_shows_it(stub, open_client):
    """A server that covers descendants shows it on every level above; it is counted once, at the owner."""
    partner = fixture("GetEntityAppliances", "partner")
    appliances_by_entity(
        stub, {"711": fixture("GetEntityAppliances", "lund"), "710": partner, "700": partner}
    )
    rows, evidence, exchanges = pull(open_client, "appliances")
    assert [(row["entity_id"], row["name"]) for row in rows] == [(711, "lund-1"), (710, "quay-1")]
    assert exchanges[0].role is Role.CONTROL
    assert {one.members["EntityId"] for one in stub.reads("GetEntityAppliances")} == {
        "700",
        "710",
        "711",
        "720",
    }
    assert {one.members["ApplianceType"] for one in stub.reads("GetEntityAppliances")} == {None}
    assert rows[0]["device_space_used"] == 207860453376
    assert rows[0]["secondary_protected"] == 11475078873088
    assert (
        rows[0]["appliance_messages"]
        == '{"StatusMessage": {"Message": "Raid is OK", "SeverityLevel": "Info"}}'
    )
    assert rows[1]["secondary_uuid"] is None
    assert evidence.unknown_fields == set()


def test_an_appliance_of_two_unrelated_entities_is_a_conflict(stub, open_client):
    """Neither entity is below the other: nobody chooses, both rows stay and break the key."""
    lund = fixture("GetEntityAppliances", "lund")
    appliances_by_entity(stub, {"711": lund, "720": lund})
    rows, _, _ = pull(open_client, "appliances")
    assert [row["entity_id"] for row in rows] == [711, 720]
    assert len({row["uuid"] for row in rows}) == 1


def test_an_entity_that_is_gone_is_a_gap_that_people_see(stub, open_client):
    """Moved or cancelled since the hierarchy was read: one quarantined row, and the others are landed."""
    gone = result("GetEntityAppliances", 53, "ObjectEntityMismatch")
    appliances_by_entity(stub, {"720": gone, "711": fixture("GetEntityAppliances", "lund")})
    rows, evidence, exchanges = pull(open_client, "appliances")
    assert (len(rows), evidence.quarantined, evidence.second_look) == (1, 1, True)
    first, again = [exchange for exchange in exchanges if exchange.reason]
    assert (first.role, again.role) == (Role.ROWS, Role.SECOND_LOOK)
    (row,) = VENDOR.stream("appliances").parse(first).quarantined
    assert row.reason.startswith("entity 720: GetEntityAppliances answered Result 53 ObjectEntityMismatch")
    assert row.payload.encode() == gone


def test_an_entity_that_is_gone_between_two_looks_fails_the_proof(stub, open_client):
    """What it had is not the same any more; the next look says what it is."""
    lund = iter([fixture("GetEntityAppliances", "lund"), result("GetEntityAppliances", 53, "Gone")])
    stub.answers["GetEntityAppliances"] = lambda asked: (
        next(lund) if asked.members["EntityId"] == "711" else fixture("GetEntityAppliances", "none")
    )
    _, evidence, _ = pull(open_client, "appliances")
    with pytest.raises(IncompletePull, match="two walks"):
        VENDOR.stream("appliances").prove(evidence)


def test_a_root_out_of_scope_fails_the_pull(stub, open_client):
    """The entity everything starts from is never skipped."""
    appliances_by_entity(stub, {"700": result("GetEntityAppliances", 53, "ObjectEntityMismatch")})
    with pytest.raises(OutOfScope, match="INFRASCALE_ENTITY_ID"):
        pull(open_client, "appliances")


def test_exchanges_are_parsed_again_without_the_wsdl(stub, open_client):
    """An exchange carries where its rows stand: later, offline, it gives the same rows."""
    wsdl = "PartnerManagementService.asmx?WSDL"
    stub.wsdls[wsdl] = (
        bundled_wsdls()[wsdl].replace(b"CompanySummary", b"CompanyRow").replace(b'"Companies"', b'"List"')
    )
    answer = fixture("GetCompaniesSummary", "two").replace(b"CompanySummary", b"CompanyRow")
    stub.answers["GetCompaniesSummary"] = answer.replace(b"Companies>", b"List>")
    rows, _, (exchange, _) = pull(open_client, "companies")
    kept = Exchange(
        operation=exchange.operation,
        request=exchange.request,
        status=exchange.status,
        content_type=exchange.content_type,
        body=exchange.body,
        received_at=exchange.received_at,
        context=dict(exchange.context),
    )
    assert len(rows) == 2
    assert VENDOR.stream("companies").parse(kept).rows.to_pylist() == rows


def test_never_more_requests_in_flight_than_the_connection_allows(stub, tmp_path, monkeypatch):
    """Pages asked for ahead keep to the connection's bound."""
    monkeypatch.setattr(fetch, "ACCOUNTS_PAGE", 1)
    paged(stub, "GetEntityAccounts", "PageIndex", 30, 1)
    inner, under_way, most = stub.answers["GetEntityAccounts"], [], []

    def count(asked: Asked) -> bytes:
        under_way.append(asked)
        most.append(len(under_way))
        try:
            return inner(asked)
        finally:
            under_way.remove(asked)

    stub.answers["GetEntityAccounts"] = count
    with client(stub, tmp_path, max_in_flight=2) as opened:
        rows, _, _ = pull(opened, "accounts")
    assert len(rows) == 30
    assert max(most) <= 2
