"""A small warehouse for what works on the register: the real tables, filled directly."""

from __future__ import annotations

import duckdb

from warehouse.models import models

FILLED_FROM_THE_REGISTER = ("register_entry", "document", "document_line", "document_tax")


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that the register fills."""
    connection.execute("CREATE SCHEMA billing; SET TimeZone = 'UTC'")
    for model in models():
        if model.name in {f"billing.{table}" for table in FILLED_FROM_THE_REGISTER}:
            connection.execute(model.ddl)
