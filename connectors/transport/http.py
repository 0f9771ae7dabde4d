"""One policy for every request: allow-list, rate limit, retries, capture of the bytes, redaction.

Facts about httpx 0.28 that shape this: the async client collapses under concurrency, so the sync
one is shared by threads (and its connections are made by wire.py).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

import httpx
import stamina
from pyrate_limiter import Duration, Limiter, Rate

from connectors import clock
from connectors.connection import Connection
from connectors.errors import (
    CredentialsRefused,
    OperationNotAllowed,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.stream import Exchange, Role
from connectors.transport.privacy import without
from connectors.transport.redaction import Redactor, UrlWithSecrets, secrets_of
from connectors.transport.wire import open_client

log = logging.getLogger(__name__)
stamina.instrumentation.set_on_retry_hooks([])  # each attempt is logged below, in our words
for chatty in ("httpx", "httpcore"):
    # They log whole URLs and headers, in which some vendors want their credentials.
    logging.getLogger(chatty).setLevel(logging.WARNING)

ATTEMPTS = 5
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = 1.0, 60.0, 600.0  # seconds
LONGEST_RETRY_AFTER = 300.0  # seconds; a vendor that asks for more is asked again tomorrow
BACKOFF_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

Judge = Callable[[Exchange], None]


def judge_status(exchange: Exchange) -> None:
    """Accept a 2xx answer; what every HTTP status means to a reader.

    Raises:
        TemporaryFailure: 408, 425, 429, 5xx.
        CredentialsRefused: 401, 403.
        RequestRefused: any other status.
    """
    if 200 <= exchange.status < 300:
        return
    said = f"{exchange.operation} answered HTTP {exchange.status}"
    if exchange.status in BACKOFF_STATUSES:
        raise TemporaryFailure(said)
    if exchange.status in (401, 403):
        raise CredentialsRefused(f"{said}: the vendor refuses the credentials")
    raise RequestRefused(said)


class HttpTransport:
    """Sends allow-listed reads of one connection and keeps what came back.

    Thread-safe: `max_in_flight` bounds the requests under way over all threads.

    Parameters:
        connection: limits and secrets; its secrets never reach an exchange, a log or an error.
        reads: operations that may be sent; everything else is refused before a byte leaves.
        auth: adds credentials to a request (its own requests are not captured).
        redactor: shared with `auth` when that learns new secrets; made from `connection` otherwise.
        in_url: credentials that the vendor wants as query parameters. They join the URL when it is
            written to the wire: no exchange, log, error or repr has a URL that holds them.
        withheld: lower-cased names of members that are taken out of every JSON answer before it
            becomes an exchange. What was taken out of one stands in its context as `withheld`.
    """

    def __init__(
        self,
        connection: Connection,
        reads: frozenset[str],
        *,
        auth: httpx.Auth | None = None,
        redactor: Redactor | None = None,
        in_url: Mapping[str, str] | None = None,
        withheld: frozenset[str] = frozenset(),
    ) -> None:
        self.connection = connection
        self.redactor = redactor or Redactor(secrets_of(connection))
        self._reads = reads
        self._withheld = withheld
        self._in_flight = threading.BoundedSemaphore(connection.max_in_flight)
        rate = connection.requests_per_second
        self._rate = Limiter(Rate(rate, Duration.SECOND)) if rate else None
        self._in_url = in_url
        # A vendor that wants one request at a time may count connections: then there is one, too.
        connections = connection.max_in_flight + 2 if connection.max_in_flight > 1 else 1
        self._client = open_client(auth, connection.timeout_seconds, connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        context: Mapping[str, str] | None = None,
        role: Role = Role.ROWS,
        judge: Judge = judge_status,
        attempts: int = ATTEMPTS,
    ) -> Exchange:
        """Send one read, again with backoff while the failure is temporary.

        Parameters:
            operation: name on the allow-list.
            judge: raises a `VendorError` when the answer is not to be accepted.
            context, role: copied to the exchange.
            attempts: at most this many, the first included.

        Returns:
            The accepted exchange; the attempts before it are in its `rejected`.

        Raises:
            OperationNotAllowed: `operation` is not on the allow-list.
            VendorError: what `judge` raised, or `TemporaryFailure` when no answer came; with
                every attempt in `exchanges`.
        """
        if operation not in self._reads:
            raise OperationNotAllowed(f"{operation} is not an allow-listed read; it was not sent")
        request = self._client.build_request(
            method, _url(url), params=params, headers=headers, content=content
        )
        if self._in_url:
            request.url = UrlWithSecrets(request.url, self._in_url)
        blank = Exchange(
            operation=operation,
            request=self.redactor.text(
                f"{method} {request.url}" + (f"\n\n{content.decode()}" if content else "")
            ),
            status=0,
            content_type="",
            body=b"",
            received_at=clock.now(),
            context=dict(context or {}),
            role=role,
        )
        rejected: list[Exchange] = []
        try:
            for attempt in stamina.retry_context(
                on=_wait_for,
                attempts=attempts,
                timeout=GIVE_UP,
                wait_initial=FIRST_WAIT,
                wait_max=LONGEST_WAIT,
            ):
                with attempt:
                    accepted = self._attempt(request, blank, judge, rejected)
        except VendorError as error:
            error.exchanges = tuple(rejected)
            if len(rejected) > 1:
                error.args = (f"{error} ({len(rejected)} attempts)",)
            raise
        return replace(accepted, rejected=tuple(rejected)) if rejected else accepted

    def _attempt(
        self, request: httpx.Request, blank: Exchange, judge: Judge, rejected: list[Exchange]
    ) -> Exchange:
        exchange = blank
        wish: float | None = None
        try:
            if self._rate:
                self._rate.try_acquire(self.connection.name)
            with self._in_flight:
                try:
                    response = self._client.send(request)
                except httpx.RequestError as error:
                    # `from None`: httpx keeps the request, and with it the credentials, in the error.
                    raise TemporaryFailure(
                        f"{blank.operation} got no whole answer from {_silent_host(error, request)}: "
                        f"{self.redactor.text(str(error)) or type(error).__name__}"
                    ) from None
            wish = retry_after(response.headers)
            body, withheld = (
                without(response.content, self._withheld) if self._withheld else (response.content, ())
            )
            exchange = replace(
                blank,
                status=response.status_code,
                content_type=response.headers.get("content-type", ""),
                body=self.redactor.body(body),
                received_at=clock.now(),
                context={**blank.context, "withheld": ", ".join(withheld)} if withheld else blank.context,
            )
            judge(exchange)
        except VendorError as error:
            error.args = (self.redactor.text(str(error)),)
            if isinstance(error, TemporaryFailure) and error.retry_after is None:
                error.retry_after = wish
            rejected.append(replace(exchange, role=Role.REJECTED, reason=str(error)))
            # What will be tried again is worth a warning; the rest is the caller's to judge.
            level = logging.WARNING if isinstance(error, TemporaryFailure) else logging.INFO
            log.log(level, "%s: attempt %d: %s", self.connection.name, len(rejected), error)
            raise
        return exchange


def _silent_host(error: httpx.RequestError, request: httpx.Request) -> str:
    """Who did not answer: the identity server, where it was to be asked for a token first."""
    try:
        return error.request.url.host
    except RuntimeError:  # httpx did not say
        return request.url.host


@lru_cache(256)
def _url(text: str) -> httpx.URL:
    """Parsed once: that costs a tenth of a request, and thousands go to one address."""
    return httpx.URL(text)


def _wait_for(error: Exception) -> bool | float:
    """stamina's question: retry? A number is the vendor's own Retry-After in seconds."""
    if not isinstance(error, TemporaryFailure):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_RETRY_AFTER else False


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait by RFC 9110 section 10.2.3: a number of seconds or an HTTP date."""
    value = headers.get("retry-after")
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        # The vendor's own Date is the clock its Retry-After is written by.
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())
