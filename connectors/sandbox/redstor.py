"""RedAPI V1 and V2, read side: companies, products, subscriptions, consumption, backup status.

Strict where a client can go wrong: bearer tokens only, a version or the latest, ids of the caller's
own tree only, pages by token, dates with an offset, and no writing at all. Not served: users,
restores and statuses by account, which nobody bills.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.sandbox.faults import Faults
from connectors.sandbox.redstor_calls import Call, Lists, NothingToTell
from connectors.sandbox.redstor_issuer import Issuer
from connectors.sandbox.redstor_paging import Problem
from connectors.sandbox.redstor_routes import route
from connectors.sandbox.world import World

VERSIONS = {"1": 1, "1.0": 1, "2": 2, "2.0": 2}
_LATEST = "2.0"
_TITLES = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 422: "Unprocessable Entity"}


def create_app(world: World, clock: Callable[[], datetime], faults: Faults, issuer: Issuer) -> RedApi:
    """The API over `world` as it is at `clock()`, for tokens of `issuer`."""
    return RedApi(world, clock, faults, issuer)


class RedApi:
    """The API as an ASGI app. A plain one: hundreds of small answers make a night."""

    def __init__(self, world: World, clock: Callable[[], datetime], faults: Faults, issuer: Issuer) -> None:
        self._world, self._clock, self._faults, self._issuer = world, clock, faults, issuer
        self._lists = Lists(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = self._answer(request)
        except Problem as problem:
            response = _problem(problem)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method != "GET":
            raise Problem(405, "The sandbox answers reads only.")
        version = VERSIONS.get(request.query_params.get("apiVersion", _LATEST))
        found = route(
            request.scope["path"].removeprefix(request.scope["root_path"]), version or VERSIONS[_LATEST]
        )
        operation = found.operation if found else ""
        if refusal := self._faults.refusal("redstor", operation):
            return refusal
        if not self._admitted(request, operation):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        if version is None:
            raise Problem(400, f"apiVersion must be one of {', '.join(VERSIONS)}.")
        if found is None:
            raise Problem(404, "There is no such resource in this version.")
        try:
            told = found.answer(
                Call(
                    self._world,
                    self._lists,
                    self._faults,
                    self._clock(),
                    version,
                    found,
                    request.query_params,
                )
            )
        except NothingToTell:
            return Response(status_code=204)
        body = msgspec.json.encode(told)
        return self._faults.answer("redstor", operation, body, "application/json")

    def _admitted(self, request: Request, operation: str) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not self._issuer.is_valid(token):
            return False
        if self._faults.take("redstor", operation, "expired_token"):
            self._issuer.void(token)
            return False
        return True


def _problem(problem: Problem) -> Response:
    body = {
        "type": f"https://httpstatuses.io/{problem.status}",
        "title": _TITLES[problem.status],
        "status": problem.status,
        "detail": problem.detail,
    }
    headers = {"Allow": "GET"} if problem.status == 405 else None
    return Response(msgspec.json.encode(body), problem.status, headers, "application/problem+json")
