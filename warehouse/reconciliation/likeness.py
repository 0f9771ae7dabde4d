"""When two names or numbers are the same for people, however they were typed."""

from __future__ import annotations

import re
import unicodedata

_FORMS = """
ab ag as asa bv bvba co company corp corporation eurl gmbh group holding inc incorporated kft kg limited llc
llp ltd nv oo oy oyj plc pte pty sa sarl sas se sia sl sp spa spzoo srl sro uab ug z
"""
FORMS = frozenset(_FORMS.split())
"""What a company is in law; left out of its name."""

_MAILBOXES = """
aol.com gmail.com gmx.at gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com mail.com me.com msn.com
orange.fr outlook.com proton.me protonmail.com t-online.de web.de wp.pl yahoo.com ymail.com
"""
MAILBOXES = frozenset(_MAILBOXES.split())
"""Where anybody has an address: such a domain says nothing about whose an account is."""


def plain_name(name: str) -> str:
    """A company's name without case, accents, punctuation, legal form and number (as #12).

    Returns:
        Its words with a blank between them; empty where nothing is left.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).replace("ł", "l")
    unnumbered = re.sub(r"#[^ #.]+", " ", _spelling(folded))
    # The letters of B.V. are one word, and so are those of o.o.
    joined = re.sub(r"(?<![^ #.])([^ #.])\.(?=[^ #.](?![^ #.])| |$)", r"\1", unnumbered)
    words = re.findall(r"[^ #.]+", unicodedata.normalize("NFC", joined))
    return " ".join(word for word in words if word not in FORMS)


def _spelling(text: str) -> str:
    """Letters, digits, # and points of a decomposed text, and blanks for the rest.

    A mark is an accent on a Latin or Greek letter. Of other letters it makes another letter or syllable.
    """
    kept, base = [], " "
    for letter in text:
        if unicodedata.category(letter).startswith("M"):
            if base.isalpha() and not unicodedata.name(base, "").startswith(("LATIN", "GREEK")):
                kept.append(letter)
        else:
            base = letter if letter.isalnum() or letter in "_#." else " "
            kept.append(base)
    return "".join(kept)


def plain_number(text: str) -> str:
    """A VAT number, or a number of ours, in its letters and digits alone."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def is_telling(domain: str) -> bool:
    """Whether a domain can say whose an account is: no mailbox for everybody, no name inside a network."""
    return "." in domain and domain not in MAILBOXES and not domain.endswith((".local", ".lan", ".internal"))
