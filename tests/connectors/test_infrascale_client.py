"""The Infrascale client: its verdicts, what it asks for, and what it never does."""

from __future__ import annotations

import logging

import pytest
from infrascale_stub import PASSWORD, bundled_wsdls, client, connection, fixture, result, serve
from pydantic import ValidationError

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OperationNotAllowed,
    OutOfScope,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.infrascale import VENDOR, InfrascaleConnection
from connectors.infrascale.reads import ACCOUNTS, ALLOWED, CLOUD_USAGE, LICENSES, Read
from connectors.stream import Role

READ = "GetEntityAccounts"
PAGE = {"TargetEntityID": 0, "PageSize": 10, "PageIndex": 1}


@pytest.fixture
def stub():
    with serve() as stub:
        yield stub


@pytest.mark.parametrize(
    ("number", "code", "error", "attempts"),
    [
        (1, "UnexpectedError", TemporaryFailure, 5),
        (2, "InvalidInputParameters", RequestRefused, 1),
        (3, "InvalidSoapCredentials", CredentialsRefused, 1),
        (150, "InvalidUserNameOrPassword", CredentialsRefused, 1),
        (53, "ObjectEntityMismatch", OutOfScope, 1),
        (502, "InvalidParameterUserName", OutOfScope, 1),
        (3070, "AccountIsNotActive", OutOfScope, 1),
        (9999, "InvalidSoapCredentials", CredentialsRefused, 1),
        (9999, "SomethingNew", RequestRefused, 1),
        (9999, "NoLicensesFound", RequestRefused, 1),
    ],
)
def test_the_result_is_judged_before_the_payload(stub, tmp_path, number, code, error, attempts):
    """HTTP 200 with a Result other than 0 is an error by its number, else by its code; never empty."""
    stub.answers[READ] = result(READ, number, code, "<AccountsTotal>0</AccountsTotal>")
    with (
        client(stub, tmp_path) as open_client,
        pytest.raises(error, match=f"Result {number} {code}") as caught,
    ):
        open_client.ask(ACCOUNTS, PAGE)
    assert len(stub.reads()) == attempts
    assert {exchange.role for exchange in caught.value.exchanges} == {Role.REJECTED}


@pytest.mark.parametrize(
    "answer",
    [
        fixture(READ, "three").replace(b"<Result>", b"<Outcome>").replace(b"</Result>", b"</Outcome>"),
        result(READ, 0, "Success").replace(b"<Result>0</Result>", b""),
        result(READ, 0, "Success").replace(b"<Result>0</Result>", b"<Result>OK</Result>"),
    ],
    ids=["no object", "no number", "not a number"],
)
def test_an_answer_without_a_result_is_not_taken(stub, tmp_path, answer):
    """No Result, no claim: rows that come without one are not read."""
    stub.answers[READ] = answer
    with client(stub, tmp_path) as open_client, pytest.raises(ContractBroken, match="Result"):
        open_client.ask(ACCOUNTS, PAGE)


def test_no_licences_is_an_empty_list(stub, tmp_path):
    """The code NoLicensesFound is the vendor's word for none, where licences are listed."""
    stub.answers[LICENSES.operation] = fixture(LICENSES.operation, "none")
    with client(stub, tmp_path) as open_client:
        exchange = open_client.ask(LICENSES, {"EntityId": 7, "ChildAccountsOnly": False})
    assert VENDOR.stream("licenses").parse(exchange).rows.num_rows == 0


def test_refused_credentials_are_not_tried_again(stub, tmp_path):
    """One refusal, and this client asks no more: further attempts can lock the user."""
    stub.answers[READ] = result(READ, 3, "InvalidSoapCredentials")
    with client(stub, tmp_path) as open_client:
        for _ in range(2):
            with pytest.raises(CredentialsRefused, match="INFRASCALE_PASSWORD"):
                open_client.ask(ACCOUNTS, PAGE)
    assert len(stub.reads()) == 1


def test_the_password_is_kept_nowhere(stub, tmp_path, caplog):
    """Not in the exchange, an error, the log, a repr or a file; nor when the server echoes it."""
    caplog.set_level(logging.DEBUG)
    fault = b"<faultstring>Server was unable to process request."
    echo = b"<faultstring>login correct&amp;horse failed."
    stub.answers[READ] = (500, "text/xml", fixture("Fault", "server").replace(fault, echo))
    with client(stub, tmp_path) as open_client, pytest.raises(VendorError) as caught:
        open_client.ask(ACCOUNTS, PAGE)
    assert b"correct&amp;horse" in stub.reads()[0].body
    kept = "".join(one.request + one.body.decode() + one.reason for one in caught.value.exchanges)
    told = kept + str(caught.value) + caplog.text + repr(open_client.connection)
    files = "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (PASSWORD, "correct&amp;horse"):
        assert secret not in told + files
    assert "***" in kept


def test_only_reads_can_be_sent(stub, tmp_path):
    """The allow-list holds the reads of the streams and the WSDL; product keys are not among them."""
    assert {name for name in ALLOWED if not name.startswith("Get")} == {"WSDL"}
    assert "GetAssignedLicenseDetails" not in ALLOWED
    write = Read(ACCOUNTS.service, "CancelAccount", ACCOUNTS.fields)
    wsdl = f"{ACCOUNTS.service}.asmx?WSDL"
    stub.wsdls[wsdl] = bundled_wsdls()[wsdl].replace(READ.encode(), b"CancelAccount")
    with client(stub, tmp_path) as open_client, pytest.raises(OperationNotAllowed, match="CancelAccount"):
        open_client.ask(write, PAGE)
    assert stub.reads() == []


@pytest.mark.parametrize("name", ["ForEntityID", "TargetEntityID", "ForEntityId"])
def test_the_wsdl_decides_how_the_entity_is_spelt(stub, tmp_path, name):
    """A misspelt entity id would mean 0, the whole tree: the name comes from the WSDL, or nothing is sent."""
    wsdl = f"{CLOUD_USAGE.service}.asmx?WSDL"
    stub.wsdls[wsdl] = bundled_wsdls()[wsdl].replace(b'"ForEntityID"', f'"{name}"'.encode())
    stub.answers[CLOUD_USAGE.operation] = fixture(CLOUD_USAGE.operation, "swapped")
    with client(stub, tmp_path, entity_id=720) as open_client:
        list(VENDOR.stream("cloud_usage").fetch(open_client, None))
    assert stub.reads()[0].members[name] == "720"


def test_an_unknown_spelling_of_the_entity_is_not_guessed(stub, tmp_path):
    """None of the three names: the contract is broken, by name, and nothing is sent."""
    wsdl = f"{CLOUD_USAGE.service}.asmx?WSDL"
    stub.wsdls[wsdl] = bundled_wsdls()[wsdl].replace(b'"ForEntityID"', b'"EntID"')
    with (
        client(stub, tmp_path) as open_client,
        pytest.raises(ContractBroken, match="GetCloudUsage has no member"),
    ):
        list(VENDOR.stream("cloud_usage").fetch(open_client, None))
    assert stub.reads() == []


def test_the_probe_tells_what_the_live_wsdls_have_otherwise(stub, tmp_path):
    """Of every service, whether or not the probe asks it anything."""
    for service, ours, theirs in (
        (ACCOUNTS.service, b'name="FullName"', b'name="DisplayName"'),
        (CLOUD_USAGE.service, b'name="ForEntityID"', b'name="TargetEntityID"'),
    ):
        wsdl = f"{service}.asmx?WSDL"
        stub.wsdls[wsdl] = bundled_wsdls()[wsdl].replace(ours, theirs)
    stub.answers[READ] = fixture(READ, "three")
    with client(stub, tmp_path) as open_client:
        said, _, differences = open_client.probe().partition("; its WSDLs differ from ours: ")
    assert said == f"reached {stub.url}; 3 active accounts"
    assert [line.rpartition("/")[2].partition(" (")[0] for line in differences.split("; ")] == [
        "DisplayName added",
        "FullName removed",
        "ForEntityID removed",
        "TargetEntityID added",
    ]


def test_the_probe_shows_that_the_vendor_answers(stub, tmp_path):
    """One account asked for, the total told; bad credentials raise."""
    stub.answers[READ] = fixture(READ, "three")
    with VENDOR.open(connection(stub), tmp_path) as open_client:
        assert VENDOR.probe(open_client) == f"reached {stub.url}; 3 active accounts"
    assert stub.reads()[0].members["PageSize"] == "1"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": "https://secure.sosonlinebackup.com"}, "must end in /WebApi/AccountManagementService"),
        ({"base_url": "http://secure.sosonlinebackup.com/WebApi/AccountManagementService"}, "https://"),
        ({"password": ""}, "at least 1"),
        ({"entity_id": -1}, "greater than or equal to 0"),
        ({"username": ""}, "at least 1"),
    ],
)
def test_a_connection_says_what_is_wrong_with_it(settings, said):
    """The sentence names the setting's rule and never the value."""
    with pytest.raises(ValidationError, match=said) as caught:
        InfrascaleConnection(**{"username": "2222WS", "password": PASSWORD, **settings})
    assert PASSWORD not in str(caught.value)


def test_the_path_may_be_written_as_the_cloud_pages_write_it():
    """The vendor prints /WebAPI/ and /WebApi/; both are the same server."""
    url = "https://secure.sosonlinebackup.com/WebAPI/AccountManagementService"
    assert InfrascaleConnection(base_url=f"{url}/", username="w", password=PASSWORD).base_url == url
