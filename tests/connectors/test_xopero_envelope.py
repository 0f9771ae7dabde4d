"""The envelope decides, not the HTTP status; errors come in shapes and spellings that no page prints."""

import json
from datetime import UTC, datetime

import pytest

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OutOfScope,
    RequestRefused,
    TemporaryFailure,
)
from connectors.stream import Exchange
from connectors.xopero.envelope import accepted


def answer(body, status=200):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("GetCustomerUsage", "", status, "application/json", text, datetime.now(UTC))


def refused(error, status=200):
    return answer({"success": False, "error": error}, status)


@pytest.mark.parametrize("status", [200, 201, 404, 500])
def test_success_counts_whatever_the_status(status):
    """The document names no HTTP status; `success` is what it names."""
    assert accepted(answer({"success": True, "data": {"a": 1}}, status)) == b'{"a": 1}'


@pytest.mark.parametrize(
    "error",
    [
        {"code": "0x7002", "message": "The customer was not found."},
        {"code": 0x7002},
        {"code": "28674"},
        "0x7002",
        "Ox7002",
        "0\u04457002",
        "0X7002",
        28674,
        "28674",
        "0x7002: The customer was not found.",
        {"message": "0x7002 The customer was not found."},
    ],
)
def test_a_code_is_understood_in_every_spelling(error):
    """As an object, a text, a bare code, in decimal, with look-alike letters."""
    with pytest.raises(OutOfScope, match="0x7002: the customer was not found"):
        accepted(refused(error))


def test_cyrillic_letters_are_read_as_the_digits_they_look_like():
    """The vendor prints 0xc000 with Cyrillic letters, and with O for 0 elsewhere."""
    with pytest.raises(RequestRefused, match="0xc000: the field data is not set"):
        accepted(refused("O\u0445\u0441O\u041e0"))


@pytest.mark.parametrize(
    "code", ["0x6001", "0x6005", "0x7001", "0x7003", "0x7004", "0xa000", "0xa001", "0xa002"]
)
def test_a_code_about_the_customer_is_out_of_scope(code):
    """Scope, existence, kind, billing data: the customer cannot be read, and asking again mends nothing."""
    with pytest.raises(OutOfScope, match=code):
        accepted(refused({"code": code}))


@pytest.mark.parametrize(
    "error", ["0x9999", {"code": 7}, "session gone", 5, None, [], {"reason": "x"}, 1.5, True]
)
def test_a_failure_no_table_explains_is_a_refusal(error):
    """It is no zero and no missing customer, whatever shape it has."""
    with pytest.raises(RequestRefused, match="which no table of the vendor explains"):
        accepted(refused(error))


def test_a_failure_without_error_is_a_refusal():
    """`success: false` alone is enough."""
    with pytest.raises(RequestRefused, match="no code"):
        accepted(answer({"success": False}))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_unexplained_failure_with_a_status_that_asks_for_patience_is_temporary(status):
    """The server itself is in trouble."""
    with pytest.raises(TemporaryFailure, match=f"HTTP {status}"):
        accepted(refused("0x9999", status))


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 200, TemporaryFailure),
        (b'{"success": true, "da', 200, TemporaryFailure),
        (b"<html></html>", 200, TemporaryFailure),
        (b"<html></html>", 503, TemporaryFailure),
        (b"", 401, CredentialsRefused),
        (b"not found", 404, RequestRefused),
        (b"[]", 200, ContractBroken),
        (b'{"data": []}', 200, ContractBroken),
        (b'{"success": "true", "data": []}', 200, ContractBroken),
        (b'{"success": 1, "data": []}', 200, ContractBroken),
        (b'{"success": true}', 200, ContractBroken),
        (b'{"success": true, "data": null}', 200, ContractBroken),
        (b'{"success": true, "data": [], "error": "0x7002"}', 200, ContractBroken),
    ],
)
def test_what_is_no_success_is_never_empty_data(body, status, error):
    """Nothing, half of something and something else are errors, each of its own kind."""
    with pytest.raises(error):
        accepted(answer(body, status))
