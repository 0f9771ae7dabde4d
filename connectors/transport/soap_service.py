"""A SOAP service as its WSDL describes it: the shapes of its messages, and the envelopes asked for.

Facts about zeep 4.3 that shape this: a wrong or missing parameter is an error before anything is sent;
a value that may be nil and is not given is sent as nil; a port's address is what the server believes of
itself, so it is not used.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import LookupError as NotDescribed
from zeep.transports import Transport
from zeep.wsdl.bindings import Soap11Binding

from connectors.errors import ContractBroken
from connectors.transport.soap_shape import Message
from connectors.transport.wsdl import Wsdl

log = logging.getLogger(__name__)

_NOWHERE = "https://description.invalid"  # zeep resolves imports against it; nothing is sent there


class Service:
    """One SOAP service as its description tells: the messages of its operations, and their envelopes.

    Parameters:
        wsdl: the description.

    Raises:
        ContractBroken: it is no WSDL of a SOAP 1.1 service.
    """

    def __init__(self, wsdl: Wsdl) -> None:
        settings = zeep.Settings(forbid_dtd=True, forbid_entities=True, force_https=False)
        # zeep's own annotations cover a part of it only.
        client: Any = zeep.Client
        try:
            self._zeep = client(f"{_NOWHERE}/{wsdl.main}", transport=_Documents(wsdl), settings=settings)
            port = self._zeep.bind()
        except Exception as error:  # zeep meets a broken description with errors of every kind
            raise ContractBroken(f"the WSDL cannot be read: {type(error).__name__}: {error}") from error
        bindings = [found for found in self._zeep.wsdl.bindings.values() if isinstance(found, Soap11Binding)]
        if not bindings or port is None:
            raise ContractBroken("the WSDL has no SOAP 1.1 binding of a service")
        self._binding: Any = bindings[0]
        self._writing = threading.Lock()  # one parsed description serves every thread of the process

    @cached_property
    def operations(self) -> frozenset[str]:
        """Names of its operations."""
        return frozenset(self._binding.all())

    def request(self, operation: str) -> Message:
        """The shape of what is asked."""
        return self._message(operation, "input")

    def answer(self, operation: str) -> Message:
        """The shape of what comes back."""
        return self._message(operation, "output")

    def action(self, operation: str) -> str:
        """The SOAPAction, unquoted."""
        return str(self._operation(operation).soapaction)

    def envelope(
        self, operation: str, values: Mapping[str, object], header: str, login: Mapping[str, str]
    ) -> bytes:
        """The request as it goes over the wire.

        Parameters:
            values: path of a member of the request -> its value.
            header: qualified name of the SOAP header element, `{namespace}name`.
            login: its members.

        Raises:
            ContractBroken: the WSDL wants other members than these.
        """
        arguments: dict[str, Any] = {}
        for path, given in values.items():
            *containers, name = path.split("/")
            node = arguments
            for container in containers:
                node = node.setdefault(container, {})
            node[name] = given
        with self._writing:
            try:
                message = self._zeep.create_message(
                    self._proxy, operation, _soapheaders=[self._header(header, login)], **arguments
                )
            except (ZeepError, TypeError) as error:
                raise ContractBroken(f"{operation} cannot be asked as its WSDL wants: {error}") from None
        return etree.tostring(message, xml_declaration=True, encoding="utf-8")

    @cached_property
    def _proxy(self) -> Any:
        return self._zeep.create_service(self._binding.name.text, _NOWHERE)

    def _header(self, name: str, members: Mapping[str, str]) -> Any:
        try:
            return self._zeep.get_element(name)(**members)
        except NotDescribed:  # a WSDL may leave its header out; the members' order is then the one given
            header = etree.Element(name)
            for member, text in members.items():
                etree.SubElement(header, etree.QName(etree.QName(name).namespace, member)).text = text
            return header

    def _message(self, operation: str, way: str) -> Message:
        described = getattr(self._operation(operation), way)
        try:
            return Message.of(operation, described.body)
        except Exception as error:  # a description that lacks a part is read as far as that part
            raise ContractBroken(
                f"the WSDL does not tell the {way} of {operation}: {type(error).__name__}: {error}"
            ) from error

    def _operation(self, name: str) -> Any:
        if name not in self.operations:
            raise ContractBroken(f"the WSDL has no operation {name} any more")
        return self._binding.get(name)


class _Documents(Transport):
    """Gives zeep the documents of one description, and nothing else.

    The base class would open a session of requests; none of it is needed.
    """

    def __init__(self, wsdl: Wsdl) -> None:
        self.logger = log
        self._close_session = False  # read when the base class is let go
        self._documents = wsdl.documents

    def load(self, url: str) -> bytes:
        """The document at `url`; its host is what the server believes of itself, and counts for nothing."""
        found = [content for location, content in self._documents.items() if url.endswith(f"/{location}")]
        if not found:
            raise ContractBroken(f"the service's description imports {url}, which it does not bring")
        return found[0]


@lru_cache(maxsize=64)
def parsed(wsdl: Wsdl) -> Service:
    """The service a description tells of; parsed once in a process, however many nights it reads."""
    return Service(wsdl)
