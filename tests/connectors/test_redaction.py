"""Secrets leave no trace, however they are spelled."""

import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from pydantic import BaseModel, SecretStr

from connectors.transport.redaction import Redactor, secrets_of

SECRET = 'p&ss "w0rd/ü'


@pytest.mark.parametrize(
    "spelled",
    [SECRET, quote(SECRET, safe=""), quote_plus(SECRET), escape(SECRET), json.dumps(SECRET)[1:-1]],
    ids=["plain", "path", "form", "xml", "json"],
)
def test_a_secret_is_masked_in_every_spelling(spelled):
    """A secret travels in URLs, forms, XML and JSON."""
    redactor = Redactor([SECRET])
    assert redactor.text(f"<{spelled}>") == "<***>"
    assert redactor.body(f"<{spelled}>".encode()) == b"<***>"


def test_a_secret_that_holds_another_is_masked_whole():
    """No remainder of the longer one stays behind."""
    assert Redactor(["abcdef", "abcdefghij"]).text("abcdefghij") == "***"


def test_a_body_without_secrets_is_the_same_object():
    """The exact bytes are the rule, and cost nothing."""
    body = b"\xff\x00 any bytes"
    assert Redactor([SECRET]).body(body) is body


def test_a_secret_learned_later_is_masked_from_then_on():
    """Access tokens are secrets nobody configured."""
    redactor = Redactor([])
    redactor.add("tok3n-of-today")
    assert redactor.text("Bearer tok3n-of-today") == "Bearer ***"


def test_a_short_secret_is_masked_in_what_we_send_and_say_but_not_in_answers():
    """An answer must stay as it came, and a short value could be an honest part of it."""
    redactor = Redactor(["abc"])
    assert redactor.text("<Password>abc</Password>") == "<Password>***</Password>"
    assert redactor.body(b"<Name>abc</Name>") == b"<Name>abc</Name>"


def test_the_secrets_of_settings_are_their_secret_strings():
    """Only what is declared as secret is hidden."""

    class Settings(BaseModel):
        username: str
        password: SecretStr

    assert secrets_of(Settings(username="someone", password=SecretStr("hidden"))) == ["hidden"]
