"""One SQL file from readings to the lines of an invoice: the models of the warehouse, in their order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from warehouse.models import SCHEMAS, Model, literals, macros, models
from warehouse.reference.install import CURRENCY, UNIT, ddl
from warehouse.reference.schema import TABLES

GIVEN = (
    "ops.pull",
    "ops.build_month",
    "ops.calendar",
    "staging.usage_snapshot",
    "billing.usage_cost",
    "billing.document",
    "billing.document_line",
    "billing.document_tax",
    "billing.register_entry",
)
"""What is read from files and not computed, beside the reference tables."""

RESULT = "billing.draft"

OPENING = """\
-- Computes invoice {number} again, from readings to cents, with DuckDB and nothing else:
--     cd <the folder of this file>; duckdb < recompute.sql
-- The last statement lists each line as it was issued and as it is computed here.
-- The statements between are those of the program that issued the invoice, in its order.
"""
CLOSING = """
-- The invoice as it was issued, to the byte, beside the one that was computed above.
CREATE SCHEMA issued;
CREATE TABLE issued.document AS SELECT content AS body FROM read_text('document.json');
CREATE TABLE issued.line AS
SELECT
    CAST(line ->> '$.line_no' AS INTEGER) AS line_no,
    line ->> '$.invoice_line_id' AS invoice_line_id,
    line ->> '$.description' AS description,
    line ->> '$.rule' AS rule,
    CAST(line ->> '$.quantity' AS DECIMAL(20,6)) AS quantity,
    CAST(line ->> '$.exact_amount' AS DECIMAL(37,15)) AS exact_amount,
    CAST(line ->> '$.amount' AS DECIMAL(18,4)) AS amount
FROM (SELECT unnest(json_extract(body, '$.lines[*]')) AS line FROM issued.document) AS lines;
CREATE VIEW issued.total AS
SELECT
    'net, tax and total' AS what,
    concat_ws(' ', body ->> '$.net', body ->> '$.tax', body ->> '$.total') AS issued,
    concat_ws(' ', draft.net, draft.tax, draft.total) AS computed,
    issued IS NOT DISTINCT FROM computed AS is_equal
FROM issued.document
LEFT JOIN billing.draft AS draft
    ON draft.invoice_id = (body ->> '$.document_id')
UNION ALL
SELECT
    'every word of it',
    body ->> '$.content_sha256',
    draft.content_sha256,
    (body ->> '$.content_sha256') IS NOT DISTINCT FROM draft.content_sha256
FROM issued.document
LEFT JOIN billing.draft AS draft
    ON draft.invoice_id = (body ->> '$.document_id');
CREATE VIEW issued.comparison AS
SELECT
    coalesce(issued.line_no, computed.line_no) AS line_no,
    coalesce(issued.description, computed.description) AS description,
    issued.amount AS issued,
    computed.amount AS computed,
    issued.exact_amount AS issued_exactly,
    computed.exact_amount AS computed_exactly,
    issued.amount IS NOT DISTINCT FROM computed.amount
    AND issued.exact_amount IS NOT DISTINCT FROM computed.exact_amount
    AND issued.quantity IS NOT DISTINCT FROM computed.quantity
    AND issued.rule IS NOT DISTINCT FROM computed.rule AS is_equal
FROM issued.line AS issued
FULL JOIN (
    SELECT *
    FROM billing.draft_line
    WHERE invoice_id = (SELECT (body ->> '$.document_id') FROM issued.document)
) AS computed
    ON computed.invoice_line_id = issued.invoice_line_id;
SELECT what, issued, computed, is_equal FROM issued.total;
SELECT * FROM issued.comparison ORDER BY line_no;
"""


def recompute_sql(number: str, months: Collection[date]) -> str:
    """The SQL that computes an invoice from the files of its evidence.

    Parameters:
        number: of the invoice.
        months: first days of the months it needs.
    """
    parts = [OPENING.format(number=number)]
    parts += [f"CREATE SCHEMA {schema};" for schema in SCHEMAS]
    parts += [_statement(macro) for macro in macros()]
    for name, statement in reference_ddl().items():
        parts.append(f"{_statement(statement)}\n{_read(name)}")
    parts += [_model(model, months) for model in computed_models()]
    return "\n\n".join([*parts, CLOSING.lstrip()])


def computed_models() -> list[Model]:
    """What leads to an invoice, in order, with what is given."""
    needed = {RESULT}
    for model in reversed(models()):
        if model.name in needed and _is_computed(model):
            needed |= model.reads
    return [model for model in models() if model.name in needed]


def reference_ddl() -> dict[str, str]:
    """The statement that makes each reference table, by its name."""
    statements = {f"reference.{table.name}": ddl(table) for table in TABLES}
    for name, types in (("unit", UNIT), ("currency", CURRENCY)):
        columns = ", ".join(f"{column} {kind} NOT NULL" for column, kind in types.items())
        statements[f"reference.{name}"] = f"CREATE TABLE reference.{name} ({columns})"
    return statements


def file_of(table: str) -> str:
    """The file with the rows of a table."""
    return f"tables/{table}.parquet"


def in_folder(sql: str, folder: str) -> str:
    """The SQL with the paths of its files in a folder, for who does not stand in it."""
    for reads in ("read_parquet('", "read_text('"):
        sql = sql.replace(reads, f"{reads}{folder}/")
    return sql


def _model(model: Model, months: Collection[date]) -> str:
    parts = [f"-- {model.header['meaning']}\n{_statement(model.ddl)}"]
    if model.name in GIVEN:
        parts.append(_read(model.name))
    elif _is_computed(model) and model.selects:
        column = model.header["partition"]
        for select in model.selects:
            rows = f"INSERT INTO {model.name} BY NAME SELECT * FROM (\n{select}\n) AS filled"  # noqa: S608
            parts.append(
                _statement(rows + (f"\nWHERE month IN ({literals(sorted(months))})" if column else ""))
            )
    return "\n".join(parts)


def _is_computed(model: Model) -> bool:
    """Whether its rows are computed from others of these; of what the vendors say, only readings count."""
    return model.name not in GIVEN and not model.name.startswith("staging.")


def _read(table: str) -> str:
    return f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet('{file_of(table)}');"  # noqa: S608


def _statement(sql: str) -> str:
    return f"{sql.rstrip().rstrip(';')};"
