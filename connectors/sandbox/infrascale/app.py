"""The Infrascale stand-in: eight .asmx services over HTTP.

app = create_app(World(), clock.now, Faults(), ("2117WS", "secret"))
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.chance import guid
from connectors.sandbox.faults import Faults
from connectors.sandbox.infrascale import entities, events, usage
from connectors.sandbox.infrascale.dotnet import NAMESPACE, Operation, Service, write_member
from connectors.sandbox.infrascale.envelope import SOAP_11, SOAP_12, Call, NotUnderstood, Soap, read_call
from connectors.sandbox.infrascale.estate import Estate, Listing, NotServed, Payload, Read, invalid
from connectors.sandbox.infrascale.services import SERVICES
from connectors.sandbox.infrascale.wsdl import wsdl
from connectors.sandbox.world import World

log = logging.getLogger(__name__)

VENDOR = "infrascale"
_ACTION_PARAMETER = re.compile(r'action="?([^";]*)"?')

READS: dict[str, Read] = {
    "GetEntityHierarchy": entities.entity_hierarchy,
    "GetEntityDirectAccounts": entities.entity_direct_accounts,
    "GetEntityAccounts": entities.entity_accounts,
    "GetAccountUsedSpace": entities.account_used_space,
    "GetCompaniesSummary": usage.companies_summary,
    "GetPartnerDetailsByApplicationUser": usage.partner_details,
    "GetUsedSpaceForAllAccounts": usage.used_space_for_all_accounts,
    "GetAssignedLicensesSummary": usage.assigned_licenses_summary,
    "GetCloudUsage": usage.cloud_usage,
    "GetEntityAppliances": usage.entity_appliances,
    "GetHistoryEvents": events.history_events,
    "GetMonitoringEvents": events.monitoring_events,
    "GetHistoryRecoveryEvents": events.history_recovery_events,
}


def create_app(
    world: World,
    clock: Callable[[], datetime],
    faults: Faults,
    credentials: tuple[str, str],
    *,
    strict: bool = True,
) -> Starlette:
    """The services at `/<Service>.asmx`, to be mounted under any path.

    Parameters:
        world: what there is to tell.
        clock: what time it is; decides which day's figures are shown and which events have happened.
        faults: the ways in which to fail; all may be switched while the server runs.
        credentials: the "web api user name" and password that AuthHeader must hold.
        strict: refuse a request that breaks the schema with a SOAP fault. False is as the vendor does:
            unknown elements are skipped and missing ones are 0.
    """
    vendor = _Vendor(world, clock, faults, credentials, strict=strict)
    return Starlette(routes=[Route("/{service}.asmx", vendor.answer, methods=["GET", "POST"])])


class _Vendor:
    def __init__(
        self,
        world: World,
        clock: Callable[[], datetime],
        faults: Faults,
        credentials: tuple[str, str],
        *,
        strict: bool,
    ) -> None:
        self._world, self._clock, self._faults = world, clock, faults
        self._credentials, self._strict = credentials, strict

    async def answer(self, request: Request) -> Response:
        service = SERVICES.get(request.path_params["service"])
        if service is None:
            return Response("The resource cannot be found.", 404, media_type="text/html")
        if request.method == "GET":
            return self._description(service, request)
        media_type, _, parameters = request.headers.get("content-type", "").partition(";")
        for soap in (SOAP_11, SOAP_12):
            if media_type.strip().lower() == soap.media_type:
                body = await request.body()
                return self._call(service, soap, _action(request, soap, parameters), body)
        return Response("Unsupported Media Type", 415, media_type="text/plain")

    def _description(self, service: Service, request: Request) -> Response:
        if refusal := self._faults.refusal(VENDOR, "WSDL"):
            return refusal
        if request.url.query.lower() != "wsdl":
            names = "".join(f"<li>{name}</li>" for name in service.operations)
            return Response(f"<h1>{service.name}</h1><ul>{names}</ul>", media_type="text/html")
        # The vendor's server stands behind something that ends TLS, so it calls itself http.
        address = f"http://{request.url.netloc}{request.url.path}"
        return self._faults.answer(VENDOR, "WSDL", wsdl(service, address).encode(), "text/xml")

    def _call(self, service: Service, soap: Soap, action: str | None, body: bytes) -> Response:
        try:
            call = read_call(service, soap, action, body, strict=self._strict)
        except NotUnderstood as mistake:
            return _fault(soap, mistake.code or soap.sender, str(mistake))
        operation = call.operation
        if not operation.reads:
            log.warning("refused write %s", operation.name)
            return _fault(soap, soap.sender, f"{operation.name} is not a read: the sandbox refuses it")
        if refusal := self._faults.refusal(VENDOR, operation.name):
            return refusal
        status: Payload = {"Result": 0, "Code": "Success"}
        try:
            payload = self._payload(call)
        except NotServed as error:
            payload = {}
            message = f"Err-{guid(error.number)}; {error}"
            status = {"Result": error.number, "Code": error.code, "Message": message}
        written = soap.envelope(_response(service, operation, status, payload))
        media_type = f"{soap.media_type}; charset=utf-8"
        return self._faults.answer(VENDOR, operation.name, written, media_type)

    def _payload(self, call: Call) -> Payload:
        name = call.operation.name
        if (call.user, call.password) != self._credentials or self._faults.take(VENDOR, name, "result_3"):
            raise NotServed(3, "InvalidSoapCredentials", "Invalid auth header")
        if self._faults.take(VENDOR, name, "result_1"):
            raise NotServed(1, "UnexpectedError", "Unexpected error")
        now = self._clock()
        estate = Estate(self._world, self._world.day_at(now), now.replace(second=0, microsecond=0))
        asked = call.arguments.get("request", call.arguments)
        if asked is None:
            raise invalid("request is required")
        payload = READS[name](estate, asked)
        return {
            member: self._faults.page(VENDOR, name, value.rows, value.start, value.size)
            if isinstance(value, Listing)
            else value
            for member, value in payload.items()
        }


def _action(request: Request, soap: Soap, parameters: str) -> str | None:
    """Which operation the HTTP headers name; None when they do not, or not as the standard says."""
    if soap is SOAP_12:
        found = _ACTION_PARAMETER.search(parameters)
        return found and found[1]
    quoted = request.headers.get("soapaction", "")
    return quoted[1:-1] if len(quoted) > 1 and quoted[0] == quoted[-1] == '"' else None


def _fault(soap: Soap, code: str, text: str) -> Response:
    return Response(soap.fault(code, text), 500, media_type=f"{soap.media_type}; charset=utf-8")


def _response(service: Service, operation: Operation, status: Payload, payload: Payload) -> bytes:
    """The response element: the Result object is the return value, or stands inside it."""
    returned, *others = operation.results
    value: Any = status if returned.type == "OperationResult" else {**payload, "Result": status}
    inner = write_member(service, returned, value) + b"".join(
        write_member(service, other, payload.get(other.name, service.zero(other))) for other in others
    )
    name = f"{operation.name}Response"
    return f'<{name} xmlns="{NAMESPACE}">'.encode() + inner + f"</{name}>".encode()
