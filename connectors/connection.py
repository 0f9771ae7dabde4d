"""One set of credentials at one vendor: what every vendor's settings share."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def checked_url(url: str) -> str:
    """The URL without trailing slash, if it is one that credentials may be sent to.

    Raises:
        ValueError: it is not; one line that says why.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a URL; it should look like https://api.vendor.com/path")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must start with https:// (plain http is accepted only for loopback)")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must hold no user name, query or fragment")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


BaseUrl = Annotated[str, AfterValidator(checked_url)]
"""A vendor address without trailing slash; https, or http on loopback."""


class Connection(BaseModel):
    """One set of credentials at one vendor.

    Subclasses add the vendor's own fields: `base_url` is read from `<VENDOR>_BASE_URL` and so on.
    Secrets are `SecretStr`, so that no repr shows them.

    Attributes:
        name: tells connections of one vendor apart; part of every row's lineage.
        max_in_flight: requests under way at once.
        requests_per_second: upper bound on new requests; None where `max_in_flight` is bound enough.
        timeout_seconds: for one answer, from the last byte received.
        variables: fields whose variable has another name than the field; it is lower-cased here too.
    """

    variables: ClassVar[Mapping[str, str]] = {}

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(default="default", pattern=r"^[a-z0-9_-]+$")
    max_in_flight: int = Field(default=8, ge=1, le=64)
    requests_per_second: int | None = Field(default=None, ge=1)
    timeout_seconds: float = Field(default=60, gt=0)
