"""The sandbox beside a command, when no vendor is configured: another process, another core."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
from dotenv import dotenv_values

from connectors.clock import VARIABLE
from pipelines.settings import MADE_UP, PROJECT, Settings, load_settings

STARTS_WITHIN = 60.0  # seconds


class SandboxFailed(Exception):
    """The sandbox could not be started; the message is one line."""


class StandIn:
    """A running sandbox process, whose variables stand in this process's environment."""

    def __init__(self, url: str) -> None:
        self._url = url

    def move_clock(self, now: datetime) -> None:
        """Set the sandbox's clock and ours to the same instant."""
        os.environ[VARIABLE] = now.isoformat()
        httpx.post(f"{self._url}/sandbox/clock", json={"now": now.isoformat()}).raise_for_status()


@contextmanager
def stand_in_if_needed(settings: Settings) -> Iterator[tuple[Settings, StandIn | None]]:
    """The settings to work with, and the sandbox that answers them when no vendor is configured.

    Where anything real is kept nothing made up is put beside it, vendors or not: files were imported, or
    the variables are missing for a moment.

    Raises:
        SandboxFailed: the sandbox did not come up; the message has its last words.
    """
    if any(settings.connections.values()) or _is_real(settings):
        yield settings, None
        return
    environment_file = settings.home / "sandbox" / "sandbox.env"
    environment_file.parent.mkdir(parents=True, exist_ok=True)
    (settings.home / MADE_UP).write_text(
        "Everything here comes from the sandbox. No real customer, no real bill.\n"
    )
    environment_file.unlink(missing_ok=True)
    process = subprocess.Popen(  # our own interpreter and module
        [sys.executable, "-m", "pipelines.cli", "sandbox", "serve", "--port", "0"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    before = dict(os.environ)
    try:
        variables = _wait_for(environment_file, process)
        os.environ.update(variables)
        # Left in the data directory, so that whatever is done there later is done at the same prices.
        if settings.reference is None:
            shutil.copytree(PROJECT / "warehouse" / "reference" / "sample", settings.home / "reference")
        yield load_settings(), StandIn(variables["BACKUP_BILLING_SANDBOX_URL"])
    finally:
        process.terminate()
        process.wait()
        os.environ.clear()
        os.environ.update(before)


def _is_real(settings: Settings) -> bool:
    """Whether something is landed or on record that did not come from the sandbox."""
    kept = settings.raw.exists() or (settings.home / "register").exists()
    return kept and not (settings.home / MADE_UP).exists()


def _wait_for(environment_file: Path, process: subprocess.Popen[str]) -> dict[str, str]:
    """The variables of the sandbox, once it serves."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not environment_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            words = " ".join(process.communicate()[1].split())
            raise SandboxFailed(f"the sandbox did not start: {words[-500:]}")
        time.sleep(0.05)
    return {name: value for name, value in dotenv_values(environment_file).items() if value is not None}
