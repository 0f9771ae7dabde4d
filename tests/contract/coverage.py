"""The table of the README that says which stream fills what: asked of a night of the sandbox, not written.

python -m tests.contract.coverage    puts it into the README
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb

from connectors.clock import VARIABLE
from connectors.sandbox.server import Sandbox
from connectors.stream import AsOf, UsageDay
from connectors.vendor import Vendor, vendors
from pipelines.settings import PROJECT, load_settings
from warehouse.build import FILE, rebuild
from warehouse.landing import Landing
from warehouse.models import models

README = PROJECT / "README.md"
BEGIN, END = "<!-- coverage: python -m tests.contract.coverage -->\n", "<!-- end of coverage -->\n"

CUSTOMERS = 12
DAY = UsageDay(date(2026, 10, 1), ZoneInfo("UTC"))  # a day on which the sandbox's vendors have all there is
NOW = "2026-10-02T02:00:00+00:00"
AS_OF = {AsOf.SNAPSHOT: "now", AsOf.DATED: "a date"}
METER = "usage_snapshot.meter"

Filled = dict[tuple[str, str], dict[str, set[str]]]
"""By vendor and stream: the staging tables filled, and for readings their meters."""


def table() -> str:
    """The table as Markdown, each vendor's streams in their order."""
    with tempfile.TemporaryDirectory() as folder:
        filled = _of_a_night(Path(folder))
    lines = ["| vendor | stream | as of | fills | meters |", "|---|---|---|---|---|"]
    for vendor in vendors().values():
        told = filled if vendor.asked else _by_name(vendor)
        for number, stream in enumerate(vendor.streams):
            tables = told[vendor.name, stream.name]
            meters = [f"`{name}`" for name in sorted(tables.pop(METER, ()))]
            if not vendor.asked and "usage_snapshot" in tables:
                meters = ["any"]
            as_of = "contract file" if vendor.as_of else AS_OF[stream.as_of]
            lines.append(
                f"| {'' if number else vendor.title} | `{stream.name}` | {as_of} "
                f"| {', '.join(f'`{name}`' for name in sorted(tables)) or 'raw only'} "
                f"| {', '.join(meters)} |"
            )
    return "\n".join(lines) + "\n"


def in_readme() -> str:
    """The table as the README has it."""
    return README.read_text().partition(BEGIN)[2].partition(END)[0]


def _of_a_night(folder: Path) -> Filled:
    """Land and stage a night of the sandbox; each staged row says of which pull it is."""
    with Sandbox(CUSTOMERS) as sandbox, patch.dict(os.environ, {VARIABLE: NOW}):
        sandbox.set_now(NOW)
        os.environ.update(sandbox.environment(folder))
        for vendor in vendors().values():
            if vendor.asked:
                _land(vendor, folder)
    rebuild(folder, None)
    filled: Filled = defaultdict(lambda: defaultdict(set))
    with duckdb.connect(str(folder / FILE), read_only=True) as warehouse:
        for model in _staging():
            meter = "staged.meter" if model == "usage_snapshot" else "''"
            for vendor_name, stream, told in warehouse.execute(
                f"SELECT DISTINCT pull.vendor, pull.stream, {meter} FROM staging.{model} AS staged "
                "INNER JOIN ops.pull AS pull USING (pull_id)"
            ).fetchall():
                filled[vendor_name, stream][model].add(told)
                if told:
                    filled[vendor_name, stream][METER].add(told)
    return filled


def _land(vendor: Vendor, home: Path) -> None:
    (connection,) = load_settings(home, only=[vendor.name]).connections[vendor.name]
    unhurried = connection.model_copy(update={"requests_per_second": None})
    with vendor.open(unhurried, home / "cache") as client:
        for stream in vendor.streams:
            Landing(home / "raw").land(
                stream, "default", DAY, lambda stream=stream: stream.fetch(client, DAY)
            )


def _by_name(vendor: Vendor) -> Filled:
    """What nobody is asked for: the tables whose SQL reads the stream."""
    filled: Filled = defaultdict(lambda: defaultdict(set))
    for stream in vendor.streams:
        for name in _staging():
            reads = next(model.reads for model in models() if model.name == f"staging.{name}")
            if f"raw.{vendor.name}_{stream.name}" in reads:
                filled[vendor.name, stream.name][name].add("")
    return filled


def _staging() -> Iterator[str]:
    return (model.name.partition(".")[2] for model in models() if model.name.startswith("staging."))


if __name__ == "__main__":
    text = README.read_text()
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    README.write_text(re.sub(pattern, lambda _: BEGIN + table() + END, text, flags=re.DOTALL))
