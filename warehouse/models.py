"""The warehouse's tables as data: one SQL file each, read from `warehouse/sql`.

A file `<schema>/<table>.sql` opens with a comment: what the table is, then lines `-- word: text`.
After it come the table's DDL and, unless something else fills the table, one SELECT. A table that
several vendors feed has a folder of its own name instead, with one SELECT a vendor. A vendor may bring
its own: `Vendor.staging` is a folder of `<table>.sql`, each with the SELECT for a staging table.

    grain, key        what one row is, and which columns are unique
    source            where the rows come from
    partition         the column by which rows are replaced: `usage_date`, `month`, or none
    rebuilds          which partitions a landed day replaces: `month`, or days relative to it (`-1..0`)
    units, rounding   of the numbers
    asset             `no` for a step on the way to other tables, which is not shown on its own
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from connectors.vendor import vendors
from warehouse.calendar import month_days

SQL = Path(__file__).parent / "sql"
SCHEMAS = ("ops", "raw", "reference", "staging", "billing", "reconciliation", "focus")


@dataclass(frozen=True)
class Model:
    """One table or view of the warehouse.

    Attributes:
        name: `schema.table`.
        header: the words of the file's opening comment; `meaning` is its text.
        ddl: the statement that makes it.
        selects: the SELECTs that fill it; none for a view.
        reads: tables and views they read, with schema.
    """

    name: str
    header: dict[str, str]
    ddl: str
    selects: tuple[str, ...]
    reads: frozenset[str]

    @property
    def is_view(self) -> bool:
        """Whether it is computed when it is read."""
        return self.ddl.startswith("CREATE OR REPLACE VIEW")

    @property
    def is_monthly(self) -> bool:
        """Whether a whole month is replaced at once."""
        return self.header.get("rebuilds") == "month"

    @property
    def is_shown(self) -> bool:
        """Whether it is an asset of its own, with a report of each build."""
        return not self.header.get("asset", "").startswith("no")

    @property
    def reads_reference(self) -> bool:
        """Whether other prices, customers or mappings make other rows."""
        return any(name.startswith(("reference.", "billing.")) for name in self.reads)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that are unique; none where rows may be alike."""
        key = self.header["key"]
        return () if key == "none" else tuple(column.strip() for column in key.split(","))

    def partitions(self, days: Iterable[date]) -> list[date]:
        """Which values of the partition column are replaced when `days` have landed."""
        if self.is_monthly:
            months = {day.replace(day=1) for day in days}
            found = (
                months if self.header["partition"] == "month" else {d for m in months for d in month_days(m)}
            )
        else:
            found = {day + offset for day in days for offset in self._offsets}
        return sorted(found)

    def raw_days(self, days: Iterable[date]) -> list[date]:
        """Of which days the raw rows are needed to fill those partitions."""
        return sorted({day - offset for day in self.partitions(days) for offset in self._offsets})

    @property
    def _offsets(self) -> list[timedelta]:
        first, last = map(int, self.header["rebuilds"].split(".."))
        return [timedelta(days=offset) for offset in range(first, last + 1)]


def literals(days: Iterable[date]) -> str:
    """Dates as SQL for an IN list: as literals they are pushed down to where rows are read."""
    return ", ".join(f"DATE '{day}'" for day in days)


def quoted(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@cache
def models() -> tuple[Model, ...]:
    """Every model, each after those it reads."""
    files = [path for schema in SCHEMAS for path in sorted((SQL / schema).glob("*.sql"))]
    found = {model.name: model for model in map(_read, files)}
    # Sorted: `version` stands for the order too, and that of a set is another in each process.
    order = TopologicalSorter(
        {name: sorted(model.reads & (found.keys() - {name})) for name, model in found.items()}
    )
    return tuple(found[name] for name in order.static_order())


@cache
def version() -> str:
    """Stands for the SQL of all models: tables of another version cannot be added to."""
    return hashlib.sha256(
        repr([macros(), *((model.name, model.ddl, model.selects) for model in models())]).encode()
    ).hexdigest()


@cache
def macros() -> tuple[str, ...]:
    """The statements that make the macros, the integer arithmetic of the models, each after those it uses."""
    found = {path.stem: parse(path)[1][0] for path in sorted((SQL / "macro").glob("*.sql"))}
    uses = {
        name: [other for other in found if other != name and f"billing.{other}(" in macro]
        for name, macro in found.items()
    }
    return tuple(found[name] for name in TopologicalSorter(uses).static_order())


def statement(sql: str) -> dict[str, Any]:
    """DuckDB's syntax tree of one SELECT.

    Raises:
        ValueError: it cannot be parsed.
    """
    # Not as a parameter: the first of those makes DuckDB import pandas, a third of a second.
    (text,) = _parser().execute(f"SELECT json_serialize_sql({quoted(sql)})").fetchone() or ("",)
    tree = json.loads(text)
    if tree["error"]:
        raise ValueError(f"{tree['error_message']} in: {sql}")
    node: dict[str, Any] = tree["statements"][0]["node"]
    return node


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def nodes(tree: Any) -> Iterable[dict[str, Any]]:
    """Every node of a syntax tree."""
    waiting = [tree]
    while waiting:
        branch = waiting.pop()
        if isinstance(branch, dict):
            yield branch
            waiting += branch.values()
        elif isinstance(branch, list):
            waiting += branch


def _read(path: Path) -> Model:
    header, statements = parse(path)
    ddl, *selects = statements
    brought = [source for source in _brought() if path == SQL / "staging" / source.name]
    for source in (*sorted(path.with_suffix("").glob("*.sql")), *brought):
        selects += parse(source)[1]
    queries = [ddl.split(" AS\n", 1)[1]] if ddl.startswith("CREATE OR REPLACE VIEW") else selects
    name = f"{path.parent.name}.{path.stem}"
    return Model(name, header, ddl, tuple(selects), frozenset(_tables(queries)))


def _brought() -> Iterable[Path]:
    """The files for staging tables that vendors bring along.

    Raises:
        ValueError: one is for a table that there is not.
    """
    for vendor in vendors().values():
        for path in sorted(vendor.staging.glob("*.sql")) if vendor.staging else ():
            if not (SQL / "staging" / path.name).exists():
                raise ValueError(f"{path} is for no table: there is no staging.{path.stem}")
            yield path


def parse(path: Path) -> tuple[dict[str, str], list[str]]:
    """The words of a file's opening comment, its text as `meaning`, and its statements."""
    text = path.read_text(encoding="utf-8")
    opening = re.match(r"(--.*\n)+", text)
    header, word = {"meaning": ""}, "meaning"
    for line in opening.group().splitlines() if opening else ():
        text_of_line = line.removeprefix("--").strip()
        if begins := re.fullmatch(r"([\w-]+): +(.*)", text_of_line):
            word, text_of_line = begins.groups()
        header[word] = f"{header.get(word, '')} {text_of_line}".strip()
    body = text[opening.end() :] if opening else text
    return header, [part.strip() for part in re.split(r";\s*(?:\n|$)", body) if part.strip()]


def _tables(queries: Sequence[str]) -> Iterable[str]:
    for query in queries:
        for node in nodes(statement(query)):
            if node.get("type") == "BASE_TABLE" and node["schema_name"]:
                yield f"{node['schema_name']}.{node['table_name']}"
