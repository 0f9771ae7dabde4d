"""SOAP envelopes: reading a request by the service's schema, writing answers and faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from connectors.sandbox.infrascale.dotnet import NAMESPACE, Member, Operation, Service
from connectors.sandbox.infrascale.wsdl import schema

_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


@dataclass(frozen=True, slots=True)
class Soap:
    """A version of SOAP: how it says which operation is meant, and how a fault looks."""

    namespace: str
    media_type: str
    sender: str  # the fault code of a client's mistake

    def envelope(self, body: bytes) -> bytes:
        """`body` as a whole answer."""
        start = (
            f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{self.namespace}" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
            f'<s:Header xmlns:s="{self.namespace}" /><soap:Body>'
        )
        return b"".join([start.encode(), body, b"</soap:Body></soap:Envelope>"])

    def fault(self, code: str, text: str) -> bytes:
        """A whole answer that holds a fault."""
        if self is SOAP_11:
            fault = f"<faultcode>soap:{code}</faultcode><faultstring>{escape(text)}</faultstring><detail />"
        else:
            fault = (
                f"<soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code><soap:Reason>"
                f'<soap:Text xml:lang="en">{escape(text)}</soap:Text></soap:Reason><soap:Detail />'
            )
        return self.envelope(f"<soap:Fault>{fault}</soap:Fault>".encode())


SOAP_11 = Soap("http://schemas.xmlsoap.org/soap/envelope/", "text/xml", "Client")
SOAP_12 = Soap("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml", "Sender")


class NotUnderstood(Exception):
    """The client's envelope is wrong; the message names what. Becomes a SOAP fault."""

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood.

    Attributes:
        user, password: of the AuthHeader; None where it lacks them.
        arguments: of the request by name, nested for classes; default(T) where nothing was sent.
    """

    operation: Operation
    user: str | None
    password: str | None
    arguments: dict[str, Any]


def read_call(service: Service, soap: Soap, action: str | None, body: bytes, *, strict: bool) -> Call:
    """The operation that `action` and `body` ask for.

    Parameters:
        action: the value of the SOAPAction header or of the action parameter, as sent.
        strict: whether an unknown, missing, misplaced or mistyped element is refused. The vendor's
            own serializer skips such an element and goes on with 0, which then means "yourself".

    Raises:
        NotUnderstood: there is no such operation, or the envelope breaks the schema.
    """
    if b"<!DOCTYPE" in body:
        raise NotUnderstood("Server was unable to read request: DTD is prohibited")
    try:
        envelope = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        raise NotUnderstood(f"Server was unable to read request: {error}") from None
    if envelope.tag != f"{{{soap.namespace}}}Envelope":
        raise NotUnderstood(f"Possible SOAP version mismatch: envelope {envelope.tag}", "VersionMismatch")
    contents = envelope.findall(f"{{{soap.namespace}}}Body/*")
    if len(contents) != 1:
        raise NotUnderstood(f"The body must hold one element, it holds {len(contents)}")
    operation = service.operations.get(etree.QName(contents[0]).localname)
    if operation is None or etree.QName(contents[0]).namespace != NAMESPACE:
        raise NotUnderstood(f"{service.name} has no operation {contents[0].tag}")
    if action != f"{NAMESPACE}/{operation.name}":
        raise NotUnderstood(f"Server did not recognize the value of HTTP Header SOAPAction: {action}")
    auth = _auth_header(soap, envelope)
    if strict:
        for element in [contents[0], *([] if auth is None else [auth])]:
            _validate(service, element)
    return Call(
        operation,
        None if auth is None else auth.findtext(f"{{{NAMESPACE}}}UserName"),
        None if auth is None else auth.findtext(f"{{{NAMESPACE}}}Password"),
        _arguments(service, operation.parameters, contents[0]),
    )


def _auth_header(soap: Soap, envelope: etree._Element) -> etree._Element | None:
    auth = None
    for header in envelope.findall(f"{{{soap.namespace}}}Header/*"):
        if header.tag == f"{{{NAMESPACE}}}AuthHeader":
            auth = header
        elif header.get(f"{{{soap.namespace}}}mustUnderstand") in ("1", "true"):
            raise NotUnderstood(f"SOAP header {header.tag} was not understood", "MustUnderstand")
    return auth


@cache
def _schema(service: Service) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(schema(service)))


def _validate(service: Service, element: etree._Element) -> None:
    try:
        _schema(service).assertValid(element)
    except etree.DocumentInvalid as error:
        mistake = str(error).replace(f"{{{NAMESPACE}}}", "")
        raise NotUnderstood(f"Server was unable to read request: {mistake}") from None


def _arguments(service: Service, members: tuple[Member, ...], parent: etree._Element) -> dict[str, Any]:
    return {m.name: _argument(service, m, parent.find(f"{{{NAMESPACE}}}{m.name}")) for m in members}


def _argument(service: Service, member: Member, element: etree._Element | None) -> Any:
    if element is None or element.get(_XSI_NIL) in ("1", "true"):
        return service.zero(member)
    if member.type in service.classes:
        return _arguments(service, service.members(member.type), element)
    text = element.text or ""
    try:
        match member.type:
            case "int" | "long":
                return int(text)
            case "bool":
                return {"true": True, "1": True, "false": False, "0": False}[text.strip()]
            case "DateTime":
                return datetime.fromisoformat(text.strip())
            case _:
                return text
    except (KeyError, ValueError):
        raise NotUnderstood(
            f"Server was unable to read request: {member.name} is not a {member.type}"
        ) from None
