"""A warehouse as it was known at an earlier instant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from audited import build, land, readings, set_now

from warehouse import invariants
from warehouse.as_known import rebuild_as_known
from warehouse.build import FILE
from warehouse.publish import read
from warehouse.query import query
from warehouse.reference.archive import ArchiveUnusable

DAY = date(2026, 10, 20)
SEATS = "SELECT max(quantity) FROM billing.usage_record WHERE month = '2026-10-01' AND sku = 'seat'"


def test_what_came_later_is_not_in_it(issued_home: Path, tmp_path: Path) -> None:
    """Readings, invoices and what is restated are those of the instant; the published file stays."""
    set_now(date(2026, 11, 3))
    land(issued_home, DAY, [(*row[:3], 9) for row in readings(DAY)])
    build(issued_home, [DAY])
    file = tmp_path / "then.duckdb"
    rebuild_as_known(issued_home, datetime(2026, 11, 2, 9, 30, tzinfo=UTC), file)
    assert query(file, SEATS).rows == [(Decimal(8),)]
    assert query(issued_home / FILE, SEATS).rows == [(Decimal(18),)]
    sql = "SELECT number, status FROM billing.invoice ORDER BY month, billed_customer_id"
    assert query(file, sql).rows == [
        ("US-2026-000001", "issued"),
        ("US-2026-000002", "issued"),
        (None, "review"),
        (None, "review"),
    ]
    assert query(file, "SELECT count(*) FROM billing.restatement").rows == [(0,)]
    assert query(issued_home / FILE, "SELECT count(*) > 0 FROM billing.restatement").rows == [(True,)]
    # Its raw views show the rows of then.
    raw = (
        f"SELECT quantity FROM raw.files_usage WHERE usage_date = '{DAY}' AND account_id = 'cc' "
        "AND unit = 'seats'"
    )
    assert query(file, raw).rows == [(Decimal(4),)]
    assert query(issued_home / FILE, raw).rows == [(Decimal(9),)]


def test_now_is_what_is_published(issued_home: Path, tmp_path: Path) -> None:
    """As known now, every table but those of the build itself has the same rows."""
    file = tmp_path / "now.duckdb"
    rebuild_as_known(issued_home, datetime(2026, 11, 3, tzinfo=UTC), file)
    sql = (
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_type = 'BASE TABLE' ORDER BY ALL"
    )
    names = [name for (name,) in query(file, sql).rows]
    assert names == [name for (name,) in query(issued_home / FILE, sql).rows]
    with read(file) as known, read(issued_home / FILE) as published:
        for name in set(names) - {"ops.build_month", "ops.calendar", "reference.installed"}:
            sql = f"SELECT * FROM {name} ORDER BY ALL"
            assert known.execute(sql).fetchall() == published.execute(sql).fetchall(), name


def test_before_anything_was_known_there_is_nothing(issued_home: Path, tmp_path: Path) -> None:
    """It is said in a sentence, and no file is written."""
    with pytest.raises(ArchiveUnusable, match="no reference tables were known at 2020-01-01"):
        rebuild_as_known(issued_home, datetime(2020, 1, 1, tzinfo=UTC), tmp_path / "never.duckdb")
    assert not (tmp_path / "never.duckdb").exists()


def test_every_month_of_it_is_checked(
    issued_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the tables are about it: what must hold in a month is asked of the month that is built."""
    asked: list[tuple[list[date], set[date]]] = []

    def verify(connection: duckdb.DuckDBPyConnection, days: list[date]) -> None:
        months = connection.execute("SELECT month FROM ops.build_month").fetchall()
        asked.append(([month for (month,) in months], {day.replace(day=1) for day in days}))

    monkeypatch.setattr(invariants, "verify", verify)
    rebuild_as_known(issued_home, datetime(2026, 11, 3, tzinfo=UTC), tmp_path / "now.duckdb")
    assert len(asked) > 1
    assert all({*built} == checked for built, checked in asked)
