"""SOAP 1.1 over our own HTTP: zeep writes the envelopes, the bytes of the answers stay ours.

zeep's answers as objects cost 60 times a typed column, and lose rows in silence when it is not strict:
no answer is ever given to it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from connectors.errors import RequestRefused, TemporaryFailure, VendorError
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport, Judge, judge_status
from connectors.transport.soap_service import Service, parsed
from connectors.transport.soap_shape import differences
from connectors.transport.wsdl import WsdlShelf
from connectors.transport.xml_answer import child, envelope, frame, is_whole, local_name, readable

log = logging.getLogger(__name__)

_REPORTED: set[tuple[str, ...]] = set()  # lines the log of this process has


class SoapTransport:
    """Posts the reads of one connection to the services below one address.

    Parameters:
        http: the policy every request goes through.
        base_url: the vendor's address; nothing outside is spoken to.
        kept: directory for live WSDLs, to be used while they cannot be fetched.
        bundled: directory of the WSDLs we bring along.
    """

    def __init__(self, http: HttpTransport, base_url: str, kept: Path, bundled: Path) -> None:
        self._http = http
        self._base = base_url
        self._shelf = WsdlShelf(http, base_url, kept, bundled)
        self._services: dict[str, Service] = {}
        self._finding = threading.Lock()
        self.differences: tuple[str, ...] = ()

    def service(self, name: str) -> Service:
        """The service at `<base>/<name>.asmx`, described by its live WSDL, else the last, else ours.

        What differs from ours, or why the live one is not used, is added to `differences`.
        """
        with self._finding:
            if name not in self._services:
                self._services[name] = self._find(name)
            return self._services[name]

    def post(
        self,
        operation: str,
        service: str,
        content: bytes,
        *,
        context: Mapping[str, str],
        role: Role,
        judge: Judge,
    ) -> Exchange:
        """Send one read; see `HttpTransport.send`."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{self.service(service).action(operation)}"',
        }
        return self._http.send(
            operation,
            "POST",
            self._address(service),
            headers=headers,
            content=content,
            context=context,
            role=role,
            judge=judge,
        )

    def _address(self, service: str) -> str:
        return f"{self._base}/{service}.asmx"

    def _find(self, name: str) -> Service:
        bundled = self._shelf.bundled(name)
        try:
            live = self._shelf.live(self._address(name))
            service = parsed(live)
            lines = _compare(name, service, parsed(bundled))
            self._shelf.keep(name, live)
        except VendorError as error:
            older = self._shelf.last(name) or bundled
            self._report((f"{name}: the live WSDL is unusable, the {older.origin} one is used: {error}",))
            return parsed(older)
        self._report(lines)
        return service

    def _report(self, lines: tuple[str, ...]) -> None:
        self.differences += lines
        if lines and lines not in _REPORTED:
            _REPORTED.add(lines)
            log.warning("%s", "; ".join(lines))


def _compare(name: str, live: Service, ours: Service) -> tuple[str, ...]:
    """The differences in the operations we use, which are those of our own description."""
    gone = tuple(f"{name}: {operation} removed" for operation in sorted(ours.operations - live.operations))
    both = sorted(ours.operations & live.operations)
    return gone + differences(
        name,
        [message for operation in both for message in (live.request(operation), live.answer(operation))],
        [message for operation in both for message in (ours.request(operation), ours.answer(operation))],
    )


def frame_of(exchange: Exchange, row: str) -> etree._Element:
    """The answer without its rows, when it is one: what faults, errors and cut answers mean.

    Parameters:
        row: local name of a row.

    Raises:
        RequestRefused: a fault that blames us, or an HTTP status that does.
        TemporaryFailure: any other fault, a page of HTML, an empty or a cut answer, HTTP 5xx.
        CredentialsRefused: HTTP 401, 403.
        ContractBroken: not well-formed.
    """
    whole = is_whole(exchange.body)
    root = frame(exchange.body, row) if whole and exchange.status == 200 else None
    if root is None and whole:
        root = envelope(readable(exchange.body))
    body = child(root, "Body") if root is not None else None
    if body is not None and (fault := child(body, "Fault")) is not None:
        _raise_fault(exchange.operation, fault)
    judge_status(exchange)
    if root is None:
        raise TemporaryFailure(
            f"{exchange.operation} answered no whole SOAP message but {len(exchange.body)} bytes of "
            f"{exchange.content_type or 'no content type'}"
        )
    return root


def _raise_fault(operation: str, fault: etree._Element) -> None:
    said = {local_name(part): (part.text or "").strip() for part in fault}
    # SOAP 1.1 section 4.4.1: a prefixed name, refined after dots: soap:Client.Authentication.
    code = said.get("faultcode", "").rpartition(":")[2].partition(".")[0]
    sentence = (
        f"{operation} answered the fault {code or 'without a code'}: {said.get('faultstring', '')[:300]}"
    )
    if code == "Server":
        raise TemporaryFailure(sentence)
    raise RequestRefused(sentence)
