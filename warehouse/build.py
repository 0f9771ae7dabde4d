"""Brings the warehouse up to date: what was landed becomes tables, checked as a whole and published once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse import invariants, publish, raw
from warehouse.calendar import set_months
from warehouse.landing import Landing, Pull
from warehouse.models import SCHEMAS, Model, literals, macros, models, version
from warehouse.query import answered, markdown
from warehouse.reconciliation import sightings
from warehouse.reconciliation.catalogue import fill_catalogue
from warehouse.reference.install import install
from warehouse.reference.source import Source
from warehouse.register import load

log = logging.getLogger(__name__)

FILE = "warehouse.duckdb"
PREVIEW_ROWS = 5
WORTH_THREADS = 200_000  # landed rows

PULL = pa.schema(
    [
        *((name, pa.string()) for name in ("pull_id", "vendor", "connection", "stream")),
        ("usage_date", pa.date32()),
        ("status", pa.string()),
        *((name, pa.int64()) for name in ("pages", "rows", "vendor_total", "quarantined")),
        *((name, pa.timestamp("us", "UTC")) for name in ("started_at", "finished_at")),
        *((name, pa.string()) for name in ("responses_path", "rows_path", "sha256")),
        ("version", pa.int64()),
        *((name, pa.string()) for name in ("reason", "quarantine_path")),
        ("unknown_fields", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class TableReport:
    """What a build did to one table.

    Attributes:
        table: `schema.table`.
        rows: written by this build; all of them where it writes none; None for a view.
        total_rows: in the table now; None for a view.
        columns: name and type of each.
        preview: some of its rows as a Markdown table.
    """

    table: str
    rows: int | None
    total_rows: int | None
    columns: tuple[tuple[str, str], ...]
    preview: str


def build_days(home: Path, reference: Source | None, days: Collection[date]) -> list[TableReport]:
    """Build what `days` touch (the days themselves, and their months) and publish it in one step.

    The same landed files and reference give the same tables, however often and in whichever order
    days are built. Where no warehouse is published yet, or one that another version of the SQL built,
    every landed day is built; where the reference has changed, every month is billed again.

    Parameters:
        home: data directory; reads `raw/`, publishes `warehouse.duckdb`.
        reference: where the user's tables are; None for nowhere, and then all usage is unmapped.
        days: usage dates that were landed, or landed again.

    Returns:
        One report for each model that is shown, in the order of `models`.

    Raises:
        FileNotFoundError, ReferenceMistakes: the reference cannot be used.
        RegisterBroken: the register is not what was written.
        InvariantBroken: the tables contradict each other; nothing was published.
    """
    try:
        return _build(home, reference, days, fresh=False)
    except _OtherVersion:
        return rebuild(home, reference)


def rebuild(home: Path, reference: Source | None) -> list[TableReport]:
    """Build every landed day into a new warehouse and publish it in place of the old one.

    Parameters, Returns, Raises: as `build_days`.
    """
    days = {pull.usage_date for pull in Landing(home / "raw").pulls()}
    return _build(home, reference, days, fresh=True)


def unbuilt_days(home: Path) -> set[date]:
    """Days on which something was landed, failed or refused that the published warehouse does not know."""
    try:
        with publish.read(home / FILE) as connection:
            known = {pull_id for (pull_id,) in connection.execute("SELECT pull_id FROM ops.pull").fetchall()}
    except (FileNotFoundError, duckdb.CatalogException):
        known = set()
    return {pull.usage_date for pull in Landing(home / "raw").pulls() if pull.pull_id not in known}


class _OtherVersion(Exception):
    """The published warehouse, if any, was built by other SQL."""


def _build(home: Path, reference: Source | None, days: Collection[date], *, fresh: bool) -> list[TableReport]:
    landing = Landing(home / "raw")
    with publish.rewrite(home / FILE, fresh=fresh) as connection:
        if fresh:
            changed = create(connection, reference, home)
        elif _built_by(connection) == version():
            changed = install(connection, reference, home)
            fill_catalogue(connection)
        else:
            raise _OtherVersion
        decided = load(connection, home)
        known = _landed_days(connection)
        landed = sorted({*known, *(pull.usage_date for pull in landing.pulls(days))})
        # What happens in a month can correct those after it; and a month is over when another begins.
        earliest = min([*days, *decided, *(known if changed else ()), *known[-1:]], default=None)
        written: dict[str, int] = {}
        # A month at a time, so that memory follows the month and not the history.
        for month in sorted(
            {day.replace(day=1) for day in landed if earliest and day >= earliest.replace(day=1)}
        ):
            batch = Batch(
                month, [day for day in sorted(days) if day.replace(day=1) == month], landed, changed
            )
            # Without a transaction: nobody sees the file before it is published, and rows that are not
            # committed yet are twice as slow to read.
            build_month(connection, landing, batch, written)
            reconcile(connection, month, written)
            invariants.verify(connection, batch.written)
            log.info("built %s, %d landed days", batch.month.strftime("%Y-%m"), len(batch.fresh))
        sightings.record(connection, home)
        raw.define_for_all(connection, home)
        return [_report(connection, model, written.get(model.name)) for model in models() if model.is_shown]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of a build replaces.

    Attributes:
        month: the month that is billed.
        fresh: its days that were landed, or landed again.
        landed: every day of any month that is landed, in order.
        reference_changed: whether prices, customers or mappings are others than at the last build.
    """

    month: date
    fresh: list[date]
    landed: list[date]
    reference_changed: bool

    def days(self, model: Model) -> list[date]:
        """The days, or the month, to fill `model` for."""
        if model.is_monthly:
            return [self.month]
        return self._reread if model.reads_reference else self.fresh

    @property
    def written(self) -> list[date]:
        """Every day, or the month, that some model is filled for."""
        return sorted({self.month, *self.fresh, *self._reread})

    @property
    def _reread(self) -> list[date]:
        """The days of the month whose usage the reference makes other rows of."""
        if not self.reference_changed:
            return self.fresh
        return [day for day in self.landed if day.replace(day=1) == self.month]


def create(connection: duckdb.DuckDBPyConnection, reference: Source | None, home: Path | None = None) -> bool:
    """Make every schema, table and view in a warehouse that has none yet, and fill the reference tables.

    Returns:
        Whether the reference differs from none at all.
    """
    make_schemas(connection)
    changed = install(connection, reference, home)
    make_tables(connection)
    return changed


def make_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every schema, and the macros of the models."""
    for schema in SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for macro in macros():
        connection.execute(macro)


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table and view of the models; those of the reference are there."""
    for model in models():
        connection.execute(model.ddl)
    fill_catalogue(connection)
    connection.execute("INSERT INTO ops.model_version VALUES (?)", [version()])


def _built_by(connection: duckdb.DuckDBPyConnection) -> str:
    """The version of the SQL that built the tables; empty where there are none."""
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'ops' AND table_name = 'model_version'"
    ).fetchone()
    found = connection.execute("SELECT sha256 FROM ops.model_version").fetchone() if there else None
    return str(found[0]) if found else ""


def _landed_days(connection: duckdb.DuckDBPyConnection) -> list[date]:
    found = connection.execute("SELECT DISTINCT usage_date FROM ops.pull ORDER BY usage_date").fetchall()
    return [day for (day,) in found]


def build_month(
    connection: duckdb.DuckDBPyConnection, landing: Landing, batch: Batch, written: dict[str, int]
) -> None:
    """Stage the freshly landed days of one month, and bill the month.

    Parameters:
        connection: a warehouse with its tables.
        landing: whose pulls are the ones that are known.
        batch: what is replaced.
        written: how many rows by table; what is written is added to it.
    """
    set_months(connection, [batch.month], batch.landed[-1])
    rows = record_pulls(connection, landing, batch.fresh, written) if batch.fresh else 0
    # On the rows of one night, handing work from thread to thread costs more than it saves.
    few = rows < WORTH_THREADS and not batch.reference_changed
    connection.execute("SET threads = 1" if few else "RESET threads")
    for model in models():
        if not (model.selects and (days := batch.days(model))) or _is_reconciliation(model):
            continue
        if views := [name for name in model.reads if name.startswith("raw.")]:
            raw.define_for_days(connection, landing.home, views, model.raw_days(days))
        # Day by day where a day's readings are grouped, so that memory follows the day.
        for part in [[day] for day in days] if model.reads_reference else [days]:
            written[model.name] = written.get(model.name, 0) + fill(connection, model, part)


def reconcile(connection: duckdb.DuckDBPyConnection, month: date, written: dict[str, int]) -> None:
    """Look for what does not add up in a month that was just billed.

    Parameters:
        connection, written: as `build_month`.
        month: first day, the month of `ops.build_month`.
    """
    for model in models():
        if model.selects and _is_reconciliation(model):
            written[model.name] = written.get(model.name, 0) + fill(connection, model, [month])


def _is_reconciliation(model: Model) -> bool:
    return model.name.startswith("reconciliation.")


def fill(connection: duckdb.DuckDBPyConnection, model: Model, days: Iterable[date]) -> int:
    """Replace the partitions of one table that `days` touch; returns how many rows were written."""
    column = model.header["partition"]
    values = literals(model.partitions(days))
    connection.execute(f"DELETE FROM {model.name} WHERE {column} IN ({values})")  # noqa: S608  # our own names
    written = 0
    for select in model.selects:
        (count,) = connection.execute(
            f"INSERT INTO {model.name} BY NAME SELECT * FROM ({select}) AS filled "  # noqa: S608
            f"WHERE {column} IN ({values})"
        ).fetchone() or (0,)
        written += count
    return written


def record_pulls(
    connection: duckdb.DuckDBPyConnection, landing: Landing, days: Sequence[date], written: dict[str, int]
) -> int:
    """Fill `ops.pull` and `ops.quarantine` for `days`; returns how many rows those have landed.

    Parameters: as `build_month`.
    """
    pulls = list(landing.pulls(days))
    connection.execute(f"DELETE FROM ops.pull WHERE usage_date IN ({literals(days)})")  # noqa: S608  # dates
    connection.register("incoming", _pull_table(pulls))
    connection.execute("INSERT INTO ops.pull BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")
    connection.execute(
        "DELETE FROM ops.quarantine WHERE usage_date IN (SELECT unnest(?::DATE[]))", [list(days)]
    )
    quarantined = connection.execute(
        "SELECT quarantine_path, vendor, connection, stream, usage_date, pull_id "  # noqa: S608  # dates
        f"FROM ops.current_pull WHERE quarantined > 0 AND usage_date IN ({literals(days)})"
    ).fetchall()
    for path, *lineage in quarantined:
        connection.execute(
            "INSERT INTO ops.quarantine SELECT ?, ?, ?, ?, ?, file_row_number, reason, payload "
            "FROM read_parquet(?, file_row_number = true)",
            [*lineage, str(landing.home / path)],
        )
    written["ops.pull"] = written.get("ops.pull", 0) + len(pulls)
    return sum(pull.rows for pull in pulls)


def _pull_table(pulls: Sequence[Pull]) -> pa.Table:
    """The pulls in the columns of `ops.pull`."""
    return pa.table({name: [getattr(pull, name) for pull in pulls] for name in PULL.names}, PULL)


def _report(connection: duckdb.DuckDBPyConnection, model: Model, rows: int | None) -> TableReport:
    shown = connection.execute(f"SELECT * FROM {model.name} LIMIT {PREVIEW_ROWS}")  # noqa: S608
    columns = tuple((name, str(kind)) for name, kind, *_ in shown.description or ())
    preview = markdown(answered(shown))
    # To plan a view takes longer than to read it, so it is asked once and not counted.
    total = None if model.is_view else _count(connection, model)
    return TableReport(model.name, total if rows is None else rows, total, columns, preview)


def _count(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {model.name}").fetchone() or (0,)  # noqa: S608
    return int(count)
