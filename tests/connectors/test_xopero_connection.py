"""What a Xopero connection accepts, and which variables it is read from."""

import pytest
from pydantic import ValidationError
from xopero_support import API_KEY, LOGIN, PASSWORD

from connectors.xopero import VENDOR
from connectors.xopero.connection import XoperoConnection
from pipelines.settings import ConfigurationMistakes, load_settings

URL = "https://backup.example.com/api/v2"
VARIABLES = {"XOPERO_BASE_URL": URL, "XOPERO_NAME": LOGIN}


def configured(monkeypatch, tmp_path, **variables):
    for name in ("BASE_URL", "NAME", "PASSWORD", "API_KEY", "API_KEY_FIELD"):
        monkeypatch.delenv(f"XOPERO_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(tmp_path, only={VENDOR.name}).connections[VENDOR.name]


def test_the_login_is_read_from_its_own_variable(monkeypatch, tmp_path):
    """XOPERO_NAME is the login and not the name of the connection."""
    (found,) = configured(monkeypatch, tmp_path, **VARIABLES, XOPERO_PASSWORD=PASSWORD)
    assert (found.name, found.login, found.base_url) == ("default", LOGIN, URL)
    assert found.credentials == {"name": LOGIN, "password": PASSWORD}


def test_an_api_key_goes_before_the_password(monkeypatch, tmp_path):
    """Under the member's name that the brand wants, which no page of the vendor tells."""
    (found,) = configured(
        monkeypatch,
        tmp_path,
        **VARIABLES,
        XOPERO_PASSWORD=PASSWORD,
        XOPERO_API_KEY=API_KEY,
        XOPERO_API_KEY_FIELD="api_key",
    )
    assert found.credentials == {"name": LOGIN, "api_key": API_KEY}


def test_one_way_in_is_needed(monkeypatch, tmp_path):
    """Neither password nor API key: one line that says so."""
    with pytest.raises(ConfigurationMistakes) as caught:
        configured(monkeypatch, tmp_path, **VARIABLES)
    assert caught.value.lines == ("XOPERO_API_KEY is not set, and neither is the password; set one of them",)


def test_a_missing_login_is_named_by_its_variable(monkeypatch, tmp_path):
    """The line names what people set."""
    with pytest.raises(ConfigurationMistakes, match="XOPERO_NAME is not set, though XOPERO_BASE_URL is"):
        configured(monkeypatch, tmp_path, XOPERO_BASE_URL=URL, XOPERO_PASSWORD=PASSWORD)


def test_without_its_variables_the_vendor_is_not_active(monkeypatch, tmp_path):
    """Nothing set, nothing read, no mistake."""
    assert configured(monkeypatch, tmp_path) == ()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://backup.example.com", "must end in /api/v2"),
        ("http://backup.example.com/api/v2", "https://"),
        ("https://user@backup.example.com/api/v2", "no user name"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(url, reason):
    """Every brand has its own host, so that nothing but the path is known."""
    with pytest.raises(ValidationError, match=reason):
        XoperoConnection(base_url=url, login=LOGIN, password=PASSWORD)


def test_no_repr_shows_a_secret():
    """Neither the password nor the API key."""
    shown = repr(XoperoConnection(base_url=URL, login=LOGIN, password=PASSWORD, api_key=API_KEY))
    assert PASSWORD not in shown
    assert API_KEY not in shown
