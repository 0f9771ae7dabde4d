"""What the Infrascale stand-in asks of an envelope, by requests written by hand."""

from __future__ import annotations

import logging

import pytest
from infrascale_support import (
    AUTH,
    PASSWORD,
    SOAP_11,
    SOAP_12,
    USER,
    envelope,
    fault_text,
    names_of,
    request,
    result_of,
    running,
)
from lxml import etree

from connectors.sandbox.world import World

ENTITIES = "EntityManagementService"
ACCOUNTS = request(TargetEntityID=0, PageSize=3, PageIndex=1)
ACTION = '"sosonlinebackup.com/GetEntityAccounts"'


@pytest.fixture(scope="module")
def vendor():
    with running(World(customers=12)) as vendor:
        yield vendor


def test_a_correct_call_is_answered(vendor):
    """SOAP 1.1 in, SOAP 1.1 out, with an empty header and the Result object first."""
    response = vendor.post(ENTITIES, "GetEntityAccounts", ACCOUNTS)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag == f"{{{SOAP_11}}}Envelope"
    assert names_of(root) == ["Header", "Body"]
    assert names_of(root[1][0][0]) == ["Result", "AccountsTotal", "Accounts"]


@pytest.mark.parametrize(
    "action", [None, "sosonlinebackup.com/GetEntityAccounts", '"GetEntityAccounts"', '""']
)
def test_the_action_must_be_there_quoted_and_right(vendor, action):
    """A missing, bare or wrong SOAPAction is refused."""
    response = vendor.send(ENTITIES, envelope("GetEntityAccounts", ACCOUNTS), action)
    assert "SOAPAction" in fault_text(response)


def test_the_action_and_the_body_must_name_the_same_operation(vendor):
    """The action of one operation with the body of another is refused."""
    body = envelope("GetEntityHierarchy", request(TargetEntityID=0))
    assert "SOAPAction" in fault_text(vendor.send(ENTITIES, body, ACTION))


@pytest.mark.parametrize("content_type", ["application/json", "application/xml", "multipart/form-data"])
def test_another_media_type_is_not_supported(vendor, content_type):
    """Only the two media types of SOAP are read."""
    assert (
        vendor.send(ENTITIES, envelope("GetEntityAccounts", ACCOUNTS), ACTION, content_type).status_code
        == 415
    )


def test_soap_12_is_answered_in_soap_12(vendor):
    """The answer comes in the envelope of the request."""
    body = envelope("GetEntityAccounts", ACCOUNTS, soap=SOAP_12)
    media_type = f"application/soap+xml; charset=utf-8; action={ACTION}"
    response = vendor.send(ENTITIES, body, None, media_type)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert etree.fromstring(response.content).tag == f"{{{SOAP_12}}}Envelope"


def test_a_soap_12_fault_looks_like_one(vendor):
    """The sender's mistake in SOAP 1.2 is code soap:Sender with a reason."""
    body = envelope("GetEntityAccounts", request(TargetEntityID=0), soap=SOAP_12)
    response = vendor.send(ENTITIES, body, None, f"application/soap+xml; action={ACTION}")
    assert response.status_code == 500
    assert etree.fromstring(response.content).findtext(f".//{{{SOAP_12}}}Value") == "soap:Sender"


def test_a_soap_12_envelope_under_a_soap_11_media_type_is_a_mismatch(vendor):
    """Media type and envelope must be of one version."""
    response = vendor.post(ENTITIES, "GetEntityAccounts", ACCOUNTS, soap=SOAP_12)
    assert b"<faultcode>soap:VersionMismatch</faultcode>" in response.content


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        (request(PageSize=3, TargetEntityID=0, PageIndex=1), "PageSize"),
        (request(TargetEntityId=0, PageSize=3, PageIndex=1), "TargetEntityId"),
        (request(TargetEntityID=0, PageSize=3, PageIndex=1, Colour="red"), "Colour"),
        (request(TargetEntityID=0, PageSize=3), "PageIndex"),
        (request(TargetEntityID="all", PageSize=3, PageIndex=1), "TargetEntityID"),
        (request(TargetEntityID=None, PageSize=3, PageIndex=1), "TargetEntityID"),
        ("<query/>", "query"),
        ('<request xmlns=""><TargetEntityID>0</TargetEntityID></request>', "request"),
    ],
    ids=["order", "spelling", "unknown", "missing", "type", "nil", "wrapper", "namespace"],
)
def test_an_element_that_breaks_the_schema_is_named_in_the_fault(vendor, inner, named):
    """Order, spelling, unknown, missing, mistyped, nil and unqualified elements are refused by name."""
    assert named in fault_text(vendor.post(ENTITIES, "GetEntityAccounts", inner))


def test_an_enumeration_takes_its_own_names_only(vendor):
    """A value outside an enumeration is refused by name."""
    inner = request(EntityId=0, ApplianceType="Toaster")
    assert "Toaster" in fault_text(vendor.post("AppliancesManagementService", "GetEntityAppliances", inner))


def test_lax_as_the_vendor_a_misspelt_id_means_the_whole_tree():
    """Without strictness an unknown element is skipped and the missing id is 0, which is "yourself"."""
    with running(World(customers=12), strict=False) as vendor:
        misspelt = request(TargetEntityId=99, PageSize=3, PageIndex=1)
        answer = vendor.call(ENTITIES, "GetEntityAccounts", misspelt)
        assert result_of(answer) == ("0", "Success")
        assert answer.findtext("{*}AccountsTotal") == str(len(vendor.day.accounts))
        response = vendor.post(ENTITIES, "GetEntityAccounts", request(TargetEntityID="x"))
        assert "TargetEntityID" in fault_text(response)


def test_lax_as_the_vendor_a_filter_left_out_is_false_and_the_first_name():
    """Without the inverted flag the log is filtered, by the first account type of the enumeration."""
    with running(World(customers=12), strict=False) as vendor:
        root = vendor.day.root.entity_id
        inner = "<PageSize>5</PageSize><Version>3</Version>"

        def total(flags):
            filters = f"<request><EntityId>{root}</EntityId><Filter>{inner}{flags}</Filter></request>"
            answer = vendor.call("EntityMonitoringService", "GetHistoryEvents", filters)
            return int(answer.findtext("{*}TotalRecords"))

        assert total("") == total("<AccountTypeFilterIsNotDefined>true</AccountTypeFilterIsNotDefined>") > 0
        assert total("<AccountTypeFilterValue>IcabEmail</AccountTypeFilterValue>") == 0


def test_a_request_left_out_is_an_invalid_input(vendor):
    """`request` is a reference, so the schema lets it be absent; the operation does not."""
    assert result_of(vendor.call(ENTITIES, "GetEntityAccounts", ""))[0] == "2"


@pytest.mark.parametrize(
    "header",
    [
        "",
        AUTH.replace(PASSWORD, "wrong"),
        AUTH.replace(USER, "3333WS"),
        f'<AuthHeader xmlns="sosonlinebackup.com"><UserName>{USER}</UserName></AuthHeader>',
    ],
    ids=["absent", "password", "user", "half"],
)
def test_wrong_credentials_are_http_200_without_a_payload(vendor, header):
    """Result 3: the array is absent and the total 0, so a client that does not look books zero."""
    answer = vendor.call(ENTITIES, "GetEntityAccounts", ACCOUNTS, header=header)
    assert result_of(answer) == ("3", "InvalidSoapCredentials")
    assert answer.findtext("{*}AccountsTotal") == "0"
    assert names_of(answer) == ["Result", "AccountsTotal"]


def test_the_auth_header_has_the_order_of_the_wsdl(vendor):
    """Password before UserName breaks the schema."""
    header = (
        f'<AuthHeader xmlns="sosonlinebackup.com"><Password>{PASSWORD}</Password>'
        f"<UserName>{USER}</UserName></AuthHeader>"
    )
    response = vendor.post(ENTITIES, "GetEntityAccounts", ACCOUNTS, header=header)
    assert "UserName" in fault_text(response)


def test_a_header_that_must_be_understood_is_not(vendor):
    """An Action header with mustUnderstand, as logged examples show it, is refused; without, ignored."""
    action = '<Action s:mustUnderstand="1" xmlns="urn:none">x</Action>'
    response = vendor.post(ENTITIES, "GetEntityAccounts", ACCOUNTS, header=action + AUTH)
    assert b"<faultcode>soap:MustUnderstand</faultcode>" in response.content
    ignored = action.replace(' s:mustUnderstand="1"', "") + AUTH
    assert vendor.post(ENTITIES, "GetEntityAccounts", ACCOUNTS, header=ignored).status_code == 200


@pytest.mark.parametrize("body", ["", "not xml", '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'])
def test_what_is_no_envelope_is_a_fault(vendor, body):
    """Nothing, text and documents with a DTD are refused."""
    assert "unable to read" in fault_text(vendor.send(ENTITIES, body, ACTION))


def test_an_operation_of_another_service_is_unknown(vendor):
    """Each service has its own operations."""
    response = vendor.post("LicenseManagementService", "GetEntityAccounts", ACCOUNTS)
    assert "GetEntityAccounts" in fault_text(response)


@pytest.mark.parametrize(
    ("service", "operation", "inner"),
    [
        ("AccountManagementService", "CancelAccount", request(Username="x", Reason="y")),
        (
            "AccountManagementService",
            "ChangeAccountSize",
            request(Username="x", AccountSizeMB=1024, SendEmailToCustomer="false"),
        ),
        (ENTITIES, "CancelEntity", request(TargetEntityId=1)),
        ("AppliancesManagementService", "GetEntityApplianceBrowseInfo", request(Uuid="x")),
    ],
)
def test_a_write_is_refused_and_noted(vendor, caplog, service, operation, inner):
    """Whatever changes something, or hands out a session, is a fault and a line in the log."""
    with caplog.at_level(logging.WARNING, "connectors.sandbox.infrascale"):
        assert "not a read" in fault_text(vendor.post(service, operation, inner))
    assert f"refused write {operation}" in caplog.messages


def test_only_get_and_post_are_methods(vendor):
    """Anything else is not allowed."""
    assert vendor.http.put(f"{vendor.base}/{ENTITIES}.asmx").status_code == 405
