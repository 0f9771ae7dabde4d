"""What ops see at 03:00, in a real browser: which pull failed, why, and where the answer is kept."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import httpx
import pytest

from pipelines.settings import PROJECT
from tests.pipelines.conftest import PATIENCE, House, wait_for

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def webserver(house: House, tmp_path: Path) -> Iterator[str]:
    """The Dagster webserver as `make ui` starts it, on the records of one failed night."""
    house.set_now(datetime(2026, 10, 16, 2))
    house.sandbox.faults.switch_on("503_html", "infrascale", "GetEntityAccounts")
    records = tmp_path / "dagster"
    records.mkdir()
    (records / "dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n")
    environment = {**os.environ, "DAGSTER_HOME": str(records)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with dg.DagsterInstance.from_config(str(records)) as instance:
        house.records = instance
        assert house.night(date(2026, 10, 15), vendor="infrascale", stream="accounts").failures
    server = subprocess.Popen(
        [Path(sys.executable).parent / "dagster-webserver", "-w", "workspace.yaml", "-p", str(port)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for("the webserver", lambda: server.poll() is not None or _serves(url))
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.mark.browser
def test_a_failed_pull_says_what_why_and_where_in_the_browser(
    webserver: str, house: House, tmp_path: Path
) -> None:
    """From the list of runs to the sentence and the path of the kept answer."""
    from playwright.sync_api import sync_playwright

    (kept,) = house.home.rglob("*.responses.parquet")
    (run,) = house.records.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
    sentence = "infrascale/accounts 2026-10-15: GetEntityAccounts answered HTTP 503 (5 attempts)"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=FLAGS)
        # The page stays blank unless the browser has a real locale.
        page = browser.new_page(locale="en-US", viewport={"width": 1500, "height": 950})
        page.goto(f"{webserver}/runs")
        page.locator(f"a[href*='{run.run_id}']").first.wait_for()
        page.goto(f"{webserver}/runs/{run.run_id}?logs=type%3ASTEP_FAILURE")
        for told in (sentence, str(kept), "Infrascale", "backup-billing nightly --date 2026-10-15"):
            page.get_by_text(told).first.wait_for()
        page.screenshot(path=tmp_path / "failed_pull.png")
        browser.close()


def _serves(url: str) -> bool:
    try:
        return httpx.get(f"{url}/server_info", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
