"""The register as tables: `billing.document` with its lines and taxes, and `billing.register_entry`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import islice, takewhile
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.register.entry import Entry, Head
from warehouse.register.register import Register

AT_ONCE = 500  # entries in memory

INCOMING = pa.schema(
    [
        ("seq", pa.int64()),
        *((name, pa.string()) for name in ("kind", "subject", "by_person", "at", "body", "sha256")),
    ]
)
# What a document's own JSON calls otherwise, or does not know.
DOCUMENT = {"seq": "seq", "lines": "json_array_length(body, '$.lines')", "sha256": "sha256(body)"}
ENTRY = {
    "seq": "seq",
    "kind": "kind",
    "subject": "coalesce(body ->> '$.document_id', subject)",
    "by_person": "by_person",
    "recorded_at": 'CAST("at" AS TIMESTAMPTZ)',
    # A document's lines and taxes have tables of their own.
    "body": 'CAST(json_merge_patch(body, \'{"lines": null, "taxes": null}\') AS VARCHAR)',
    "sha256": "sha256",
}


def load(connection: duckdb.DuckDBPyConnection, home: Path, until: int | None = None) -> set[date]:
    """Bring the tables up to date with the register: what it has behind the last entry that they know.

    Parameters:
        connection: the warehouse that is being built.
        home: data directory.
        until: the last entry to take; None for all.

    Returns:
        The months that the new entries are about.

    Raises:
        RegisterBroken: the register is not what was written, or not the one that the tables know.
    """
    row = connection.execute(
        "SELECT seq, sha256 FROM billing.register_entry ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    known = Head(*row) if row else Head()
    months: set[date] = set()
    with Register(home).checked(known, "the warehouse") as ledger:
        entries = takewhile(lambda entry: until is None or entry.seq <= until, ledger.entries(known.seq))
        while batch := list(islice(entries, AT_ONCE)):
            months |= _add(connection, batch)
    return months


def _add(connection: duckdb.DuckDBPyConnection, entries: list[Entry]) -> set[date]:
    rows = [
        {
            "seq": entry.seq,
            "kind": entry.kind.value,
            "subject": entry.subject,
            "by_person": entry.by_person,
            "at": entry.at,
            "body": entry.body.decode(),
            "sha256": entry.sha256,
        }
        for entry in entries
    ]
    documents = "(SELECT * FROM incoming WHERE kind IN ('issue', 'credit'))"
    connection.register("incoming", pa.Table.from_pylist(rows, INCOMING))
    _insert(connection, "register_entry", "body", "incoming", ENTRY)
    _insert(connection, "document", "body", documents, DOCUMENT)
    for part in ("line", "tax"):
        each = {"line": "lines", "tax": "taxes"}[part]
        rows_of = (
            f'(SELECT unnest(from_json(body, \'{{"{each}": ["JSON"]}}\').{each}) AS part, '  # noqa: S608  # ours
            f"body ->> '$.document_id' AS document_id, body ->> '$.month' AS month FROM {documents})"
        )
        of_document = {"document_id": "document_id", "month": "CAST(month AS DATE)"}
        _insert(connection, f"document_{part}", "part", rows_of, of_document)
    found = connection.execute(
        "SELECT DISTINCT CAST(body ->> '$.month' AS DATE) FROM incoming WHERE body ->> '$.month' IS NOT NULL"
    ).fetchall()
    connection.unregister("incoming")
    return {month for (month,) in found}


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, parsed: str, source: str, given: dict[str, str]
) -> None:
    """Fill a table's columns from the JSON in the column `parsed`, those in `given` from expressions."""
    columns = dict(_columns(connection, table))
    shape = {name: kind for name, kind in columns.items() if name not in given}
    taken = {name: expression for name, expression in given.items() if name in columns}
    connection.execute(
        f"INSERT INTO billing.{table} BY NAME SELECT unnest(from_json({parsed}, ?)), "  # noqa: S608  # ours
        f"{', '.join(f'{expression} AS {name}' for name, expression in taken.items())} FROM {source}",
        [json.dumps(shape)],
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[str, str]]:
    for name, kind, *_ in connection.execute(f"DESCRIBE billing.{table}").fetchall():
        yield name, kind
