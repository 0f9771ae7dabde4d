"""Secrets leave no trace: one redactor per connection passes over everything that is kept or said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import httpx
from pydantic import BaseModel, SecretStr

MASK = "***"
SHORTEST = 6  # a shorter value could be part of an honest answer, which must stay as it came


class Redactor:
    """Replaces the secrets of one connection, in every spelling in which they travel, by `***`.

    Parameters:
        secrets: the values; ones shorter than `SHORTEST` are masked in what we say and send only.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._spellings: tuple[str, ...] = ()  # replaced as a whole, so that no thread reads half of it
        self._adding = threading.Lock()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide one more value from now on, for example an access token just received."""
        if not secret:
            return
        as_json = json.dumps(secret)[1:-1]
        spellings = {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), as_json}
        with self._adding:
            # The longest first: one secret can be a part of another.
            self._spellings = tuple(sorted(spellings.union(self._spellings), key=len, reverse=True))

    def text(self, text: str) -> str:
        """`text` without the secrets."""
        for secret in self._spellings:
            text = text.replace(secret, MASK)
        return text

    def body(self, body: bytes) -> bytes:
        """The same bytes, unless the vendor echoed a secret: then that is masked."""
        for secret in self._spellings:
            if len(secret) >= SHORTEST and (found := secret.encode()) in body:
                body = body.replace(found, MASK.encode())
        return body


def secrets_of(settings: BaseModel) -> list[str]:
    """The plain values of every `SecretStr` in `settings`."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


class UrlWithSecrets(httpx.URL):
    """A URL that looks like `shown` and is sent with `secrets` as further query parameters."""

    def __init__(self, shown: httpx.URL, secrets: Mapping[str, str]) -> None:
        super().__init__(shown)
        self._target = shown.copy_merge_params(secrets).raw_path

    @property
    def raw_path(self) -> bytes:
        return self._target
