"""HTTP/1.1 for httpx by Python's own http.client: where answers are small, their way costs most.

httpx's own transport (httpcore and h11) takes twice the processor for it, and lets go of Python's lock
at every step, each time to queue for it again behind all other threads. What is asked, auth, content
decoding and the errors stay httpx's. Proxies are not known here.
"""

from __future__ import annotations

import select
import ssl
from collections import deque
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from urllib.request import getproxies

import httpx

KEPT = 5.0  # seconds; a connection that idles for longer may have been forgotten on its way

Origin = tuple[str, str, int | None]


@dataclass(frozen=True, slots=True)
class _Idle:
    """A connection that waits for its next request."""

    origin: Origin
    connection: HTTPConnection
    since: float

    def is_good_for(self, origin: Origin) -> bool:
        """Whether it leads there and is still open: all that can come over an idle one is its end."""
        if self.origin != origin or monotonic() - self.since > KEPT:
            return False
        poll = select.poll()
        poll.register(self.connection.sock, select.POLLIN)
        return not poll.poll(0)


def open_client(auth: httpx.Auth | None, timeout: float, connections: int) -> httpx.Client:
    """An httpx client that keeps to HTTP/1.1 and to one address, whatever the answer.

    Parameters:
        timeout: seconds without a byte.
        connections: at most so many are open.
    """
    return httpx.Client(
        auth=auth,
        timeout=timeout,
        # httpx goes through the environment's proxies (HTTPS_PROXY ...) by its own transport only.
        transport=Wire(_trusted()) if getproxies().keys() <= {"no"} else None,
        verify=_trusted(),
        # httpx's own pool may hand out a closed connection unless it keeps as many as there are.
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,  # a redirect could carry credentials elsewhere
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificate authorities; reading them costs more than a small pull, so once."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Wire(httpx.BaseTransport):
    """Sends requests of bytes, over connections that stay open for the next one. Thread-safe.

    There are never more connections than requests under way at once: before another one is opened all
    idle ones are closed, those to another origin too.

    Parameters:
        trusted: certificate authorities, and all else that TLS goes by.
    """

    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._trusted = trusted
        self._idle: deque[_Idle] = deque()  # whose methods are atomic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """httpx's hook.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout: there is no connection; nothing was sent.
            httpx.ReadError, httpx.ReadTimeout: the connection broke, or nothing came for too long.
            httpx.LocalProtocolError: the request cannot be written as HTTP; nothing was sent.
            httpx.RemoteProtocolError: what came is not HTTP, or not all of it came.
        """
        origin = (request.url.scheme, request.url.raw_host.decode(), request.url.port)
        timeouts = request.extensions.get("timeout", {})
        connection = self._idle_one(origin) or self._new_one(origin, timeouts.get("connect"))
        stays_open = False
        try:
            connection.sock.settimeout(timeouts.get("read"))
            connection.sock.sendall(_as_bytes(request))
            with HTTPResponse(connection.sock, method=request.method) as answer:
                answer.begin()
                body = answer.read()
            stays_open = not answer.will_close
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error
        except HTTPException as error:
            raise httpx.RemoteProtocolError(repr(error)) from error
        finally:
            if stays_open:
                self._idle.append(_Idle(origin, connection, monotonic()))
            else:
                connection.close()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(body))

    def close(self) -> None:
        """Close the connections; no request is under way any more."""
        while self._idle:
            self._idle.pop().connection.close()

    def _idle_one(self, origin: Origin) -> HTTPConnection | None:
        """The last used of the idle ones, if it is good for `origin`; the others are closed."""
        while True:
            try:
                idle = self._idle.pop()
            except IndexError:
                return None
            if idle.is_good_for(origin):
                return idle.connection
            idle.connection.close()

    def _new_one(self, origin: Origin, timeout: float | None) -> HTTPConnection:
        scheme, host, port = origin
        if scheme == "https":
            connection: HTTPConnection = HTTPSConnection(host, port, timeout=timeout, context=self._trusted)
        else:
            connection = HTTPConnection(host, port, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            kind = httpx.ConnectTimeout if isinstance(error, TimeoutError) else httpx.ConnectError
            raise kind(str(error)) from error
        return connection


def _as_bytes(request: httpx.Request) -> bytes:
    """The request as it goes over the wire, with the headers that httpx made; at once, to be one packet.

    Raises:
        httpx.LocalProtocolError: a line break within would make a header, or a request, of its own.
    """
    assert isinstance(request.stream, httpx.SyncByteStream)
    first = b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)
    lines = [first, *(b"%s: %s" % header for header in request.headers.raw), b"", b""]
    head = b"\r\n".join(lines)
    if not head.count(b"\r") == head.count(b"\n") == len(lines) - 1:
        raise httpx.LocalProtocolError("a line break is in the request's method, path or headers")
    return head + b"".join(request.stream)
