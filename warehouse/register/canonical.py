"""One text for one content: JSON with sorted keys, decimals and dates as text, UTF-8."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Content = dict[str, Any]
"""What an entry holds, as `decode` gives it: text, whole numbers, true, false, null, lists, objects."""


def encode(content: Mapping[str, Any]) -> bytes:
    """The canonical bytes of `content`.

    Decimals keep their scale ("12.3400"), dates are YYYY-MM-DD, instants UTC to the microsecond.

    Raises:
        TypeError: a float or something else that has no exact text.
    """
    return json.dumps(
        _exact(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def decode(body: bytes) -> Content:
    """The content of canonical bytes; what was a decimal or a date is text."""
    content: Content = json.loads(body)
    return content


def sha256(body: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(body).hexdigest()


def instant(at: datetime) -> str:
    """An instant as text whose order is that of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _exact(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _exact(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(part) for part in value]
    raise TypeError(f"{value!r} is a {type(value).__name__}, which has no exact text")
