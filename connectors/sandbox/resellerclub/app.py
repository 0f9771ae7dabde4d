"""The HTTP API: GET /api/<command>.json with the reseller's id and key in the URL.

Failures are objects with status ERROR, in HTTP 200 or 500; only what stands before the API answers
HTML. Details of an order have one right spelling of their path in each region and it is not printed
which: the other one leads nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.sandbox.control import ENTRY
from connectors.sandbox.faults import Faults
from connectors.sandbox.resellerclub.commands import COMMANDS
from connectors.sandbox.resellerclub.connection import challenge
from connectors.sandbox.resellerclub.search import Call, Mistake
from connectors.sandbox.world import World

_JSON = "application/json"
_NOWHERE = b"<html><head><title>404</title></head><body><h1>HTTP Status 404 - Not Found</h1></body></html>"
_encoder = msgspec.json.Encoder(decimal_format="number")


class ResellerClubApi:
    """The API as an ASGI app.

    Parameters:
        credentials: the reseller's id and API key.

    Attributes:
        details_spelling: by region, which of backup and backups leads to an order's details.
    """

    def __init__(
        self, world: World, clock: Callable[[], datetime], faults: Faults, credentials: tuple[str, str]
    ) -> None:
        self._world, self._clock, self._faults, self._credentials = world, clock, faults, credentials
        self.details_spelling = {"us": "backups", "asia": "backup"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = self._answer(request)
        except Mistake as mistake:
            response = _mistaken(mistake.message, mistake.status)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope["root_path"])
        command = path.removeprefix("/api/").removesuffix(".json")
        known = path == f"/api/{command}.json" and command in COMMANDS
        if refusal := self._faults.refusal("resellerclub", command):
            return refusal
        if self._faults.take("resellerclub", command, "403_html"):
            return challenge()
        if request.method != "GET" or not known:
            request.scope[ENTRY].write = _changes(request.method, command)
            return Response(_NOWHERE, 404, media_type="text/html")
        place, _, rest = command.partition("/")
        region = rest.removesuffix("/details")
        if region != rest and place != self.details_spelling.get(region, place):
            return Response(_NOWHERE, 404, media_type="text/html")
        given = (request.query_params.get("auth-userid"), request.query_params.get("api-key"))
        if given != self._credentials:
            return _mistaken("Authentication failure", 400)
        for mode, status in (("error_in_200", 200), ("error_in_500", 500)):
            if self._faults.take("resellerclub", command, mode):
                return _mistaken("An unexpected error has occurred", status)
        state = self._world.resellerclub(self._world.day_at(self._clock()))
        told = COMMANDS[command](Call(command, request.query_params, state, self._faults))
        return self._faults.answer("resellerclub", command, _encoder.encode(told), _JSON)


def _changes(method: str, command: str) -> bool:
    """Whether a request would change something, or fetch a login for somebody."""
    last = command.rpartition("/")[2]
    return method != "GET" or last.startswith(("add", "renew", "delete", "modify", "auto-login", "install"))


def _mistaken(message: str, status: int) -> Response:
    """Half of the commands call the text `message`, the others `error`."""
    body = {"status": "ERROR", "message": message} if status == 500 else {"status": "error", "error": message}
    return Response(_encoder.encode(body), status, media_type=_JSON)
