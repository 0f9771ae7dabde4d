"""A vendor of which no shared file knows: found, pulled by its job, landed, staged and billed by meter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest

from pipelines.settings import PROJECT

HERE = Path(__file__).parent
KEY = "toy-key-5f21c0de"
CUSTOMERS = [
    {"id": "t-1", "name": "Tin Soldiers Ltd", "active": True},
    {"id": "t-2", "name": None, "active": False},
    {"id": "t-3", "name": "Żółw & Söhne", "active": True},
]
USAGE = [{"customer": "t-1", "bytes": 2**53 + 1}, {"customer": "t-3", "bytes": 0}]
LISTS = {"/customers": CUSTOMERS, "/usage": USAGE}


@pytest.fixture
def stand_in() -> Iterator[str]:
    """Two rows a page, for whoever has the key."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            query = dict(parse_qsl(asked.query))
            allowed = self.headers["X-Api-Key"] == KEY and query.get("date", "2026-10-15") == "2026-10-15"
            rows, start = LISTS[asked.path], 2 * int(query["page"]) - 2
            body = json.dumps({"rows": rows[start : start + 2], "total": len(rows)}).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def installed(site: Path) -> str:
    """What pip makes of the guide's lines in pyproject.toml, and the path on which Python finds it."""
    information = site / "toyvendor-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: toyvendor\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[backup_billing.vendors]\ntoy = toyvendor:VENDOR\n")
    return os.pathsep.join([str(PROJECT), str(HERE), str(site)])


def test_a_vendor_is_added_without_touching_shared_code(stand_in: str, tmp_path: Path) -> None:
    """The nightly command runs its Dagster job; its rows are staged, and the key is nowhere on disk."""
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "PYTHONPATH": installed(tmp_path / "site"),
        "DAGSTER_HOME": str(tmp_path),
        "BACKUP_BILLING_HOME": str(home),
        "BACKUP_BILLING_NOW": "2026-10-16T02:00:00+00:00",
        "TOY_BASE_URL": stand_in,
        "TOY_KEY": KEY,
    }
    night = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "nightly", "--vendor", "toy", "--date", "2026-10-15"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert night.returncode == 0, night.stderr
    assert night.stdout.splitlines() == ["2026-10-15 toy: ok", "2026-10-15 warehouse: published"]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        accounts = warehouse.execute("SELECT account_id, name, status FROM staging.vendor_account ORDER BY 1")
        assert accounts.fetchall() == [
            ("t-1", "Tin Soldiers Ltd", "active"),
            ("t-2", None, "inactive"),
            ("t-3", "Żółw & Söhne", "active"),
        ]
        usage = warehouse.execute(
            "SELECT account_id, meter, quantity::HUGEINT FROM staging.usage_snapshot ORDER BY 1"
        )
        assert usage.fetchall() == [("t-1", "used_bytes", 2**53 + 1), ("t-3", "used_bytes", 0)]
    written = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert {".parquet", ".duckdb", ".db"} <= {file.suffix for file in written}
    assert [file for file, content in written.items() if KEY.encode() in content] == []


def test_the_toy_is_about_a_hundred_lines() -> None:
    """As the guide promises: lines of Python that say something."""
    lines = [line for file in HERE.glob("toyvendor/*.py") for line in file.read_text().splitlines()]
    assert 75 < sum(1 for line in lines if line.strip()) <= 125
