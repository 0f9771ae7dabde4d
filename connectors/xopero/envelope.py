"""The envelope of every answer, and the error codes in it.

An answer is `{"success": true, "data": ...}` or `{"success": false, "error": ...}`, whatever its HTTP
status. The shape of `error` is not published: it may be an object of code and message, a text, or a
bare code. The vendor's own document prints codes with Cyrillic and other look-alike letters.
Source: WebAPI 2.0, "Response structure", and the tables "Codes and error messages".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OutOfScope,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.stream import Exchange
from connectors.transport.http import BACKOFF_STATUSES, judge_status

NOT_READABLE = {
    "0x6001": "the account is outside the scope of the access token",
    "0x6002": "the account was not found",
    "0x6003": "the account is not a customer",
    "0x6004": "the account is out of reach",
    "0x6005": "the account's billing data is missing",
    "0x7001": "the account is outside the scope of the access token",
    "0x7002": "the customer was not found",
    "0x7003": "the account is not a customer",
    "0x7004": "the account is out of reach",
    "0xa000": "the subscription was not found",
    "0xa001": "the account is outside the scope of the access token",
    "0xa002": "the account is out of reach",
}
"""What the reads of one customer answer about that customer; nothing of it is mended by asking again."""

OUR_MISTAKE = {
    "0x6000": "the customer id must be numeric",
    "0x7000": "the customer id must be numeric",
    "0xc000": "the field data is not set",
}
"""What they answer to a request they cannot read."""

_LOOK_ALIKES = str.maketrans({"х": "x", "с": "c", "а": "a", "е": "e", "о": "0", "o": "0"})  # noqa: RUF001
_CODE = re.compile(r"(?<![0-9a-z])0x[0-9a-f]{4}(?![0-9a-z])")


class Envelope(msgspec.Struct):
    """What every answer is wrapped in; `data` and `error` stay as the vendor wrote them."""

    success: bool
    data: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


_decode = msgspec.json.Decoder(Envelope).decode


def opened(body: bytes) -> Envelope | None:
    """The envelope; None when the body is none, being empty, cut, or something else."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def accepted(exchange: Exchange) -> bytes:
    """The `data` of a successful answer.

    Raises:
        OutOfScope: a documented code about the one customer asked for.
        RequestRefused: any other code.
        TemporaryFailure: no envelope came, or a failure with a status that asks for patience.
        CredentialsRefused: 401 or 403, with nothing that explains it.
        ContractBroken: JSON of another shape, or success without data.
    """
    envelope = opened(exchange.body)
    if envelope is None:
        judge_status(exchange)
        raise _no_envelope(exchange)
    if not envelope.success:
        raise _refusal(exchange, envelope)
    if envelope.data is UNSET or bytes(envelope.data) == b"null":
        raise ContractBroken(f"{exchange.operation} answered success without data: that says nothing")
    if envelope.error is not UNSET and bytes(envelope.error) != b"null":
        raise ContractBroken(f"{exchange.operation} answered success with an error beside it")
    return bytes(envelope.data)


def unexplained(body: bytes) -> str:
    """The code or text of a failure that no table explains; empty for any other answer."""
    envelope = opened(body)
    if envelope is None or envelope.success:
        return ""
    code, text = understood(envelope.error)
    return "" if code in NOT_READABLE or code in OUR_MISTAKE else code or text or "no code"


def refusal_of(envelope: Envelope) -> str:
    """Code and text of a failure, for people."""
    code, text = understood(envelope.error)
    return ", ".join(part for part in (code, text[:200]) if part) or "no code"


def understood(error: Raw | UnsetType) -> tuple[str, str]:
    """The code of an `error` as `0x7002`, empty where there is none, and its text for people."""
    value = None if error is UNSET else msgspec.json.decode(error)
    if isinstance(value, dict):
        code = _code(value.get("code"))
        text = value.get("message")
        return code or _code(text), text if isinstance(text, str) else ""
    return _code(value), value if isinstance(value, str) else ""


def _code(value: Any) -> str:
    """A code in any spelling: 0x7002, Ox7002, with Cyrillic letters, 28674, "28674", or within a sentence."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"0x{value:04x}"
    if not isinstance(value, str):
        return ""
    found = _CODE.search(value.casefold().translate(_LOOK_ALIKES))
    return found.group() if found else ""


def _refusal(exchange: Exchange, envelope: Envelope) -> VendorError:
    code, _ = understood(envelope.error)
    said = f"{exchange.operation} answered success: false"
    if code in NOT_READABLE:
        return OutOfScope(f"{said}, {code}: {NOT_READABLE[code]}")
    if code in OUR_MISTAKE:
        return RequestRefused(f"{said}, {code}: {OUR_MISTAKE[code]}")
    said = f"{said} ({refusal_of(envelope)}), which no table of the vendor explains"
    if exchange.status in BACKOFF_STATUSES:
        return TemporaryFailure(f"{said}; HTTP {exchange.status}")
    if exchange.status == 401:
        return CredentialsRefused(f"{said}; HTTP 401")
    return RequestRefused(said)


def _no_envelope(exchange: Exchange) -> VendorError:
    try:
        msgspec.json.decode(exchange.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return TemporaryFailure(f"{exchange.operation} answered no whole JSON: {error}")
    return ContractBroken(
        f"{exchange.operation} answered JSON that is no envelope of success and data or error"
    )
