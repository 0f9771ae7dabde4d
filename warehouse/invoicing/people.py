"""Who did it, and why: as the register keeps it."""

from __future__ import annotations

import unicodedata

from warehouse.invoicing.refusal import Refused


def person(name: str, option: str = "--by") -> str:
    """A name with its blanks in order.

    Raises:
        Refused: it is empty, or is not text for people.
    """
    return _plain(name, f"{option} must name the person who does this")


def because(reason: str) -> str:
    """A reason with its blanks in order.

    Raises:
        Refused: it is empty, or is not text for people.
    """
    return _plain(reason, "--reason must say why")


def same(one: str, other: str) -> bool:
    """Whether two names are of one person, however they are written."""
    return one.casefold() == other.casefold()


def _plain(text: str, sentence: str) -> str:
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if not words or not words.isprintable():
        raise Refused(f"{sentence}: {text!r}")
    return words
