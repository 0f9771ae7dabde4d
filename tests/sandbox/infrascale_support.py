"""The stand-in on loopback, and envelopes written by hand."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.routing import Mount

from connectors.sandbox.faults import Faults
from connectors.sandbox.infrascale import create_app
from connectors.sandbox.world import World

NS = "{sosonlinebackup.com}"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
USER, PASSWORD = "2117WS", "kestrel-pass"
AUTH = (
    f'<AuthHeader xmlns="sosonlinebackup.com"><UserName>{USER}</UserName>'
    f"<Password>{PASSWORD}</Password></AuthHeader>"
)
NIL = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NIGHT = datetime(2026, 3, 5, 2, tzinfo=UTC)
"""An hour at which the vendor shows the closing figures of 4 March."""

EVENTS_FILTER = {
    "PageIndex": 1,
    "PageSize": 5000,
    "IndicatorFilterDefined": "false",
    "IndicatorFilterValue": "Ok",
    "StatusFilterDefined": "false",
    "StatusFilterValue": "Uploading",
    "EventTypeFilterDefined": "false",
    "EventTypeFilterValue": "BackupStarted",
    "EventBackupTypeFilterDefined": "false",
    "EventBackupTypeFilterValue": "Online",
    "AccountNameFilterDefined": "false",
    "AccountNameFilterValue": "",
    "AccountTypeFilterIsNotDefined": "true",
    "AccountTypeFilterValue": "BackupAccount",
    "SystemNameFilterDefined": "false",
    "SystemNameFilterValue": "",
    "FromDateFilterDefined": "true",
    "FromDateFilterValue": "2026-03-04T00:00:00",
    "ToDateFilterDefined": "true",
    "ToDateFilterValue": "2026-03-04T23:59:59.9999999",
    "Version": 3,
}


def envelope(operation: str, inner: str, *, header: str = AUTH, soap: str = SOAP_11) -> str:
    """A whole request; `inner` is what stands in the operation's element."""
    return (
        f'<s:Envelope xmlns:s="{soap}"><s:Header>{header}</s:Header><s:Body>'
        f'<{operation} xmlns="sosonlinebackup.com">{inner}</{operation}></s:Body></s:Envelope>'
    )


def request(**members: object) -> str:
    """The `request` element with members in the given order; None is nil."""
    inner = "".join(f"<{n} {NIL}/>" if v is None else f"<{n}>{v}</{n}>" for n, v in members.items())
    return f"<request>{inner}</request>"


def events_request(entity_id: int, **changed: object) -> str:
    """A GetHistoryEvents or GetMonitoringEvents request for 4 March, with some filters changed."""
    assert changed.keys() <= EVENTS_FILTER.keys()
    members = request(**{**EVENTS_FILTER, **changed}).removeprefix("<request>").removesuffix("</request>")
    return f"<request><EntityId>{entity_id}</EntityId><Filter>{members}</Filter></request>"


class Vendor:
    """A running stand-in and how to talk to it."""

    def __init__(self, base: str, world: World, faults: Faults) -> None:
        self.base, self.world, self.faults = base, world, faults
        self.now = NIGHT
        self.http = httpx.Client()

    @property
    def day(self):
        return self.world.infrascale(self.world.day_at(self.now))

    def post(self, service: str, operation: str, inner: str, **how: str) -> httpx.Response:
        """One SOAP 1.1 call; `how` goes to `envelope`."""
        return self.send(service, envelope(operation, inner, **how), f'"sosonlinebackup.com/{operation}"')

    def send(
        self, service: str, body: str, action: str | None, content_type: str = "text/xml; charset=utf-8"
    ) -> httpx.Response:
        """Any request to a service."""
        headers = {"Content-Type": content_type} | ({"SOAPAction": action} if action else {})
        return self.http.post(f"{self.base}/{service}.asmx", content=body.encode(), headers=headers)

    def call(self, service: str, operation: str, inner: str, **how: str) -> etree._Element:
        """The only child of the response element of an answer with HTTP 200."""
        response = self.post(service, operation, inner, **how)
        assert response.status_code == 200, response.text
        answer = etree.fromstring(response.content).find(f".//{NS}{operation}Response")
        return answer[0]


@contextmanager
def running(world: World, *, strict: bool = True) -> Iterator[Vendor]:
    """The stand-in below a path of its own, as production has it."""
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio does it only for sockets that name their protocol; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    vendor = Vendor(
        f"http://127.0.0.1:{listener.getsockname()[1]}/WebApi/AccountManagementService", world, Faults()
    )
    app = create_app(world, lambda: vendor.now, vendor.faults, (USER, PASSWORD), strict=strict)
    mounted = Starlette(routes=[Mount("/WebApi/AccountManagementService", app)])
    server = uvicorn.Server(uvicorn.Config(mounted, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield vendor  # the socket listens already: a request waits until the server takes it
    finally:
        server.should_exit = True
        vendor.http.close()
        thread.join()


def fault_text(response: httpx.Response) -> str:
    """What a SOAP 1.1 fault says; its code must be the client's."""
    fault = etree.fromstring(response.content).find(f".//{{{SOAP_11}}}Fault")
    assert response.status_code == 500
    assert fault.findtext("faultcode") == "soap:Client"
    return str(fault.findtext("faultstring"))


def result_of(answer: etree._Element) -> tuple[str, str]:
    """Number and code of the Result object inside an operation's result."""
    status = answer.find(f"{NS}Result")
    return status.findtext(f"{NS}Result"), status.findtext(f"{NS}Code")


def names_of(element: etree._Element) -> list[str]:
    """The local names of the children, in order."""
    return [etree.QName(child).localname for child in element]
