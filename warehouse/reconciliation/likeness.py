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
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter))
    # The letters of B.V. are one word, and so are those of o.o.
    words = re.findall(r"\w+", re.sub(r"\b(\w)\.(?=\w\b|\s|$)", r"\1", re.sub(r"#\w+", " ", kept)))
    return " ".join(word for word in words if word not in FORMS)


def plain_number(text: str) -> str:
    """A VAT number, or a number of ours, in its letters and digits alone."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def is_telling(domain: str) -> bool:
    """Whether a domain can say whose an account is: no mailbox for everybody, no name inside a network."""
    return "." in domain and domain not in MAILBOXES and not domain.endswith((".local", ".lan", ".internal"))
