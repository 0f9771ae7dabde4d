"""ReVirt365's bearer tokens, given for an app key and its secret."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable

LIFETIME = 3_600


class Tokens:
    """Grants tokens and tells whether one is still good.

    Parameters:
        app_key, app_secret: what the vendor sent by e-mail.
        now: the machine's clock, epoch seconds; tokens are not judged by the billing clock.

    Attributes:
        lifetime: seconds for which a token is given out.
    """

    def __init__(self, app_key: str, app_secret: str, now: Callable[[], float] = time.time) -> None:
        self._accepted = f"{app_key}\n{app_secret}".encode()
        self._now = now
        self._valid_until: dict[str, float] = {}
        self.lifetime: float = LIFETIME

    def grant(self, app_key: object, app_secret: object) -> str | None:
        """A new token, or None when key or secret is wrong."""
        if not hmac.compare_digest(f"{app_key}\n{app_secret}".encode(), self._accepted):
            return None
        token = secrets.token_urlsafe(32)
        self._valid_until[token] = self._now() + self.lifetime
        return token

    def is_valid(self, token: str) -> bool:
        """Whether a token was granted here and has not expired."""
        return self._valid_until.get(token, 0) > self._now()

    def void(self, token: str) -> None:
        """Let a token expire now."""
        self._valid_until.pop(token, None)
