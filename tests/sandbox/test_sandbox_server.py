"""One process serves every vendor, keeps its own time, and gives nothing away."""

import json
import signal
import stat
import subprocess
import sys
from datetime import date

import httpx
import pytest
from dotenv import dotenv_values

from connectors.sandbox.control import Clock
from connectors.sandbox.credentials import Credentials
from tests.sandbox.redstor_support import NIGHT


def test_the_truth_of_a_day_can_be_asked(sandbox):
    """Readings, accounts and events come as the world holds them, large figures whole."""
    told = httpx.get(f"{sandbox.url}/sandbox/truth", params={"date": "2026-10-14"}).json()
    assert told["readings"] == [row._asdict() for row in sandbox.world.truth(date(2026, 10, 14))]
    assert len(told["accounts"]) == len(list(sandbox.world.truth_accounts(date(2026, 10, 14))))
    assert {event["vendor"] for event in told["events"]} == {"infrascale", "redstor", "revirt365"}
    assert {row["vendor"] for row in told["subscriptions"]} == {"redstor", "resellerclub", "xopero"}
    assert {row["vendor"] for row in told["prices"]} == {"resellerclub", "xopero"}
    assert {row["currency"] for row in told["transactions"]} == {"USD"}
    assert httpx.get(f"{sandbox.url}/sandbox/truth", params={"date": "soon"}).status_code == 400


def test_the_clock_can_be_moved(sandbox):
    """The vendors live in the instant they are told, which needs an offset."""
    moved = httpx.post(f"{sandbox.url}/sandbox/clock", json={"now": "2026-10-20T02:00:00+01:00"})
    assert moved.status_code == 200
    assert sandbox.clock().isoformat() == "2026-10-20T02:00:00+01:00"
    for wrong in ("2026-10-20T02:00:00", "noon", 5):
        assert httpx.post(f"{sandbox.url}/sandbox/clock", json={"now": wrong}).status_code == 400


def test_the_clock_starts_at_the_billing_clock(monkeypatch):
    """BACKUP_BILLING_NOW is where a replay begins."""
    monkeypatch.setenv("BACKUP_BILLING_NOW", NIGHT)
    assert Clock()().isoformat() == NIGHT


def test_faults_are_switched_over_http(sandbox, api):
    """Another process can order a fault and take it back."""
    address = f"{sandbox.url}/sandbox/faults"
    assert httpx.post(address, json={"mode": "503_html", "vendor": "redstor"}).status_code == 204
    assert api.get("/companies").status_code == 503
    assert httpx.delete(address).status_code == 204
    assert api.get("/companies").status_code == 200
    wrong = httpx.post(address, json={"mode": "earthquake", "vendor": "redstor"})
    assert "earthquake" in wrong.json()["detail"]
    assert httpx.post(address, json={"mode": "429", "vendor": "redstor", "often": 1}).status_code == 400


def test_the_log_shows_what_was_asked(sandbox, api):
    """Path, query and status of every request to a vendor, writes marked."""
    api.get("/products")
    api.delete("/companies")
    httpx.post(
        f"{sandbox.url}/infrascale/WebApi/AccountManagementService/EntityManagementService.asmx",
        headers={"SOAPAction": '"sosonlinebackup.com/CancelEntity"', "Content-Type": "text/xml"},
        content=b"<x/>",
    )
    told = httpx.get(f"{sandbox.url}/sandbox/log").json()[-3:]
    assert [(e["vendor"], e["method"], e["path"], e["write"]) for e in told] == [
        ("redstor", "GET", "/products", False),
        ("redstor", "DELETE", "/companies", True),
        ("infrascale", "POST", "/EntityManagementService.asmx", True),
    ]
    assert (told[0]["query"], told[0]["status"], told[2]["operation"]) == (
        "apiVersion=1",
        200,
        "CancelEntity",
    )
    assert httpx.delete(f"{sandbox.url}/sandbox/log").status_code == 204
    assert len(sandbox.log) == 0


def test_the_private_key_is_its_owners_alone(sandbox, tmp_path):
    """The variables name a JWK file that nobody else can read, and secrets stay out of reprs."""
    variables = sandbox.environment(tmp_path / "new")
    jwk_file = tmp_path / "new" / "redstor.jwk.json"
    assert variables["REDSTOR_JWK_FILE"] == str(jwk_file)
    assert stat.S_IMODE(jwk_file.stat().st_mode) == 0o600
    assert json.loads(jwk_file.read_text()) == dict(sandbox.credentials.redstor_key)
    told = repr(sandbox.credentials)
    secret = ("PASSWORD", "API_KEY", "APP_KEY", "APP_SECRET")
    assert not any(value in told for name, value in variables.items() if name.endswith(secret))
    assert "d" not in sandbox.credentials.redstor_public_key


def test_credentials_are_new_at_every_start():
    """Nothing that opens a sandbox can be known beforehand."""
    one, other = Credentials(), Credentials()
    assert one.infrascale_password != other.infrascale_password
    assert one.redstor_key["n"] != other.redstor_key["n"]


@pytest.mark.parametrize("path", ["/", "/redstor", "/infrascale/x", "/sandbox/unknown"])
def test_there_is_nothing_elsewhere(sandbox, path):
    """Unknown addresses answer with an error, never with an empty success."""
    assert httpx.get(sandbox.url + path).status_code >= 400


def test_served_on_its_own_it_says_where_and_stops_when_told(tmp_path):
    """Once the line is printed the file of variables is whole, and the address in it answers."""
    file = tmp_path / "sandbox" / "sandbox.env"
    code = (
        "from pathlib import Path; from connectors.sandbox.server import serve;"
        f"serve(customers=1, environment_file=Path({str(file)!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == f"Variables: {file}\n"
        variables = dotenv_values(file)
        assert process.stdout.readline().endswith(f"{variables['BACKUP_BILLING_SANDBOX_URL']}\n")
        address = f"{variables['REDSTOR_ISSUER_URL']}/.well-known/openid-configuration"
        assert httpx.get(address).status_code == 200
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == -signal.SIGTERM
