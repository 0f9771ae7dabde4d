"""What the reseller's section answers. An optional property that has no value is null or left out in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.datastructures import QueryParams

from connectors.sandbox.faults import Faults
from connectors.sandbox.revirt365.estate import ReVirt365Day, Seats, Session, Tenant
from connectors.sandbox.world import World

Row = dict[str, Any]
LARGEST = 200
_USAGE_PAGE = 40


class Refused(Exception):
    """An error object; `error_id` never changes, `data` is told as JSON inside a string."""

    def __init__(self, status: int, error_id: str, description: str, data: Mapping[str, Any]) -> None:
        super().__init__(description)
        self.status, self.error_id, self.description, self.data = status, error_id, description, data


def wrong_value(name: str, value: object) -> Refused:
    """A property or parameter that cannot be understood."""
    return Refused(
        400,
        "2f0c7a52-6f0e-4c0b-9a55-0c7c5f5f6f10",
        "The value in the given property is not valid.",
        {"propertyName": name, "value": value},
    )


def not_found(name: str, value: str) -> Refused:
    """An id that does not exist in this section."""
    return Refused(404, "b3a1c1de-52b5-4d25-8c4e-0a7c1b9b7d21", "The object was not found.", {name: value})


@dataclass(frozen=True, slots=True)
class Call:
    """One GET of one path, and the world at that instant."""

    operation: str
    ids: Mapping[str, str]
    query: QueryParams
    world: World
    now: datetime
    faults: Faults

    @property
    def shown(self) -> date:
        """The day whose closing figures are shown."""
        return self.world.day_at(self.now)

    @property
    def state(self) -> ReVirt365Day:
        """The closing figures shown."""
        return self.world.revirt365(self.shown)

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a number."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or int(text) > most:
            raise wrong_value(name, text)
        return int(text)

    def instant(self, name: str) -> datetime:
        """A parameter that is an instant with an offset."""
        text = self.query.get(name, "")
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise wrong_value(name, text) from None
        if at.tzinfo is None:
            raise wrong_value(name, text)
        return at

    def page(self, rows: Sequence[Any], start: int, size: int) -> list[Any]:
        """Some rows, as a vendor that fails or not tells them."""
        return self.faults.page("revirt365", self.operation, rows, start, size)


def _customers(call: Call) -> Row:
    """Numbered pages and a total."""
    size = call.number("pageSize", 25, LARGEST)
    page = call.number("page", 1, 10**6)
    if not size or not page:
        raise wrong_value("page", page)
    rows = call.state.tenants
    told = [_customer(row, call.state.reseller_id) for row in call.page(rows, (page - 1) * size, size)]
    return {"customers": told, "totalCount": len(rows)}


def _customer(row: Tenant, reseller_id: str) -> Row:
    told: Row = {
        "id": row.customer_id,
        "dbaName": row.name,
        "resellerId": reseller_id,
        "isActive": row.is_active,
        "CustomerExternalNumber": row.external_number,
        "CustomerPoNumber": row.po_number,
        "portalPageTitle": "ReVirt365 Backup Portal",
    }
    if row.po_number is None and row.is_active:
        del told["CustomerPoNumber"]
    return told


def _usage(call: Call) -> Row:
    """Seats on the day asked for; pages by token."""
    text = call.query.get("date", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong_value("date", text) from None
    if day > call.shown:
        raise wrong_value("date", text)
    token = call.query.get("pageToken", f"{text}/0")
    asked, _, start = token.partition("/")
    if asked != text or not start.isdecimal():
        raise wrong_value("pageToken", token)
    rows, begin = call.world.revirt365(day).seats, int(start)
    told: Row = {
        "usage": [_seats(row) for row in call.page(rows, begin, _USAGE_PAGE)],
        "totalCount": len(rows),
    }
    if begin + _USAGE_PAGE < len(rows):
        told["nextPageToken"] = f"{text}/{begin + _USAGE_PAGE}"
    elif begin:
        told["nextPageToken"] = None
    return told


def _seats(row: Seats) -> Row:
    told: Row = {
        "subscriptionId": row.subscription_id,
        "customerId": row.customer_id,
        "subscriptionName": row.name,
        "product": row.product,
        "activeSeats": row.active,
        "inactiveSeats": row.inactive,
        "protectedBytes": row.protected_bytes,
        "isTrial": row.is_trial,
    }
    if row.active % 2:
        told = {name: value for name, value in told.items() if value is not None}
    return told


def _jobs(call: Call) -> Row:
    """All jobs of a customer at once."""
    asked = call.ids["customerId"]
    if asked not in call.state.jobs_of:
        raise not_found("customerId", asked)
    held = call.state.jobs_of[asked]
    return {"jobs": [{"id": row.job_id, "name": row.name} for row in call.page(held, 0, len(held))]}


def _sessions(call: Call) -> Row:
    """Sessions of a job that began from one instant to before another; rows to skip, and a total."""
    asked = call.ids["jobId"]
    since, until = call.instant("from"), call.instant("to")
    skip, take = call.number("skip", 0, 10**6), call.number("take", 50, LARGEST)
    if asked not in call.state.job_ids:
        raise not_found("jobId", asked)
    zone = call.world.zone
    first, last = since.astimezone(zone).date(), min(until.astimezone(zone).date(), call.shown)
    rows = [
        row
        for n in range((last - first).days + 1)
        for row in call.world.revirt365(first + timedelta(days=n)).sessions_of.get(asked, ())
        if since <= row.started_at < until
    ]
    return {"sessions": [_session(row) for row in call.page(rows, skip, take)], "totalCount": len(rows)}


def _session(row: Session) -> Row:
    told: Row = {
        "id": row.session_id,
        "jobId": row.job.job_id,
        "type": "backup",
        "status": row.status,
        "startedAt": row.started_at.isoformat().replace("+00:00", "Z"),
        "durationSeconds": row.duration_seconds,
        "transferredBytes": row.uploaded_bytes,
    }
    if row.uploaded_bytes is None and row.duration_seconds % 2:
        del told["transferredBytes"]
    return told


_PATHS: Mapping[str, Callable[[Call], Row]] = {
    "/v1/reseller/customers": _customers,
    "/v1/reseller/usage": _usage,
    "/v1/reseller/customers/{customerId}/jobs": _jobs,
    "/v1/reseller/jobs/{jobId}/sessions": _sessions,
}
_ROUTES = [
    (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), path, answer)
    for path, answer in _PATHS.items()
]


def route(path: str) -> tuple[str, Mapping[str, str], Callable[[Call], Row]] | None:
    """The operation, the ids and the answer of a path, if there is such a one."""
    for pattern, operation, answer in _ROUTES:
        if match := pattern.fullmatch(path):
            return operation, match.groupdict(), answer
    return None
