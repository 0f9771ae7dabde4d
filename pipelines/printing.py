"""What the command line shows: the invoice table, what does not add up, and answers to queries."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines.settings import Settings
from warehouse.query import Answer, invoice_summary, query
from warehouse.reconciliation.overview import by_check
from warehouse.reconciliation.vendor_invoices import by_vendor

LONGEST = 25  # rows of a table on the screen; the rest is one query away


def print_query(warehouse: Path, sql: str, out: Console) -> None:
    """Print an answer: a table on a terminal, CSV otherwise.

    Raises:
        QueryRefused: the file is not there, or the statement fails; with one line why.
    """
    answer = query(warehouse, sql)
    if out.is_terminal:
        out.print(table_of("", answer, longest=None))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)


def print_bill(settings: Settings, month: date, out: Console) -> None:
    """Print the draft invoices of one month, the vendors' own, what does not add up, and where to read on.

    Parameters:
        month: any day of it.
    """
    out.print(table_of(f"Draft invoices of {month:%B %Y}", invoice_summary(settings.warehouse, month)))
    invoiced = by_vendor(settings.warehouse, month)
    if invoiced.rows:
        out.print(table_of("Vendors' invoices against what was used and billed", invoiced))
    found = by_check(settings.warehouse)
    out.print(table_of("Findings by check", found, longest=None) if found.rows else "Everything adds up.")
    sample = "SELECT description, quantity, amount FROM billing.invoice_line ORDER BY amount DESC LIMIT 10"
    out.print(f"\nWarehouse     {settings.warehouse}")
    out.print(f'Sample query  .venv/bin/backup-billing query "{sample}"', highlight=False)
    out.print("Findings      .venv/bin/backup-billing findings list")
    out.print("Dagster UI    make ui, then http://127.0.0.1:3000")


def table_of(title: str, answer: Answer, longest: int | None = LONGEST) -> Table:
    """An answer for the screen; figures are never cut.

    Parameters:
        longest: rows that are shown; None for all.
    """
    shown = answer.rows[:longest]
    left = len(answer.rows) - len(shown)
    table = Table(title=title or None, caption=f"and {left} more" if left else None)
    for number, (name, numeric) in enumerate(zip(answer.columns, answer.numeric, strict=True)):
        # A figure is never cut or wrapped, however narrow the screen: names give way.
        width = max((len(_cell(row[number])) for row in shown), default=0) if numeric else None
        table.add_column(name, justify="right" if numeric else "left", min_width=width, overflow="fold")
    for row in shown:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> str:
    return "" if value is None else str(value)
