"""Ways in which vendors fail, switched on while the sandbox runs.

How tests and the control endpoint use it:

    faults.switch_on("503_html", "redstor", operation="/companies/{companyId}/consumption/*", times=2)
    faults.switch_on("renamed_field", "infrascale", operation="GetEntityAccounts", field="UsedSpaceKB")
    faults.clear()

How a vendor's server uses it, in the order of one request:

    if refusal := faults.refusal("redstor", operation):   # 503_html, 429: instead of any work
        return refusal
    if faults.take("redstor", operation, "expired_token"):  # modes with a meaning of the vendor's own
        ...
    rows = faults.page("redstor", operation, rows, start, size)    # page_shift, duplicate_rows, empty_list
    return faults.answer("redstor", operation, body, media_type)   # the body-level modes

`operation` is the vendor's own word: an Infrascale operation (GetEntityAccounts), a RedAPI path with
`{companyId}` and the like in place of ids, a Xopero function (GetCustomers), a ResellerClub command
(backup/us/search), a ReVirt365 path, or `token` for a token endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MODES = {
    "503_html": "HTTP 503 with an HTML page",
    "429": "HTTP 429 with Retry-After",
    "reset_mid_body": "the connection closes when half of the announced body is sent",
    "truncated_body": "a complete HTTP message whose JSON or XML is cut",
    "result_1": "Infrascale: HTTP 200, Result 1 (UnexpectedError)",
    "result_3": "Infrascale: HTTP 200, Result 3 (InvalidSoapCredentials)",
    "expired_token": "Redstor, Xopero, ReVirt365: 401, and the token is void from then on",
    "success_false": "Xopero: HTTP 200, success false with a code that no manual lists",
    "out_of_reach": "Xopero: HTTP 200, success false with the function's code for an account out of reach",
    "error_in_200": "ResellerClub, ReVirt365: the vendor's error object in HTTP 200",
    "error_in_500": "ResellerClub, ReVirt365: the vendor's error object in HTTP 500, which no retry mends",
    "answers_later": "ReVirt365: HTTP 202 and a callback id, since the answer comes to a callback",
    "403_html": "ResellerClub: HTTP 403 with the HTML of what stands before the API",
    "page_shift": "a row vanishes (or appears) ahead of the walk, so that later pages shift by one",
    "duplicate_rows": "the last row of a page stands there twice",
    "renamed_field": "`field` has another name in every row",
    "unknown_field": "a field nobody knows stands before `field` in every row",
    "wrong_type": "the first `field` holds words in place of its figure",
    "empty_list": "no rows, while totals and page tokens stay as they are",
}
_NEED_FIELD = {"renamed_field", "unknown_field", "wrong_type"}
_MAINTENANCE = b"<html><head><title>503</title></head><body><h1>Down for maintenance</h1></body></html>"

Row = TypeVar("Row")


@dataclass(slots=True)
class Fault:
    """One way of failing.

    Attributes:
        mode: a key of MODES.
        vendor: infrascale, redstor, xopero, resellerclub or revirt365.
        operation: pattern (`*` matches anything) of the operations that fail; None for all.
        times: how many answers still fail; None for ever.
        field: the vendor's field name, for the modes about fields.
        retry_after: seconds told with 429.
        appears: page_shift: a row appears (a row is told twice) rather than vanishes (a row is missed).
    """

    mode: str
    vendor: str
    operation: str | None = None
    times: int | None = None
    field: str = ""
    retry_after: int = 0
    appears: bool = False

    def applies_to(self, vendor: str, operation: str) -> bool:
        """Whether an answer of this operation fails."""
        return self.vendor == vendor and fnmatchcase(operation, self.operation or "*")

    def __post_init__(self) -> None:
        """Refuse what could never fail as meant."""
        if self.mode not in MODES:
            raise ValueError(f"There is no fault {self.mode!r}; there are {', '.join(MODES)}.")
        if self.mode in _NEED_FIELD and not self.field:
            raise ValueError(f"The fault {self.mode} needs the name of a field.")
        if self.times is not None and self.times < 1:
            raise ValueError(f"The fault {self.mode} must fail at least once, not {self.times} times.")


class Faults:
    """The faults that are on. Used by the server's thread and the test's at once."""

    def __init__(self) -> None:
        self._on: list[Fault] = []
        self._lock = Lock()

    def switch_on(
        self,
        mode: str,
        vendor: str,
        operation: str | None = None,
        times: int | None = None,
        *,
        field: str = "",
        retry_after: int = 0,
        appears: bool = False,
    ) -> None:
        """Let a vendor fail; see `Fault` for the parameters.

        Raises:
            ValueError: no such mode, a field is missing, or it would fail less than once.
        """
        fault = Fault(mode, vendor, operation, times, field, retry_after, appears)
        with self._lock:
            self._on.append(fault)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._on.clear()

    @property
    def quiet(self) -> bool:
        """Whether nothing is to go wrong, so that an answer may be a kept one."""
        return not self._on

    def take(self, vendor: str, operation: str, *modes: str) -> Fault | None:
        """The oldest fault of these modes that applies; it has then failed once more."""
        with self._lock:
            for fault in self._on:
                if fault.mode in modes and fault.applies_to(vendor, operation):
                    self._count(fault)
                    return fault
        return None

    def _take_fields(self, vendor: str, operation: str, body: bytes) -> list[Fault]:
        """Every fault about a field that the body has, each counted once."""
        with self._lock:
            taken = [
                fault
                for fault in self._on
                if fault.mode in _NEED_FIELD
                and fault.field.encode() in body
                and fault.applies_to(vendor, operation)
            ]
            for fault in taken:
                self._count(fault)
        return taken

    def _count(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._on.remove(fault)

    def refusal(self, vendor: str, operation: str) -> Response | None:
        """The answer in place of any work, if the vendor is to fail as a whole."""
        fault = self.take(vendor, operation, "503_html", "429")
        if fault is None:
            return None
        if fault.mode == "429":
            return Response(b"Too Many Requests", 429, {"Retry-After": str(fault.retry_after)}, "text/plain")
        return Response(_MAINTENANCE, 503, media_type="text/html")

    def page(self, vendor: str, operation: str, rows: Sequence[Row], start: int, size: int) -> list[Row]:
        """Rows `start` to `start + size` of a list, as a failing vendor tells them.

        Pages shift from the second one on, since the walk has to be under way.
        """
        if self.take(vendor, operation, "empty_list"):
            return []
        shift = self.take(vendor, operation, "page_shift") if start else None
        begin = start + (0 if shift is None else -1 if shift.appears else 1)
        page = list(rows[begin : begin + size])
        if page and self.take(vendor, operation, "duplicate_rows"):
            page.append(page[-1])
        return page

    def answer(  # noqa: PLR0917
        self,
        vendor: str,
        operation: str,
        body: bytes,
        media_type: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The HTTP answer with `body`, as a failing vendor sends it."""
        for fault in self._take_fields(vendor, operation, body):
            body = _changed(body, fault)
        if self.take(vendor, operation, "truncated_body"):
            body = body[: len(body) * 2 // 3]
        kind = _CutShort if self.take(vendor, operation, "reset_mid_body") else Response
        return kind(body, status, headers, media_type)


def _changed(body: bytes, fault: Fault) -> bytes:
    """The body with `field` changed, be it JSON (`"field":`) or XML (`<field>`)."""
    name = fault.field.encode()
    json, xml = rb'"' + name + rb'"(?=\s*:)', rb"(</?)" + name + rb"(?=[ >/])"
    if fault.mode == "renamed_field":
        body = re.sub(json, rb'"' + name + rb'Renamed"', body)
        return re.sub(xml, rb"\1" + name + rb"Renamed", body)
    if fault.mode == "unknown_field":
        body = re.sub(json, rb'"somethingNew":"1",\g<0>', body)
        return re.sub(rb"<" + name + rb"(?=[ >/])", rb"<SomethingNew>1</SomethingNew>\g<0>", body)
    body = re.sub(json + rb"(\s*:\s*)[^,}\]]+", rb'"' + name + rb'"\1"a lot"', body, count=1)
    return re.sub(rb"(<" + name + rb">)[^<]*", rb"\1a lot", body, count=1)


class _CutShort(Response):
    """Announces the whole body and sends half of it; the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
