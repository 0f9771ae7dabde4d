"""Credentials that a vendor wants in the URL are sent, and are nowhere else."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr
from stub_vendor import Answer, StubVendor

from connectors.connection import Connection
from connectors.errors import TemporaryFailure
from connectors.transport.http import HttpTransport

KEY = "k3y/with&odd=signs"


class Settings(Connection):
    key: SecretStr = SecretStr(KEY)


def transport(**limits):
    return HttpTransport(Settings(timeout_seconds=5, **limits), frozenset({"List"}), in_url={"api-key": KEY})


def test_a_secret_in_the_url_reaches_the_vendor_beside_the_other_parameters():
    """The vendor gets what it wants, encoded as a query is."""
    with StubVendor(lambda _: Answer(body=b"{}")) as vendor, transport() as http:
        http.send("List", "GET", f"{vendor.url}/list", params={"page-no": "1"})
        assert vendor.asked[0].query == {"page-no": "1", "api-key": KEY}


def test_a_secret_in_the_url_is_in_no_exchange():
    """What is kept for ever tells what was asked, without the key."""
    with StubVendor(lambda _: Answer(body=b"{}")) as vendor, transport() as http:
        exchange = http.send("List", "GET", f"{vendor.url}/list", params={"page-no": "1"})
        assert exchange.request == f"GET {vendor.url}/list?page-no=1"


def test_a_secret_in_the_url_is_in_no_log_line_even_when_everything_is_logged(caplog):
    """httpx logs the URL of every request as soon as somebody turns its log on."""
    with StubVendor(lambda _: Answer(503)) as vendor, transport() as http:
        with caplog.at_level(logging.DEBUG):
            caplog.set_level(logging.DEBUG, "httpx")
            caplog.set_level(logging.DEBUG, "httpcore")
            with pytest.raises(TemporaryFailure):
                http.send("List", "GET", f"{vendor.url}/list")
        assert any(record.name == "httpx" for record in caplog.records)
        assert "k3y" not in caplog.text


def test_a_secret_in_the_url_is_in_no_error_nor_in_what_caused_it():
    """httpx errors carry their request; whoever prints it finds no key."""
    with transport() as http, pytest.raises(TemporaryFailure) as raised:
        http.send("List", "GET", "http://127.0.0.1:9/list")
    cause = raised.value.__context__
    assert "k3y" not in f"{raised.value} {raised.value.exchanges} {cause!r} {cause.request.url!r}"


def test_one_request_at_a_time_means_one_connection():
    """A vendor that counts connections sees one, from however many threads it is asked."""
    with StubVendor(lambda _: Answer(body=b"{}")) as vendor, transport(max_in_flight=1) as http:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: http.send("List", "GET", f"{vendor.url}/list"), range(12)))
        assert len(vendor.asked) == 12
        assert {asked.headers["connection"] for asked in vendor.asked} == {"keep-alive"}
        assert vendor.connections == 1
