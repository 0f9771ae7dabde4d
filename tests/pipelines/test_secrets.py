"""Secrets and dropped personal data leave no trace, however a night of all five vendors goes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from base64 import b64encode, urlsafe_b64encode
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from connectors.sandbox.server import Sandbox
from pipelines.settings import PROJECT
from tests.pipelines.conftest import PATIENCE, House, records_in
from tests.pipelines.left_behind import files, found

DAY = date(2026, 10, 15)

FATAL = [  # of each vendor one whose request or answer is shown in the failed run
    ("result_3", "infrascale", "GetEntityAccounts", {}),
    ("503_html", "redstor", "*consumption*", {}),
    ("renamed_field", "xopero", "GetCustomers", {"field": "id"}),
    ("error_in_500", "resellerclub", "*", {}),
    ("error_in_200", "revirt365", "*", {}),
]
SURVIVED = [
    ("result_1", "infrascale", "GetEntityHierarchy", {"times": 2}),
    ("expired_token", "redstor", "*", {"times": 1}),
    ("expired_token", "xopero", "*", {"times": 1}),
    ("expired_token", "revirt365", "*", {"times": 1}),
    ("503_html", "resellerclub", "*", {"times": 2}),
    ("truncated_body", "xopero", "GetCustomers", {"times": 2}),
    ("truncated_body", "revirt365", "*", {"times": 1}),
    ("unknown_field", "xopero", "GetCustomers", {"field": "personalData"}),
    ("wrong_type", "xopero", "GetCustomers", {"field": "hosts"}),  # a row in quarantine
]


class Granted(dict[str, float]):
    """Remembers every token that a stand-in ever granted."""

    def __init__(self) -> None:
        self.ever: set[str] = set()

    def __setitem__(self, token: str, until: float) -> None:
        self.ever.add(token)
        super().__setitem__(token, until)


def test_no_secret_and_no_personal_value_is_left_behind(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in the data directory, the logs or Dagster's records, after a night in which every vendor fails
    and one in which none does for long. What may be kept is found there by the same search."""
    sandbox, tokens = house.sandbox, Granted()
    for issuer in (sandbox.issuer, sandbox.xopero_tokens, sandbox.revirt365_tokens):
        monkeypatch.setattr(issuer, "_valid_until", tokens)
    house.set_now(datetime(2026, 10, 16, 2))
    switch_on(sandbox, FATAL)
    records = tmp_path / "dagster"
    command = nightly(records, tmp_path)
    for _, vendor, _, _ in FATAL:
        assert f"{DAY} {vendor}/".encode() in command.stderr, command.stderr.decode()
    sandbox.faults.clear()
    switch_on(sandbox, SURVIVED)
    (tmp_path / "calm").mkdir()
    with records_in(tmp_path / "calm") as house.records:
        assert house.night(DAY).failures == []

    said = capfd.readouterr()
    of_failures = list(files(records))
    kept = [
        *of_failures,
        *files(house.home, tmp_path / "calm"),
        ("what the command said", command.stdout + command.stderr),
        ("what the night said", (said.out + said.err).encode()),
    ]
    assert len(tokens.ever) >= 2 * 3  # of three vendors, in two nights
    assert found({*secrets(sandbox), *tokens.ever, *personal(sandbox), SIGNED}, kept) == set()

    login = sandbox.world.xopero(DAY).customers[0].name
    assert {".parquet", ".duckdb", ".db"} <= {Path(place).suffix for _, place in found([login], kept)}
    # A failed run shows its request, without the password, and its answer, without what stood beside that.
    shown = {">***<", '"function":"GetCustomers"', '"customText"'}
    assert {value for value, _ in found(shown, of_failures)} == shown


@pytest.mark.parametrize("value", ["pass/word+1?", 'a & "b" <c>', "Zoë\\Żółć", "+48-555-1337"])
def test_the_search_finds_a_value_in_every_file_and_spelling(tmp_path: Path, value: str) -> None:
    """What it does not find is not there."""
    xml, form = etree.Element("secret"), {"k": value}
    xml.text = value
    told = {
        "as it is": value.encode(),
        "json": json.dumps(form).encode(),
        "msgspec": msgspec.json.encode(form),
        "form": urlencode(form).encode(),
        "url": str(httpx.URL("http://vendor", params=form)).encode(),
        "xml": etree.tostring(xml, encoding="utf-8"),
        **{f"basic {n}": b64encode(f"{'k' * n}:{value}:k".encode()) for n in range(3)},
        **{f"url-safe {n}": urlsafe_b64encode(f"{'k' * n}:{value}:k".encode()) for n in range(3)},
    }
    pq.write_table(pa.table({"body": list(told.values())}), tmp_path / "a.parquet", compression="zstd")
    with duckdb.connect(str(tmp_path / "b.duckdb")) as warehouse:
        warehouse.execute("CREATE TABLE cells AS SELECT ? AS cell", [value])
    with closing(sqlite3.connect(tmp_path / "c.db")) as records:
        records.execute("CREATE TABLE events (body BLOB)")
        records.execute("INSERT INTO events VALUES (?)", [zlib.compress(value.encode())])
        records.commit()
    (tmp_path / f"{quote(value, safe='')}.log").touch()
    contents = [*told.items(), *files(tmp_path)]
    assert {Path(place).name for _, place in found([value], contents)} == {
        *told,
        *(path.name for path in tmp_path.iterdir()),
    }
    assert found(["another"], contents) == set()


SIGNED = '{"alg":"'
"""How a signed assertion begins, before its Base64."""


def switch_on(sandbox: Sandbox, faults: list[tuple[str, str, str, dict[str, Any]]]) -> None:
    for mode, vendor, operation, how in faults:
        sandbox.faults.switch_on(mode, vendor, operation, **how)


def nightly(records: Path, directory: Path) -> subprocess.CompletedProcess[bytes]:
    """The command of the README on Dagster records of its own; without the waits between attempts."""
    records.mkdir()
    (records / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    impatient = "import stamina\nstamina.set_testing(True, attempts=5, cap=True)\n"
    (directory / "sitecustomize.py").write_text(impatient)
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "nightly", "--date", DAY.isoformat()],
        cwd=PROJECT,
        env={**os.environ, "DAGSTER_HOME": str(records), "PYTHONPATH": str(directory)},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )


def secrets(sandbox: Sandbox) -> set[str]:
    """What opens the vendors."""
    own = sandbox.credentials
    return {
        own.infrascale_password,
        own.xopero_password,
        own.xopero_api_key,
        own.resellerclub_api_key,
        own.revirt365_app_key,
        own.revirt365_app_secret,
        *(own.redstor_key[part] for part in ("d", "p", "q", "dp", "dq", "qi")),
    }


def personal(sandbox: Sandbox) -> set[str]:
    """What vendors tell of people and nobody needs for a bill."""
    addresses = {customer.email for customer in sandbox.world.xopero(DAY).customers}
    return {*sandbox.world.personal_values(), *addresses}
