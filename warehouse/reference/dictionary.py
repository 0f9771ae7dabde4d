"""The page that describes the reference files, from their declaration.

python -m warehouse.reference.dictionary > warehouse/reference/README.md
"""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.reference.schema import TABLES, Table

OPENING = """# Reference tables

What you configure: who is billed, for which vendor accounts, and at what price. One CSV file each
(UTF-8, comma, header line) in the directory that `BACKUP_BILLING_REFERENCE` names, by default
`reference/` in the data directory. `sample/` holds a set that fits the sandbox.

- Validity is half-open: a row holds on `valid_from` and on every day before `valid_to`; an empty
  `valid_to` means until further notice. Two rows with the same key never hold on the same day.
- Prices and meters change between months. A customer's terms and a tax rate that change inside a month
  hold for all of it, the latest winning; an account mapping holds by the day.
- Numbers are plain decimals with a point: `0.05`. They are never read as floats.
- Every mistake in every file is reported at once, with file, line, column and remedy, and while there
  is one nothing is used: the night fails, and the published warehouse stays as it was.

This page is generated from `schema.py` by `python -m warehouse.reference.dictionary`."""


def dictionary() -> str:
    """The page as Markdown."""
    return "\n".join([OPENING, *(line for table in TABLES for line in _section(table))]) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield f"\n## {table.name}.csv\n"
    yield f"{table.meaning} Key: {', '.join(f'`{column}`' for column in table.key)}.\n"
    yield "| column | holds | needed | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        refers = f" In {column.refers_to.split('.')[0]}.csv." if column.refers_to else ""
        needed = "yes" if column.required else ""
        yield f"| `{column.name}` | {column.type.words} | {needed} | {column.meaning}{refers} |"


if __name__ == "__main__":
    print(dictionary(), end="")
