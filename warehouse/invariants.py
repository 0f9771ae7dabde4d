"""What must hold in the tables before anybody may see them. One that does not stops the publication."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from warehouse.models import SQL, literals, models

SHOWN = 3  # offending rows in the message


class InvariantBroken(Exception):
    """The tables contradict each other; the message says how, and nothing was published."""


def verify(connection: duckdb.DuckDBPyConnection, days: Collection[date]) -> None:
    """Check every table's key in the partitions that `days` touch, and `sql/invariant` for their months.

    Raises:
        InvariantBroken: with one line for each invariant that is broken.
    """
    broken = [*_repeated_keys(connection, days)]
    for path in sorted((SQL / "invariant").glob("*.sql")):
        sentence, query = path.read_text(encoding="utf-8").split("\n", 1)
        if rows := connection.execute(query).fetchmany(SHOWN):
            broken.append(f"{sentence.removeprefix('-- ')} For example {_sample(connection, rows)}.")
    if broken:
        raise InvariantBroken("\n".join([*broken, "Nothing was published."]))


def _repeated_keys(connection: duckdb.DuckDBPyConnection, days: Collection[date]) -> list[str]:
    found = []
    for model in models():
        if not (model.selects and model.key):
            continue
        key, values = ", ".join(model.key), literals(model.partitions(days))
        rows = connection.execute(
            f"SELECT {key} FROM {model.name} WHERE {model.header['partition']} IN ({values}) "  # noqa: S608
            f"GROUP BY ALL HAVING count(*) > 1"
        ).fetchmany(SHOWN)
        if rows:
            found.append(
                f"{model.name} has several rows with the same {key}. For example {_sample(connection, rows)}."
            )
    return found


def _sample(connection: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> str:
    names = [column[0] for column in connection.description or ()]
    return "; ".join(
        ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True)) for row in rows
    )
