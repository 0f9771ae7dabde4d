"""A service's WSDL 1.1 as ASP.NET would write it: document/literal wrapped, SOAP 1.1 and 1.2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from connectors.sandbox.infrascale.dotnet import NAMESPACE, PRIMITIVES, Class, Member, Operation, Service

_HEADER_TYPE = (
    '<s:element name="AuthHeader" type="tns:AuthHeader" /><s:complexType name="AuthHeader"><s:sequence>'
    '<s:element minOccurs="0" maxOccurs="1" name="UserName" type="s:string" />'
    '<s:element minOccurs="0" maxOccurs="1" name="Password" type="s:string" />'
    "</s:sequence><s:anyAttribute /></s:complexType>"
)


@cache
def schema(service: Service) -> str:
    """The XML schema of a service's requests, answers and AuthHeader."""
    types: dict[str, str] = {}
    elements = "".join(
        _element_of(service, name, members, types)
        for operation in service.operations.values()
        for name, members in (
            (operation.name, operation.parameters),
            (f"{operation.name}Response", operation.results),
        )
    )
    return (
        f'<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}" '
        f'elementFormDefault="qualified" targetNamespace="{NAMESPACE}">'
        f"{elements}{''.join(types.values())}{_HEADER_TYPE}</s:schema>"
    )


def wsdl(service: Service, address: str) -> str:
    """The WSDL, with `address` as the place of both ports."""
    operations = service.operations.values()
    ports = f"{service.name}Soap", f"{service.name}Soap12"
    bindings = "".join(
        _binding(service, port, prefix) for port, prefix in zip(ports, ("soap", "soap12"), strict=True)
    )
    addresses = "".join(
        f'<wsdl:port name="{port}" binding="tns:{port}"><{prefix}:address location="{address}" /></wsdl:port>'
        for port, prefix in zip(ports, ("soap", "soap12"), strict=True)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        'xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" '
        f'xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f"<wsdl:types>{schema(service)}</wsdl:types>"
        f"{''.join(_messages(operation) for operation in operations)}"
        f'<wsdl:portType name="{ports[0]}">{"".join(_port_operation(o) for o in operations)}</wsdl:portType>'
        f"{bindings}"
        f'<wsdl:service name="{service.name}">{addresses}</wsdl:service></wsdl:definitions>'
    )


def _element_of(service: Service, name: str, members: tuple[Member, ...], types: dict[str, str]) -> str:
    inner = "".join(_member(service, member, types) for member in members)
    return (
        f'<s:element name="{name}"><s:complexType><s:sequence>{inner}</s:sequence></s:complexType>'
        "</s:element>"
    )


def _member(service: Service, member: Member, types: dict[str, str]) -> str:
    optional = service.is_reference(member)
    kind = f"tns:{_declare(service, member, types)}" if member.type not in PRIMITIVES else ""
    nillable = ' nillable="true"' if member.nullable else ""
    return (
        f'<s:element minOccurs="{0 if optional else 1}" maxOccurs="1" name="{member.name}"{nillable} '
        f'type="{kind or "s:" + PRIMITIVES[member.type]}" />'
    )


def _declare(service: Service, member: Member, types: dict[str, str]) -> str:
    """Add the type of `member`, and what that needs, to `types`; return its name."""
    if member.array:
        name = f"ArrayOf{member.type}"
        if name not in types:
            types[name] = ""  # holds the place: the array comes before its item, as in ASP.NET
            item = _declare(service, Member(member.type, member.type), types)
            types[name] = (
                f'<s:complexType name="{name}"><s:sequence><s:element minOccurs="0" maxOccurs="unbounded" '
                f'name="{item}" nillable="true" type="tns:{item}" /></s:sequence></s:complexType>'
            )
        return name
    if member.type not in types:
        types[member.type] = ""
        types[member.type] = "".join(
            _enumeration(member.type, service.enums[member.type])
            if member.type in service.enums
            else _class(service, service.classes[member.type], types)
        )
    return member.type


def _enumeration(name: str, values: tuple[str, ...]) -> Iterator[str]:
    yield f'<s:simpleType name="{name}"><s:restriction base="s:string">'
    yield from (f'<s:enumeration value="{value}" />' for value in values)
    yield "</s:restriction></s:simpleType>"


def _class(service: Service, kind: Class, types: dict[str, str]) -> Iterator[str]:
    members = "".join(_member(service, member, types) for member in kind.own)
    sequence = f"<s:sequence>{members}</s:sequence>" if members else ""
    yield f'<s:complexType name="{kind.name}">'
    if kind.base:
        base = _declare(service, Member(kind.base, kind.base), types)
        yield f'<s:complexContent mixed="false"><s:extension base="tns:{base}">{sequence}</s:extension>'
        yield "</s:complexContent></s:complexType>"
    else:
        yield f"{sequence}</s:complexType>"


def _messages(operation: Operation) -> str:
    return "".join(
        f'<wsdl:message name="{operation.name}{message}"><wsdl:part name="{part}" element="tns:{element}" />'
        "</wsdl:message>"
        for message, part, element in (
            ("SoapIn", "parameters", operation.name),
            ("SoapOut", "parameters", f"{operation.name}Response"),
            ("AuthHeader", "AuthHeader", "AuthHeader"),
        )
    )


def _port_operation(operation: Operation) -> str:
    return (
        f'<wsdl:operation name="{operation.name}"><wsdl:input message="tns:{operation.name}SoapIn" />'
        f'<wsdl:output message="tns:{operation.name}SoapOut" /></wsdl:operation>'
    )


def _binding(service: Service, port: str, prefix: str) -> str:
    operations = "".join(
        f'<wsdl:operation name="{name}">'
        f'<{prefix}:operation soapAction="{NAMESPACE}/{name}" style="document" />'
        f'<wsdl:input><{prefix}:body use="literal" />'
        f'<{prefix}:header message="tns:{name}AuthHeader" part="AuthHeader" use="literal" /></wsdl:input>'
        f'<wsdl:output><{prefix}:body use="literal" /></wsdl:output></wsdl:operation>'
        for name in service.operations
    )
    return (
        f'<wsdl:binding name="{port}" type="tns:{service.name}Soap">'
        f'<{prefix}:binding transport="http://schemas.xmlsoap.org/soap/http" />{operations}</wsdl:binding>'
    )
