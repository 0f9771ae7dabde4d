"""The API: POST /v1/token for a bearer token, and the reseller's section behind it.

Every body has a `traceId`, which begins with the one that was sent; error objects may lack it, may have a
colon at the end of a key, and repeat what was sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.sandbox.faults import Faults
from connectors.sandbox.revirt365.sections import Call, Refused, not_found, route, wrong_value
from connectors.sandbox.revirt365.tokens import Tokens
from connectors.sandbox.world import World

_JSON = "application/json"
INVALID_KEY = "6a18afae-3371-47e2-829c-b28e4412f279"
_INVALID_TOKEN = "0d3b1b4e-54c5-4a6f-b9f5-3b9c6c0f7a02"  # noqa: S105 - the id of an error
_WRONG_SECTION = "e0a7f1a6-1d3f-4d7e-9a53-5d2f2f4bb1c9"
_UNEXPECTED = "c5b5a8b0-7a0c-4d43-8f8e-92a1c6d5e7f3"


class ReVirt365Api:
    """The API as an ASGI app over `world` as it is at `clock()`."""

    def __init__(self, world: World, clock: Callable[[], datetime], faults: Faults, tokens: Tokens) -> None:
        self._world, self._clock, self._faults, self._tokens = world, clock, faults, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        body = await request.body()
        path = scope["path"].removeprefix(scope["root_path"])
        try:
            response = self._token(request, body) if path == "/v1/token" else self._read(request, path)
        except Refused as refused:
            response = _failed(request, refused)
        await response(scope, receive, send)

    def _token(self, request: Request, body: bytes) -> Response:
        if refusal := self._faults.refusal("revirt365", "token"):
            return refusal
        try:
            asked = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.MsgspecError:
            asked = {}
        if request.method != "POST" or set(asked) != {"appkey", "appsecret"}:
            raise wrong_value("appkey", None)
        token = self._tokens.grant(asked["appkey"], asked["appsecret"])
        if token is None:
            data = {"appkey:": asked["appkey"]}
            raise Refused(400, INVALID_KEY, "Invalid app key or app secret.", data)
        return self._told(request, "token", {"token": token, "expiresIn": int(self._tokens.lifetime)})

    def _read(self, request: Request, path: str) -> Response:
        found = route(path)
        operation = found[0] if found else ""
        if refusal := self._faults.refusal("revirt365", operation):
            return refusal
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if self._faults.take("revirt365", operation, "expired_token"):
            self._tokens.void(token)
        if scheme != "Bearer" or not self._tokens.is_valid(token):
            raise Refused(401, _INVALID_TOKEN, "The token is not valid.", {})
        if path.startswith("/v1/distributor"):
            raise Refused(403, _WRONG_SECTION, "The app key opens the reseller's section only.", {})
        if found is None or request.method != "GET":
            raise not_found("path", path)
        for mode, status in (("error_in_200", 200), ("error_in_500", 500)):
            if self._faults.take("revirt365", operation, mode):
                raise Refused(status, _UNEXPECTED, "An unexpected error occurred.", {})
        if self._faults.take("revirt365", operation, "answers_later"):
            return self._told(request, operation, {"callbackId": secrets.token_hex(8)}, 202)
        call = Call(operation, found[1], request.query_params, self._world, self._clock(), self._faults)
        return self._told(request, operation, found[2](call))

    def _told(self, request: Request, operation: str, told: Mapping[str, Any], status: int = 200) -> Response:
        body = msgspec.json.encode({"traceId": _trace_id(request), **told})
        return self._faults.answer("revirt365", operation, body, _JSON, status)


def _trace_id(request: Request) -> str:
    return request.headers.get("traceId", "") + secrets.token_hex(6)


def _failed(request: Request, refused: Refused) -> Response:
    """The error object; the one about a value has a colon too many in it, as printed."""
    key = "id:" if refused.status == 400 and refused.error_id != INVALID_KEY else "id"
    told = {
        key: refused.error_id,
        "description": refused.description,
        "data": msgspec.json.encode(refused.data).decode(),
    }
    if refused.status != 400:
        told["traceId"] = _trace_id(request)
    return Response(msgspec.json.encode(told), refused.status, media_type=_JSON)
