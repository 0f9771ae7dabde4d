"""Personal data goes no further than memory: named members are taken out of an answer before it is kept.

What is left is the vendor's own text, byte for byte: numbers keep their spelling, members their order.
Where an answer stops being JSON (it was cut, or is a page of HTML) nobody can tell a name from a value
any more, so everything from there on is withheld too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

import msgspec

NO_JSON = "what is no JSON"

_TEXT = rb'"(?:[^"\\\x00-\x1f]|\\.)*"'
_VALUE = (
    rb"(?:"
    + _TEXT
    + rb"|true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|(?P<opens>[{\[]))"
)
_ITEM = re.compile(rb"\s*" + _VALUE)
_MEMBER = re.compile(rb"\s*(?P<name>" + _TEXT + rb")\s*:\s*" + _VALUE)
_AFTER = re.compile(rb"\s*([,}\]])")
_END = re.compile(rb"\s*\Z")


def without(body: bytes, names: Collection[str]) -> tuple[bytes, tuple[str, ...]]:
    """A JSON text without the members called `names`, at any depth.

    Parameters:
        body: of an answer.
        names: lower-cased; members are found in any case and any escaping.

    Returns:
        The text that may be kept, and what was withheld: the names found, sorted, and `NO_JSON` for
        what could not be understood. Where nothing was withheld the text is `body` itself.
    """
    if _has_none(body, names):
        return body, ()
    scan = _Scan(body, frozenset(names))
    scan.run()
    kept = b"".join(scan.kept)
    return (body, ()) if kept == body else (kept, tuple(sorted(scan.withheld)))


def _has_none(body: bytes, names: Collection[str]) -> bool:
    """Whether it is JSON with none of the names in it: most answers are, and a scan costs ten times more."""
    if b"\\" in body:
        return False  # an escape could be a letter of a name
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        text = body.decode().lower()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return not any(f'"{name}"' in text for name in names)


class _NoJson(Exception):
    """The text is no JSON after what was understood."""


class _Scan:
    """One pass over a text that gathers what may be kept of it."""

    def __init__(self, body: bytes, names: frozenset[str]) -> None:
        self.kept: list[bytes] = []
        self.withheld: set[str] = set()
        self._body = body
        self._names = names
        self._start = 0  # of what is not in `kept` yet
        self._understood = 0  # until where that may be kept if the text ends here
        self._cutting = False

    def run(self) -> None:
        """Fill `kept` and `withheld`."""
        try:
            self._understand(self._end_of(self._match(_ITEM, 0)))
            self._understand(self._match(_END, self._understood).end())
        except (_NoJson, RecursionError):
            self.withheld.add(NO_JSON)
        self.kept.append(self._body[self._start : self._understood])

    def _end_of(self, found: re.Match[bytes]) -> int:
        """Where the value ends that `found` is the beginning of."""
        if not found["opens"]:
            return found.end()
        self._understand(found.end())
        if found["opens"] == b"{":
            return self._inside(found.end(), _MEMBER, b"}")
        return self._inside(found.end(), _ITEM, b"]")

    def _inside(self, at: int, item: re.Pattern[bytes], closes: bytes) -> int:
        """The end of the object or array whose first item begins at `at`."""
        empty = _AFTER.match(self._body, at)
        if empty and empty[1] == closes:
            return empty.end()
        kept_until, nothing_kept = at, True
        while True:
            found = self._match(item, at)
            cut = not self._cutting and item is _MEMBER and self._is_withheld(found["name"])
            self._cutting = self._cutting or cut
            end = self._end_of(found)
            after = self._match(_AFTER, end)
            if after[1] not in (b",", closes):
                raise _NoJson
            if cut:
                # With the comma before it, or of the first one the comma behind it.
                end = after.end() if nothing_kept and after[1] == b"," else end
                self.kept.append(self._body[self._start : kept_until])
                self._start = end
                self._cutting = False
            else:
                nothing_kept = False
            kept_until = end
            self._understand(end)
            if after[1] == closes:
                return after.end()
            at = after.end()

    def _match(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes]:
        found = pattern.match(self._body, at)
        if not found:
            raise _NoJson
        return found

    def _understand(self, until: int) -> None:
        if not self._cutting:
            self._understood = until

    def _is_withheld(self, text: bytes) -> bool:
        try:
            name = json.loads(text).lower()
        except ValueError:
            raise _NoJson from None
        if name in self._names:
            self.withheld.add(name)
            return True
        return False
