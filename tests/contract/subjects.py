"""What is put to the test: every stream of every vendor, pulled from a small sandbox with small pages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import connectors.infrascale.fetch
import connectors.redstor.auth
import connectors.redstor.paging
import connectors.resellerclub.fetch
import connectors.sandbox.resellerclub.search
import connectors.sandbox.revirt365.sections
import connectors.xopero.walk
from connectors.clock import VARIABLE
from connectors.connection import Connection
from connectors.stream import Stream, UsageDay
from connectors.vendor import Vendor, vendors
from pipelines.settings import load_settings
from tests.contract.tape import Change, TapedSandbox
from warehouse.landing import Landing

CUSTOMERS, SEED = 4, 27  # few, and yet every stream has rows on that day
DAY = UsageDay(date(2026, 10, 10), ZoneInfo("UTC"))
NOW = "2026-10-11T02:00:00+00:00"

NAMES = [
    *(
        f"infrascale/{name}"
        for name in (
            "entities",
            "accounts",
            "companies",
            "licenses",
            "cloud_usage",
            "history_events",
            "used_space",
            "appliances",
        )
    ),
    *(
        f"redstor/{name}@{version}"
        for name in (
            "companies",
            "products",
            "subscriptions",
            "consumption",
            "consumption_summary",
            "backup_status",
        )
        for version in ("1", "2.0")
    ),
    *(
        f"xopero/{name}"
        for name in ("customers", "customer_usage", "subscriptions", "available_products", "partners")
    ),
    *(
        f"resellerclub/{name}"
        for name in (
            "customers",
            "orders",
            "plans",
            "cost_prices",
            "customer_prices",
            "transactions",
            "balance",
        )
    ),
    *(f"revirt365/{name}" for name in ("customers", "usage", "sessions")),
]
"""Each stream that is asked for, with the API version where there are two."""

OPAQUE = {
    "redstor/products": {"editions", "children", "services"},
    "resellerclub/orders": {"orderstatus", "jumpConditions"},
    "xopero/customers": {"children"},
    "xopero/subscriptions": {"subscriptions"},
}
"""Members that are landed as the text they are: whatever changes in them is what the vendor says."""

UNIT = {
    "resellerclub/cost_prices": ("product_key", "plan_id", "addon"),
    "resellerclub/customer_prices": ("product_key", "plan_id", "addon"),
    "xopero/available_products": ("customer_id",),
    "xopero/customer_usage": ("customer_id",),
    "xopero/subscriptions": ("customer_id",),
}
"""What one quarantined row may stand for, where that is more than a row."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Pulled:
    """How a pull ended: with landed rows and counted quarantine, or with an error."""

    rows: list[Row] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    unknown_fields: tuple[str, ...] = ()
    error: BaseException | None = None


@dataclass(frozen=True)
class Subject:
    """One stream, and the connection it is pulled through."""

    id: str
    vendor: Vendor
    stream: Stream
    connection: Connection
    sandbox: TapedSandbox
    cache: Path

    @property
    def opaque(self) -> frozenset[str]:
        return frozenset(OPAQUE.get(self.stream.id, ()))

    @property
    def unit(self) -> tuple[str, ...]:
        return UNIT.get(self.stream.id, ())

    @property
    def figures(self) -> frozenset[str]:
        """The vendor's names of whole numbers."""
        fields = self.stream.fields
        return frozenset(f.source.rpartition("/")[2] for f in fields if f.type == pa.int64() and f.source)

    def record(self) -> Pulled:
        """The true pull; from now on every answer comes from the tape."""
        self.sandbox.tape.answers.clear()
        return self.pull(None)

    def pull(self, change: Change | None) -> Pulled:
        """Pull as the nightly run does it, into a folder of its own, with answers changed on their way."""
        self.sandbox.tape.rewind(change)
        with tempfile.TemporaryDirectory() as home:
            landing = Landing(Path(home) / "raw")
            try:
                with self.vendor.open(self.connection, self.cache) as client:
                    pull = landing.land(self.stream, "default", DAY, lambda: self.stream.fetch(client, DAY))
            except Exception as error:  # noqa: BLE001  # whether it is a named one is the question
                return Pulled(error=error)
            rows = pq.read_table(Path(home) / str(pull.rows_path))
            quarantined = []
            if pull.quarantine_path:
                quarantined = pq.read_table(Path(home) / pull.quarantine_path)["reason"].to_pylist()
            told = rows.drop_columns(["row_no", "response_no", "extra"]).to_pylist()
            return Pulled(told, quarantined, pull.unknown_fields)


@contextmanager
def taped_subjects(folder: Path) -> Iterator[dict[str, Subject]]:
    """The subjects by name, while their sandbox serves."""
    with (
        pytest.MonkeyPatch.context() as patch,
        TapedSandbox(CUSTOMERS, SEED) as sandbox,
    ):
        _make_pages_small(patch)
        patch.setenv(VARIABLE, NOW)
        sandbox.set_now(NOW)
        for name, value in sandbox.environment(folder).items():
            patch.setenv(name, value)
        contract = folder / "revirt365-contract.toml"
        contract.write_text(contract.read_text().replace("size = 100", "size = 3"))
        found = {}
        for name in NAMES:
            of_vendor, _, version = name.partition("@")
            vendor = vendors()[of_vendor.partition("/")[0]]
            patch.setenv("REDSTOR_API_VERSION", version or "1")
            (connection,) = load_settings(folder, only=[vendor.name]).connections[vendor.name]
            found[name] = Subject(
                name,
                vendor,
                vendor.stream(of_vendor.partition("/")[2]),
                connection.model_copy(update={"requests_per_second": None}),
                sandbox,
                folder / "cache" / vendor.name,
            )
        yield found


def _make_pages_small(patch: pytest.MonkeyPatch) -> None:
    """So that a small world has several of them."""
    patch.setattr(connectors.infrascale.fetch, "ACCOUNTS_PAGE", 4)
    patch.setattr(connectors.infrascale.fetch, "EVENTS_PAGE", 20)
    patch.setattr(connectors.infrascale.fetch, "COMPANIES_PAGE", 2)
    patch.setattr(connectors.redstor.paging, "MAX_RESULTS", 4)
    patch.setattr(connectors.resellerclub.fetch, "PAGE_ROWS", 3)
    found = connectors.sandbox.resellerclub.search.Call.found
    patch.setattr(
        connectors.sandbox.resellerclub.search.Call,
        "found",
        lambda self, rows, told, least=1: found(self, rows, told, min(least, 3)),
    )
    patch.setattr(connectors.sandbox.revirt365.sections, "_USAGE_PAGE", 2)
    patch.setattr(connectors.xopero.walk, "PAGE", 3)
    patch.setattr(connectors.xopero.walk, "SECOND_PAGE", 2)
    # One key for all pulls, which costs more to be read than most of them.
    patch.setattr(
        connectors.redstor.auth, "read_signing_key", cache(connectors.redstor.auth.read_signing_key)
    )
