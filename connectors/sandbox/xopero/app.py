"""WebAPI 2.0: POST /token logs in, POST /endpoint calls a function; every answer is an envelope.

The manual leaves the shape of `error` open and prints some codes with letters that only look right, so
each function has its own way of failing here. It names no code for a bad token, a bad login or an unknown
function: those fail with a bare sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.sandbox.control import ENTRY, Entry
from connectors.sandbox.faults import Faults
from connectors.sandbox.world import DAYS_KEPT, World
from connectors.sandbox.xopero.functions import FUNCTIONS, OUT_OF_REACH, Call, Failure
from connectors.sandbox.xopero.tokens import Tokens

_JSON = "application/json"
_WRITES = ("Add", "Set", "Delete")
_UNLISTED = 0xFFFF


class XoperoApi:
    """The API as an ASGI app. A plain one: a night asks for the usage of each customer by itself."""

    def __init__(self, world: World, clock: Callable[[], datetime], faults: Faults, tokens: Tokens) -> None:
        self._world, self._clock, self._faults, self._tokens = world, clock, faults, tokens
        self._kept = lru_cache(DAYS_KEPT)(_new_answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await Request(scope, receive).body()
        response = self._answer(scope, body)
        await response(scope, receive, send)

    def _answer(self, scope: Scope, body: bytes) -> Response:
        path = scope["path"].removeprefix(scope["root_path"])
        if scope["method"] != "POST" or path not in {"/token", "/endpoint"}:
            return _failed("", Failure(None, "Not Found"), 404)
        if dict(scope["headers"]).get(b"content-type", b"").split(b";")[0] != _JSON.encode():
            return _failed("", Failure(None, "The body must be JSON."))
        try:
            asked = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return _failed("", Failure(None, "The body must be JSON."))
        return self._token(asked) if path == "/token" else self._endpoint(asked, scope[ENTRY])

    def _token(self, asked: Any) -> Response:
        if refusal := self._faults.refusal("xopero", "token"):
            return refusal
        granted = self._tokens.grant(asked)
        if granted is None:
            return _failed("token", Failure(None, "Invalid login data."))
        return self._faults.answer("xopero", "token", _told(granted), _JSON)

    def _endpoint(self, asked: Any, entry: Entry) -> Response:
        if not isinstance(asked, dict) or not isinstance(asked.get("function"), str):
            return _failed("", Failure(None, "The function was not given."))
        function, token, data = asked["function"], asked.get("token"), asked.get("data")
        entry.operation, entry.write = function, function.startswith(_WRITES)
        if refusal := self._faults.refusal("xopero", function):
            return refusal
        if self._faults.take("xopero", function, "expired_token"):
            self._tokens.forget(str(token))
            return _failed("", Failure(None, "Access token expired."), 401)
        if not self._tokens.is_valid(token):
            return _failed("", Failure(None, "Invalid access token."))
        try:
            body = self._body(function, str(token), data)
        except Failure as failure:
            return _failed(function, failure)
        return self._faults.answer("xopero", function, body, _JSON)

    def _body(self, function: str, token: str, data: Any) -> bytes:
        """The answer of a function.

        Raises:
            Failure: it cannot be answered so.
        """
        if function == "RefreshToken":
            return _told(self._tokens.extend(token))
        if function == "ForgetToken":
            self._tokens.forget(token)
            return _told(True)
        if function not in FUNCTIONS:
            raise Failure(None, "The function does not exist.")
        if self._faults.take("xopero", function, "success_false"):
            raise Failure(_UNLISTED, "Unknown error.")
        if self._faults.take("xopero", function, "out_of_reach"):
            raise Failure(OUT_OF_REACH.get(function), "Out of reach account.")
        shown = self._world.day_at(self._clock())
        kept = self._kept(shown)
        key = (function, data) if type(data) is int and self._faults.quiet else None
        if key in kept:
            return kept[key]
        body = _told(FUNCTIONS[function](Call(function, data, self._world.xopero(shown), self._faults)))
        if key:
            kept[key] = body
        return body


def _new_answers(_: date) -> dict[tuple[str, int] | None, bytes]:
    """Answers about one customer each, by function and id."""
    return {}


def _told(data: object) -> bytes:
    return msgspec.json.encode({"success": True, "data": data})


def _failed(function: str, failure: Failure, status: int = 200) -> Response:
    body = msgspec.json.encode({"success": False, "error": _error(function, failure)})
    return Response(body, status, media_type=_JSON)


def _error(function: str, failure: Failure) -> object:
    """The same failure in one of the shapes that the manual allows for."""
    if failure.code is None:
        return failure.message
    code = f"0x{failure.code:04x}"
    match function:
        case "GetCustomerUsage":  # letters of the Cyrillic alphabet
            alike = code.replace("x", "\u0445").replace("c", "\u0441")
            return {"code": alike, "message": failure.message}
        case "GetCustomer":  # the letter O
            return {"code": code.replace("0x", "Ox"), "message": failure.message}
        case "GetUser":
            return {"code": failure.code, "message": failure.message}
        case "GetSubscription":
            return code
        case _:
            return {"code": code, "message": failure.message}
