"""A SOAP server of a few lines on loopback: serves WSDLs, and answers from fixture files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from lxml import etree

import connectors.infrascale
from connectors.infrascale import InfrascaleConnection
from connectors.infrascale.client import InfrascaleClient, connect

FIXTURES = Path(__file__).parents[1] / "fixtures" / "infrascale"
WSDLS = Path(connectors.infrascale.__file__).with_name("wsdl")
PATH = "/WebApi/AccountManagementService"
PASSWORD = "correct&horse"

Answer = bytes | tuple[int, str, bytes]
"""A body, or HTTP status, content type and body."""


@dataclass
class Asked:
    """One request received."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        return self.headers.get("SOAPAction", "").strip('"').rpartition("/")[2]

    @property
    def members(self) -> dict[str, str | None]:
        """Local name -> text of every leaf below the Body; None for nil."""
        body = etree.fromstring(self.body).find("{*}Body")
        return {
            etree.QName(leaf).localname: None if leaf.attrib else leaf.text
            for leaf in body.iter("{*}*")
            if not len(leaf)
        }


@dataclass
class Stub:
    """What the server answers, and what it was asked."""

    answers: dict[str, Callable[[Asked], Answer] | Answer] = field(default_factory=dict)
    wsdls: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def reads(self, operation: str = "") -> list[Asked]:
        return [one for one in self.asked if one.body and operation in ("", one.operation)]

    def answer(self, asked: Asked) -> Answer:
        if not asked.body:
            name = asked.path.removeprefix(f"{PATH}/")
            return self.wsdls.get(name, (404, "text/html", b"<html>not here</html>"))
        found = self.answers[asked.operation]
        return found(asked) if callable(found) else found


def bundled_wsdls() -> dict[str, Answer]:
    return {f"{file.stem}.asmx?WSDL": file.read_bytes() for file in WSDLS.glob("*.wsdl")}


def fixture(operation: str, case: str) -> bytes:
    return (FIXTURES / operation / f"{case}.xml").read_bytes()


def result(operation: str, number: int, code: str, payload: str = "") -> bytes:
    """An answer of the vendor's usual form with a Result of its own."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{operation}Response xmlns="sosonlinebackup.com"><{operation}Result>'
        f"<Result><Result>{number}</Result><Code>{code}</Code><Message>Err-1;</Message></Result>{payload}"
        f"</{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
    ).encode()


@contextmanager
def serve() -> Iterator[Stub]:
    stub = Stub(wsdls=bundled_wsdls())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            asked = Asked(self.path, dict(self.headers), self.rfile.read(length))
            stub.asked.append(asked)
            found = stub.answer(asked)
            status, kind, body = (
                found if isinstance(found, tuple) else (200, "text/xml; charset=utf-8", found)
            )
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815  # the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connection(stub: Stub, **settings: object) -> InfrascaleConnection:
    return InfrascaleConnection(
        base_url=stub.url, username="2222WS", password=PASSWORD, **{"max_in_flight": 4, **settings}
    )


@contextmanager
def client(stub: Stub, cache: Path, **settings: object) -> Iterator[InfrascaleClient]:
    with connect(connection(stub, **settings), cache) as opened:
        yield opened
