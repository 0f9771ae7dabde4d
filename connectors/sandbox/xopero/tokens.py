"""Xopero's access tokens: given out for a password or an API key, dead after fifteen minutes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

LIFETIME = 15 * 60
_OFFSET = timezone(timedelta(hours=2))  # validTo carries the server's own offset


class Tokens:
    """Grants, extends and forgets tokens.

    Parameters:
        name: the partner's login.
        password: of the partner.
        api_key: that serves as well as the password.
        api_key_field: under which the key is sent; a key under any other name is refused.
        now: the machine's clock, epoch seconds; tokens are not judged by the billing clock.

    Attributes:
        lifetime: seconds for which a token is given out or extended.
        alive: how many tokens have neither aged nor been forgotten.
    """

    def __init__(
        self,
        name: str,
        password: str,
        api_key: str,
        api_key_field: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._accepted = ({"name": name, "password": password}, {"name": name, api_key_field: api_key})
        self._now = now
        self._valid_until: dict[str, float] = {}
        self.lifetime: float = LIFETIME

    def grant(self, asked: Any) -> Mapping[str, str] | None:
        """A new token with its end; None for anything but the login with exactly one right secret."""
        if asked not in self._accepted:
            return None
        # The manual's example has four groups: it is no UUID.
        token = "-".join(secrets.token_hex(size) for size in (4, 2, 2, 6))
        return self.extend(token)

    def extend(self, token: str) -> Mapping[str, str]:
        """The same token, valid for another lifetime from now."""
        until = self._valid_until[token] = self._now() + self.lifetime
        return {
            "token": token,
            "validTo": datetime.fromtimestamp(until, _OFFSET).isoformat(timespec="seconds"),
        }

    def is_valid(self, token: Any) -> bool:
        """Whether a token was granted here and has neither aged nor been forgotten."""
        return isinstance(token, str) and self._valid_until.get(token, 0) > self._now()

    def forget(self, token: str) -> None:
        """Let a token end now."""
        self._valid_until.pop(token, None)

    @property
    def alive(self) -> int:
        """Tokens that could still be used."""
        return sum(until > self._now() for until in self._valid_until.values())
