"""A sandbox that is asked once: its answers are kept, and changed on their way out where a test says so."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.sandbox.server import Sandbox

_ID = re.compile(r"/([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9]+)(?=/|$)")


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks for, without what changes from client to client."""

    operation: str
    path: str
    query: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and bytes of an answer; a `cut` one announces more bytes than come."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    cut: bool = False

    @property
    def is_xml(self) -> bool:
        return b"xml" in dict(self.headers).get(b"content-type", b"")


Change = Callable[[Question, int, Answer], Answer]


class Tape:
    """An ASGI app that asks the app inside each question once.

    Attributes:
        answers: as the app inside gave them.
        asked: how often each question came since `rewind`, in order of the first time.
        change: makes the answer that goes out, given how often the question came before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.answers: dict[Question, Answer] = {}
        self.rewind(None)

    def rewind(self, change: Change | None) -> None:
        self.asked: Counter[Question] = Counter()
        self.change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        question = _question(scope, body)
        if question not in self.answers:
            self.answers[question] = await self._ask(scope, body)
        answer = self.answers[question]
        times, self.asked[question] = self.asked[question], self.asked[question] + 1
        if self.change:
            answer = self.change(question, times, answer)
        length = len(answer.body) * (2 if answer.cut else 1)
        headers = [*answer.headers, (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": answer.cut})

    async def _ask(self, scope: Scope, body: bytes) -> Answer:
        told: list[dict[str, Any]] = []

        async def listen() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Any) -> None:
            told.append(message)

        await self._app(scope, listen, keep)
        start, *parts = told
        headers = tuple((name, value) for name, value in start["headers"] if name != b"content-length")
        return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts))


class TapedSandbox(Sandbox):
    """The stand-in vendors behind a tape."""

    def _app(self) -> Any:
        self.tape = Tape(super()._app())
        return self.tape


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _question(scope: Scope, body: bytes) -> Question:
    path, query = scope["path"], scope["query_string"].decode()
    if actions := [value for name, value in scope["headers"] if name == b"soapaction"]:
        operation = actions[0].decode().strip('"').rpartition("/")[2]
    elif query.lower() == "wsdl":
        operation = "WSDL"
    elif path.endswith("/token"):
        operation, body = "token", b""  # an assertion in it is another one each time
    elif path.endswith("/endpoint"):
        operation = json.loads(body)["function"]
    else:
        operation = "/".join(_ID.sub("/*", path).split("/")[2:])
    return Question(operation, path, query, body)
