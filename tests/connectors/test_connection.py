"""What every connection's settings have in common."""

import pytest
from pydantic import SecretStr, ValidationError

from connectors.connection import BaseUrl, Connection, checked_url


class Acme(Connection):
    base_url: BaseUrl
    password: SecretStr = SecretStr("")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.acme.com/v1",
        "http://127.0.0.1:8080",
        "http://localhost/x",
        "http://[::1]:80",
        "http://127.9.9.9",
    ],
)
def test_https_and_loopback_are_taken(url):
    """A trailing slash is dropped, so that paths can be appended."""
    assert checked_url(url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.acme.com",
        "http://127.0.0.1.acme.com",
        "http://localhost.acme.com",
        "ftp://127.0.0.1",
        "api.acme.com",
        "",
        "https://",
        "https://user@api.acme.com",
        "https://api.acme.com?key=1",
        "https://api.acme.com/#top",
        "https://[::1",
    ],
)
def test_a_url_that_would_show_credentials_or_lead_nowhere_is_refused(url):
    """Plain http is for this machine only."""
    with pytest.raises(ValueError, match=r"must|is not a URL"):
        checked_url(url)


def test_a_mistake_shows_no_values():
    """The value could be a password pasted into the wrong variable."""
    with pytest.raises(ValidationError) as caught:
        Acme(base_url="s3cret-as-url", password="s3cret-too")
    assert "s3cret" not in str(caught.value)


def test_settings_cannot_change_nor_hold_what_they_do_not_declare():
    """A typo is a mistake, not a setting."""
    with pytest.raises(ValidationError):
        Acme(base_url="https://a.example", passwort="x")
    with pytest.raises(ValidationError):
        Acme(base_url="https://a.example").name = "other"
    with pytest.raises(ValidationError):
        Acme(base_url="https://a.example", name="Not A Name")
