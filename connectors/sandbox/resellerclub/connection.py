"""At most one connection at a time: ResellerClub takes a second one for abuse and blocks the address."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.sandbox.control import ENTRY

_HELD_SECONDS = 0.002  # so that requests sent side by side meet here
_CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    b"<body><h1>Sorry, you have been blocked</h1></body></html>"
)


def challenge() -> Response:
    """What stands before the API answers to an address that it does not let pass: HTML, not JSON."""
    return Response(_CHALLENGE, 403, media_type="text/html")


class OneConnection:
    """Lets one request at a time pass to the app inside.

    A second one that comes while the first is under way is marked as abuse in the log, and from then on
    everything is blocked.

    Attributes:
        blocked: whether that happened; a test may set it back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._busy = app, False
        self.blocked = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if self._busy:
            scope[ENTRY].abuse = self.blocked = True
        if self.blocked:
            await challenge()(scope, receive, send)
            return
        self._busy = True
        try:
            await asyncio.sleep(_HELD_SECONDS)
            await self._app(scope, receive, send)
        finally:
            self._busy = False
