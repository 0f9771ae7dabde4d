"""The page that describes the reference tables, from their declaration.

python -m warehouse.reference.dictionary > warehouse/reference/README.md
"""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.reference.schema import TABLES, UNIT, UNITS, Table

OPENING = """# Reference tables

What you configure: who is billed, for which vendor accounts, and at what price. How it is used is
told in [How usage becomes an invoice](../RATING.md). There are two places to keep it in, and
`BACKUP_BILLING_REFERENCE` names the one:

- a directory with one CSV file each (UTF-8, comma, header line), by default `reference/` in the data
  directory; `sample/` holds a set that fits the sandbox;
- an SQL database, as an SQLAlchemy URL (`postgresql+psycopg2://user:password@host/billing`,
  `sqlite:////var/lib/billing.sqlite`): tables or views of the same names and columns. Cells are text,
  or the database's own date, whole number, decimal and boolean types, and null is an empty cell. Binary
  floating point is refused: SQLite has no decimals, keep them as TEXT there. Rows are counted in the
  order of the key.

A file or table that is not there has no rows. A column that is not needed may be left out.

- Validity is half-open: a row holds on `valid_from` and on every day before `valid_to`; an empty
  `valid_to` means until further notice. Two rows with the same key never hold on the same day.
- A change is a new row. Every set of tables that was ever installed is kept, with the instant from
  which it was known, in `register/reference/` of the data directory.
- Meters and what they are sold as change between months. A customer's terms and a tax rate that change
  inside a month hold for all of it, the latest winning; an account mapping holds by the day.
- Numbers are plain decimals with a point: `0.05`. They are never read as floats.
- Every mistake in every table is reported at once, with file, line, column and remedy (of a database:
  table, row, column), and while there is one nothing is used: the night fails, and the published
  warehouse stays as it was.

This page is generated from `schema.py` by `python -m warehouse.reference.dictionary`."""


def dictionary() -> str:
    """The page as Markdown."""
    sections = (line for table in TABLES for line in _section(table))
    return "\n".join([OPENING, *sections, *_units()]) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield f"\n## {table.name}\n"
    yield f"{table.meaning} Key: {', '.join(f'`{column}`' for column in table.key)}.\n"
    yield "| column | holds | needed | empty means | meaning |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        refers = f" In {column.refers_to.split('.')[0]}." if column.refers_to else ""
        needed = "yes" if column.required else ""
        default = f"`{column.default}`" if column.default else ""
        holds = "[unit](#units)" if column.type is UNIT else column.type.words
        yield f"| `{column.name}` | {holds} | {needed} | {default} | {column.meaning}{refers} |"


def _units() -> Iterator[str]:
    yield "\n## Units\n"
    yield "Units of one kind convert into each other. GB is decimal and GiB binary.\n"
    yield "| unit | kind | is |"
    yield "|---|---|---|"
    smallest = {kind: unit for unit, (kind, size) in UNITS.items() if size == 1}
    for unit, (kind, size) in UNITS.items():
        counts = "" if unit == smallest[kind] else f"{size:,} {smallest[kind]}"
        yield f"| `{unit}` | {kind} | {counts} |"


if __name__ == "__main__":
    print(dictionary(), end="")
