"""SOAP transport: what goes over the wire, whose WSDL counts, and where the WSDL says things stand."""

from __future__ import annotations

import pytest
from infrascale_stub import WSDLS, fixture, serve
from lxml import etree

from connectors.connection import Connection
from connectors.errors import ContractBroken, RequestRefused, TemporaryFailure
from connectors.stream import Role
from connectors.transport.http import HttpTransport
from connectors.transport.soap import SoapTransport, frame_of
from connectors.transport.soap_service import Service
from connectors.transport.wsdl import OPERATION, Wsdl

SERVICE = "EntityManagementService"
READ = "GetEntityAccounts"
MAIN = f"{SERVICE}.asmx?WSDL"
HEADER = "{sosonlinebackup.com}AuthHeader"
LOGIN = {"UserName": "ws", "Password": "secret & <long>"}
VALUES = {"request/TargetEntityID": 0, "request/PageSize": 10, "request/PageIndex": 1}


@pytest.fixture
def stub():
    with serve() as stub:
        yield stub


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def connect(stub, kept):
    """Opens a transport of its own at each call, as each night does."""
    opened = []

    def connect() -> SoapTransport:
        http = HttpTransport(Connection(), frozenset({READ, OPERATION}))
        opened.append(http)
        return SoapTransport(http, stub.url, kept, WSDLS)

    yield connect
    for http in opened:
        http.__exit__(None, None, None)


def wsdl_text() -> str:
    return (WSDLS / f"{SERVICE}.wsdl").read_text()


def service(text: str, **others: str) -> Service:
    """A service described by `text`, which may import `others` by location."""
    documents = {"x.wsdl": text.encode()} | {name: other.encode() for name, other in others.items()}
    return Service(Wsdl("x.wsdl", documents, "live"))


def post(soap: SoapTransport):
    content = soap.service(SERVICE).envelope(READ, VALUES, HEADER, LOGIN)
    return soap.post(
        READ,
        SERVICE,
        content,
        context={},
        role=Role.ROWS,
        judge=lambda exchange: frame_of(exchange, "AccountDevicesInfo"),
    )


def test_a_request_is_soap_11_with_a_quoted_action_at_our_own_address(stub, connect):
    """The envelope, its headers, and the address: the one in the WSDL is what the server believes."""
    stub.answers[READ] = fixture(READ, "three")
    exchange = post(connect())
    (asked,) = stub.reads()
    assert asked.path == f"/WebApi/AccountManagementService/{SERVICE}.asmx"
    assert asked.headers["SOAPAction"] == f'"sosonlinebackup.com/{READ}"'
    assert asked.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(asked.body)
    assert root.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
    login = root.find(f"{{*}}Header/{HEADER}")
    assert [(etree.QName(part).localname, part.text) for part in login] == list(LOGIN.items())
    assert exchange.body == fixture(READ, "three")


@pytest.mark.parametrize(
    ("status", "kind", "body", "error", "attempts"),
    [
        (500, "text/xml", fixture("Fault", "client"), RequestRefused, 1),
        (500, "text/xml", fixture("Fault", "server"), TemporaryFailure, 5),
        (200, "text/xml", fixture("Fault", "client"), RequestRefused, 1),
        (500, "text/html", b"<html>oops</html>", TemporaryFailure, 5),
        (503, "text/html", b"<html><body>busy</body></html>", TemporaryFailure, 5),
        (404, "text/html", b"<html>no such service</html>", RequestRefused, 1),
        (200, "text/html", b"<html><body>maintenance</body></html>", TemporaryFailure, 5),
        (200, "text/xml", b"", TemporaryFailure, 5),
        (200, "text/xml", fixture(READ, "three")[:900], TemporaryFailure, 5),
    ],
)
def test_what_is_no_answer_is_never_an_empty_one(stub, connect, status, kind, body, error, attempts):
    """Faults by who is to blame; HTML, nothing and a cut answer are asked again, also with HTTP 200."""
    stub.answers[READ] = (status, kind, body)
    with pytest.raises(error) as caught:
        post(connect())
    assert len(stub.reads()) == attempts == len(caught.value.exchanges)


def test_the_live_wsdl_counts_and_is_kept(stub, connect, kept):
    """What the server says of itself is used, then kept for the nights on which it does not."""
    stub.wsdls[MAIN] = wsdl_text().replace("AccountDevicesInfo", "AccountRow").encode()
    assert connect().service(SERVICE).answer(READ).path("AccountRow") == (f"{READ}Result/Accounts/AccountRow")
    del stub.wsdls[MAIN]
    later = connect()
    assert later.service(SERVICE).answer(READ).path("AccountRow")
    assert "the kept one is used" in later.differences[0]
    assert len(list(kept.glob(f"{SERVICE}/*"))) == 1


def test_without_any_live_wsdl_ours_is_used(stub, connect):
    """No answer, HTML or a WSDL that is not one: the bundled description, and a line that says why."""
    for answer in (
        (503, "text/html", b"busy"),
        b"<html/>",
        b"<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>",
    ):
        stub.wsdls[MAIN] = answer
        soap = connect()
        assert READ in soap.service(SERVICE).operations
        assert "the bundled one is used" in soap.differences[0]


def test_a_description_is_parsed_once_in_a_process(connect):
    """31 nights in one process share one parsed description."""
    assert connect().service(SERVICE) is connect().service(SERVICE)


def test_the_last_of_several_kept_wsdls_is_used(stub, connect):
    """When the vendor goes back to an older description, that one is the last."""
    older, newer = wsdl_text(), wsdl_text().replace("UsedSpaceKB", "UsedSpaceKiB")
    for text in (older, newer, older):
        stub.wsdls[MAIN] = text.encode()
        connect().service(SERVICE)
    del stub.wsdls[MAIN]
    assert connect().service(SERVICE).answer(READ).path("UsedSpaceKB")


def test_differences_to_our_own_wsdl_are_told(stub, connect, caplog):
    """Added, removed and retyped members and removed operations, one line each, in the log once."""
    stub.wsdls[MAIN] = (
        wsdl_text()
        .replace('name="UsedSpaceKB" type="s:long"', 'name="UsedSpaceKB" type="s:string"')
        .replace('name="MacDevicesTotal"', 'name="AppleDevicesTotal"')
        .replace('<wsdl:operation name="GetEntityHierarchy">', '<wsdl:operation name="GetTree">')
        .encode()
    )
    row = f"{SERVICE}: {READ}Response/{READ}Result/Accounts/AccountDevicesInfo"
    for _ in range(2):
        soap = connect()
        soap.service(SERVICE)
        assert soap.differences == (
            f"{SERVICE}: GetEntityHierarchy removed",
            f"{row}/AppleDevicesTotal added (int required)",
            f"{row}/MacDevicesTotal removed (int required)",
            f"{row}/UsedSpaceKB is string required, was long required",
        )
    assert len(caplog.records) == 1


def test_the_same_wsdl_shows_no_differences(connect):
    """Our own description compared with itself."""
    soap = connect()
    soap.service(SERVICE)
    assert soap.differences == ()


def split_wsdl(location: str) -> tuple[str, str]:
    """The WSDL with its schema in a document of its own at `location`."""
    text = wsdl_text()
    start, end = text.index("<s:schema"), text.index("</s:schema>") + len("</s:schema>")
    schema = text[start:end].replace(
        "<s:schema", '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="sosonlinebackup.com"'
    )
    link = f'<s:schema><s:import namespace="sosonlinebackup.com" schemaLocation="{location}"/></s:schema>'
    return text[:start] + link + text[end:], schema


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_imports_below_our_address_are_followed_and_kept(stub, connect, scheme):
    """A schema in a document of its own, also where a proxy makes the server believe another scheme."""
    location = f"{stub.url}/{SERVICE}.asmx?xsd=1".replace("http", scheme, 1)
    main, schema = split_wsdl(location)
    stub.wsdls |= {MAIN: main.encode(), f"{SERVICE}.asmx?xsd=1": schema.encode()}
    soap = connect()
    soap.service(SERVICE)
    assert soap.differences == ()
    del stub.wsdls[MAIN]
    later = connect()
    assert later.service(SERVICE).answer(READ).path("AccountsTotal")
    assert "the kept one is used" in later.differences[0]


def test_nothing_is_imported_from_elsewhere(stub, connect):
    """A WSDL that points to another host is not used; the host is not asked."""
    with serve() as elsewhere:
        main, schema = split_wsdl(f"{elsewhere.url}/types.xsd")
        stub.wsdls[MAIN] = main.encode()
        elsewhere.wsdls["types.xsd"] = schema.encode()
        soap = connect()
        soap.service(SERVICE)
        assert "which is not below" in soap.differences[0]
        assert elsewhere.asked == []


def test_a_wsdl_with_a_document_type_is_not_used(stub, connect):
    """Entities in a description could read files or blow up; none is accepted."""
    evil = wsdl_text().replace("?>", '?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>', 1)
    stub.wsdls[MAIN] = evil.encode()
    soap = connect()
    assert READ in soap.service(SERVICE).operations
    assert "document type" in soap.differences[0]


def test_a_request_the_wsdl_does_not_want_is_not_sent(stub, connect):
    """A missing or an unknown parameter is an error before anything leaves."""
    described = connect().service(SERVICE)
    for values in ({"request/PageSize": 1}, {**VALUES, "request/Depth": 1}):
        with pytest.raises(ContractBroken, match=f"{READ} cannot be asked as its WSDL wants"):
            described.envelope(READ, values, HEADER, LOGIN)
    assert stub.reads() == []


def test_a_header_the_wsdl_does_not_declare_is_sent_all_the_same():
    """The header is the vendor's rule, also where its WSDL leaves it out."""
    text = wsdl_text().replace('<s:element name="AuthHeader"', '<s:element name="OtherHeader"')
    text = text.replace('element="tns:AuthHeader"', 'element="tns:OtherHeader"')
    sent = etree.fromstring(service(text).envelope(READ, VALUES, HEADER, LOGIN))
    assert [part.text for part in sent.find(f"{{*}}Header/{HEADER}")] == list(LOGIN.values())


def test_a_removed_operation_is_named():
    """An operation that is gone from the WSDL breaks the contract by name."""
    described = service(
        wsdl_text().replace(f'<wsdl:operation name="{READ}">', '<wsdl:operation name="Gone">')
    )
    with pytest.raises(ContractBroken, match=f"no operation {READ} any more"):
        described.answer(READ)


def test_rows_are_found_by_their_members_inherited_ones_too():
    """The repeating element whose type has the members, whatever it is called and where they come from."""
    text = (
        wsdl_text()
        .replace("AccountDevicesInfo", "Row")
        .replace('name="Accounts"', 'name="List"')
        .replace(
            '<s:complexType name="Row">\n        <s:sequence>',
            '<s:complexType name="Base"><s:sequence><s:element name="EntityID" type="s:int"/></s:sequence>'
            '</s:complexType><s:complexType name="Row"><s:complexContent><s:extension base="tns:Base">'
            "<s:sequence>",
        )
    )
    start = text.index('<s:extension base="tns:Base">')
    end = text.index("</s:complexType>", start)
    text = text[:end] + "</s:extension></s:complexContent>" + text[end:]
    answer = service(text).answer(READ)
    assert answer.holder(["EntityID", "Username", "UsedSpaceKB"], repeats=True) == f"{READ}Result/List/Row"
    with pytest.raises(ContractBroken, match=f"{READ} has no repeating element that has Shoe, Size in"):
        answer.holder(["Username", "Shoe", "Size"], repeats=True)


def test_two_candidates_are_not_guessed_between():
    """Two lists with the same members: nobody chooses one."""
    text = wsdl_text().replace(
        '<s:complexType name="GetEntityAccountsAnswer">\n        <s:sequence>',
        '<s:complexType name="GetEntityAccountsAnswer">\n        <s:sequence>'
        '<s:element name="Deleted" type="tns:ArrayOfAccountDevicesInfo"/>',
    )
    with pytest.raises(ContractBroken, match="several candidates"):
        service(text).answer(READ).holder(["Username"], repeats=True)


def test_parameters_are_found_with_and_without_a_wrapper():
    """In a `request` element or bare, under the one spelling of several that the WSDL has."""
    wrapped = service(wsdl_text()).request(READ)
    assert wrapped.path("EntityId", "TargetEntityID") == "request/TargetEntityID"
    bare = service(
        wsdl_text().replace(
            f'<s:element minOccurs="0" maxOccurs="1" name="request" type="tns:{READ}Request"/>',
            '<s:element name="EntityId" type="s:int"/>',
        )
    )
    assert bare.request(READ).path("EntityId", "TargetEntityID") == "EntityId"
    assert b"<ns0:EntityId>5</ns0:EntityId>" in bare.envelope(READ, {"EntityId": 5}, HEADER, LOGIN)
    with pytest.raises(ContractBroken, match=f"{READ} has no member named Depth or Level in {READ}"):
        wrapped.path("Depth", "Level")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("", ""), f"{READ}Result/Result"),
        (
            (f'name="{READ}Result" type="tns:{READ}Answer"', f'name="{READ}Result" type="tns:ResultObject"'),
            f"{READ}Result",
        ),
    ],
    ids=["a member of the answer", "the answer itself"],
)
def test_the_result_object_is_found_where_it_sits(change, place):
    """First, last, or the operation's result itself: known by its members."""
    assert (
        service(wsdl_text().replace(*change)).answer(READ).holder(["Result", "Code"], repeats=False) == place
    )
