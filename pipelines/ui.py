"""The Dagster webserver and daemon, started and stopped as one."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from pipelines.runs import instance
from pipelines.settings import PROJECT, Settings
from pipelines.stand_in import stand_in_if_needed

WORKSPACE = ["-w", str(PROJECT / "workspace.yaml")]


def serve_ui(settings: Settings, port: int, out: Console) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C, or until one of the two processes ends.

    Returns:
        The exit status: 0 after Ctrl-C or SIGTERM, else that of the process that ended by itself.
    """
    instance().dispose()  # makes the tables, which two processes at once would race to make
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    programs = Path(sys.executable).parent
    with stand_in_if_needed(settings) as (_, stand_in):
        if stand_in:
            out.print("No vendor is configured: the sandbox stands in for them.")
        services = [
            subprocess.Popen([programs / "dagster-daemon", "run", *WORKSPACE], cwd=PROJECT),  # noqa: S603
            subprocess.Popen(  # noqa: S603
                [programs / "dagster-webserver", *WORKSPACE, "-h", "127.0.0.1", "-p", str(port)], cwd=PROJECT
            ),
        ]
        out.print(f"Dagster UI: http://127.0.0.1:{port}")
        try:
            while True:
                for service in services:
                    with suppress(subprocess.TimeoutExpired):
                        return service.wait(timeout=0.5)
        except KeyboardInterrupt:
            return 0
        finally:
            for service in services:
                service.send_signal(signal.SIGINT)
            for service in services:
                service.wait()
