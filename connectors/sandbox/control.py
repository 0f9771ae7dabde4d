"""The sandbox's own side: its clock, the log of what was asked, and the endpoints that steer them."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.faults import Faults
from connectors.sandbox.world import World

NOW = "BACKUP_BILLING_NOW"
ENTRY = "sandbox.entry"
"""Where an app finds the log's entry of its request, to say what the log cannot see from outside."""
_KEPT = 50_000
_LOGINS = {"/connect/token", "/v1/token"}
_SECRET = re.compile(r"\b((?:api-key|auth-password)=)[^&]*")


class Clock:
    """The sandbox's time: what it was set to, at first BACKUP_BILLING_NOW, or else the machine's.

    Raises:
        ValueError: the instant has no offset or is not ISO 8601.
    """

    def __init__(self) -> None:
        self.set(os.environ.get(NOW) or None)

    def set(self, now: str | None) -> None:
        """Stand still at an ISO 8601 instant with offset; None follows the machine's clock."""
        instant = None if now is None else datetime.fromisoformat(now)
        if instant is not None and instant.tzinfo is None:
            raise ValueError(f"The instant {now!r} has no offset; for example 2026-11-02T01:00:00+00:00.")
        self._instant = instant

    def __call__(self) -> datetime:
        """The present instant."""
        return self._instant or datetime.now(UTC)


class Latency:
    """How long every vendor takes before it begins to answer, in seconds; none at first."""

    seconds = 0.0

    def before(self, app: ASGIApp) -> ASGIApp:
        """The app, slower by that."""

        async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
            if self.seconds:
                await asyncio.sleep(self.seconds)
            await app(scope, receive, send)

        return slowly


class Entry(msgspec.Struct):
    """One request that reached a vendor.

    Attributes:
        query: with any key in it withheld.
        operation: of SOAPAction, or the function of a call; empty for REST.
        write: whether it tried to change something.
        abuse: whether it came while another one was under way at a vendor that allows for one at a time.
    """

    vendor: str
    method: str
    path: str
    query: str
    operation: str
    status: int
    write: bool
    abuse: bool = False


class RequestLog:
    """An ASGI app that writes down what passes to the app inside; the latest 50,000 requests are kept.

    Parameters:
        vendor: whose requests these are.
        app: who answers.
        entries: shared by the logs of all vendors.
    """

    def __init__(self, vendor: str, app: ASGIApp, entries: deque[Entry]) -> None:
        self._vendor, self._app, self._entries = vendor, app, entries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its status."""
        entry = scope[ENTRY] = self._entry(scope)
        self._entries.append(entry)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await self._app(scope, receive, noting)

    def _entry(self, scope: Scope) -> Entry:
        method, path = scope["method"], scope["path"].removeprefix(scope["root_path"])
        actions = [value for name, value in scope["headers"] if name == b"soapaction"]
        operation = actions[0].decode("latin-1").strip('"').rpartition("/")[2] if actions else ""
        if self._vendor == "infrascale":
            write = not operation.startswith(("Get", "Authenticate")) and bool(operation)
        elif self._vendor == "xopero":
            write = False  # everything is a POST; the app inside knows the function
        else:
            write = method not in {"GET", "HEAD"} and path not in _LOGINS
        query = _SECRET.sub(r"\1***", scope["query_string"].decode("latin-1"))
        return Entry(self._vendor, method, path, query, operation, 0, write)


def new_entries() -> deque[Entry]:
    """An empty log."""
    return deque(maxlen=_KEPT)


def create_control(world: World, clock: Clock, faults: Faults, entries: deque[Entry]) -> Starlette:
    """GET truth?date=, POST clock, POST and DELETE faults, GET and DELETE log."""

    async def truth(request: Request) -> Response:
        asked = parse_qs(request.url.query).get("date", [""])[0]
        try:
            day = date.fromisoformat(asked)
        except ValueError:
            return _mistaken(f"date is {asked!r}, not like 2026-10-31")
        return _json(
            {
                "date": day,
                "readings": [row._asdict() for row in world.truth(day)],
                "accounts": [row._asdict() for row in world.truth_accounts(day)],
                "events": [row._asdict() for row in world.truth_events(day)],
                "subscriptions": [row._asdict() for row in world.truth_subscriptions(day)],
                "prices": [row._asdict() for row in world.truth_prices(day)],
                "transactions": [row._asdict() for row in world.truth_transactions(day)],
            }
        )

    async def set_clock(request: Request) -> Response:
        try:
            clock.set((await request.json())["now"])
        except (ValueError, KeyError, TypeError) as error:
            return _mistaken(str(error))
        return _json({"now": clock()})

    async def switch_on(request: Request) -> Response:
        try:
            faults.switch_on(**await request.json())
        except (ValueError, TypeError) as error:
            return _mistaken(str(error))
        return Response(status_code=204)

    async def switch_off(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def told(_: Request) -> Response:
        return _json(list(entries))

    async def forget(_: Request) -> Response:
        entries.clear()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/truth", truth, methods=["GET"]),
            Route("/clock", set_clock, methods=["POST"]),
            Route("/faults", switch_on, methods=["POST"]),
            Route("/faults", switch_off, methods=["DELETE"]),
            Route("/log", told, methods=["GET"]),
            Route("/log", forget, methods=["DELETE"]),
        ]
    )


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _mistaken(sentence: str) -> Response:
    return Response(msgspec.json.encode({"detail": sentence}), 400, media_type="application/json")
