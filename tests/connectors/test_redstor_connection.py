"""Redstor's settings: each mistake is one line that says what is wrong with which file."""

import json

import pytest
from pydantic import ValidationError
from redstor_support import CLIENT_ID, key_pair, write_jwk

from connectors.redstor import VENDOR
from connectors.redstor.connection import RedstorConnection


def mistake(**settings):
    with pytest.raises(ValidationError) as caught:
        RedstorConnection(client_id=CLIENT_ID, **settings)
    (error,) = caught.value.errors()
    return error["loc"][0], error["msg"].removeprefix("Value error, ")


def test_client_id_and_key_are_all_it_takes(tmp_path):
    """The addresses and the version have Redstor's own as defaults."""
    connection = RedstorConnection(client_id=CLIENT_ID, jwk_file=str(write_jwk(tmp_path)))
    assert (connection.base_url, connection.issuer_url) == (
        "https://api.redstor.com",
        "https://id.redstor.com",
    )
    assert (connection.api_version, connection.company_id) == ("2.0", None)


def test_a_missing_key_file_is_named(tmp_path):
    """The path is in the line, so that a typo shows."""
    where, said = mistake(jwk_file=tmp_path / "nowhere.json")
    assert where == "jwk_file"
    assert said == f"cannot be read: {tmp_path}/nowhere.json: No such file or directory"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("-----BEGIN PRIVATE KEY-----", "is not JSON"),
        ('{"keys": []}', "is not an RSA JWK"),
        ("[]", "is not an RSA JWK"),
        ('{"kty": "EC", "crv": "P-256"}', "is not an RSA JWK"),
        ('{"kty": "RSA"}', "is a damaged JWK"),
        ('{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "!"}', "is a damaged JWK"),
        ('{"kty": "RSA", "n": 1, "e": 2, "d": 3}', "is a damaged JWK"),
    ],
)
def test_a_file_that_is_no_private_jwk_is_refused(tmp_path, content, said):
    """PEM, a key set, another kind of key, a key cut short."""
    path = tmp_path / "key"
    path.write_text(content)
    where, line = mistake(jwk_file=path)
    assert where == "jwk_file"
    assert line.startswith(f"{said}: {path}")
    assert "\n" not in line


def test_the_public_half_is_not_enough(tmp_path):
    """And the line shows nothing of the key."""
    public = {name: key_pair()[1][name] for name in ("kty", "n", "e", "kid")}
    path = tmp_path / "key"
    path.write_text(json.dumps(public))
    _, line = mistake(jwk_file=path)
    assert line == f"holds only the public half of the key: {path}; the private JWK is needed"


@pytest.mark.parametrize(
    "settings",
    [
        {"api_version": "2"},
        {"company_id": "acme"},
        {"base_url": "http://api.redstor.com"},
        {"issuer_url": "http://id.redstor.com"},
        {"client_id": ""},
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(tmp_path, settings):
    """Also plain http to either server, which would show the credentials."""
    with pytest.raises(ValidationError):
        RedstorConnection(**{"client_id": CLIENT_ID, "jwk_file": write_jwk(tmp_path), **settings})


def test_every_stream_declares_columns_its_key_is_made_of():
    """The table is complete: a key names landed columns, a quantity has a unit."""
    assert [stream.name for stream in VENDOR.streams] == [
        "companies",
        "products",
        "subscriptions",
        "consumption",
        "consumption_summary",
        "backup_status",
    ]
    for stream in VENDOR.streams:
        assert set(stream.key) <= set(stream.schema.names)
        for field in stream.fields:
            assert bool(field.unit) == (str(field.type) == "int64" and not field.column.endswith("_id"))
