"""What was landed as it is staged: the part of a build that reads vendors, without the billing of a month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.warehouse.emptied import emptied
from warehouse import invariants, raw
from warehouse.build import fill, record_pulls
from warehouse.landing import Landing
from warehouse.models import models


def built(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """The answer after every landed day was staged without reference, and nothing else was done."""
    landing = Landing(home / "raw")
    days = sorted({pull.usage_date for pull in landing.pulls()})
    with emptied() as connection:
        record_pulls(connection, landing, days, {})
        for model in models():
            if model.selects and not model.reads_reference:
                views = [name for name in model.reads if name.startswith("raw.")]
                raw.define_for_days(connection, landing.home, views, model.raw_days(days))
                fill(connection, model, days)
        invariants.verify(connection, days)
        return connection.execute(sql).fetchall()
