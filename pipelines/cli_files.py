"""`backup-billing import`: a file of usage or of an invoice, landed by the Dagster job of its kind."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from pipelines.terminal import HERE, out, refuse, settings_or_refuse


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet.")],
    mapping: Annotated[
        Path, typer.Option(help="TOML file that says what the columns mean, or the name of a ready one.")
    ],
    day: Annotated[
        str,
        typer.Option(
            "--date", help="Billing day, any day of the month, or of the month invoiced, as YYYY-MM-DD."
        ),
    ],
    rows: Annotated[int | None, typer.Option(help="How many rows the file has, counted by you.")] = None,
    total: Annotated[
        str | None, typer.Option("--sum", help="What the mapping's column sum_of adds up to.")
    ] = None,
) -> None:
    """Land a file of usage or of an invoice, then bring the warehouse up to date.

    It is taken as a whole or not at all: the file's own total line, --rows or --sum must vouch for it.
    """
    from connectors.errors import NotConfigured, VendorError
    from connectors.files.fetch import file_to_import
    from connectors.files.mapping import ready
    from pipelines.imports import brought_before, land_file
    from pipelines.nights import yesterday
    from pipelines.partitions import FIRST_DAY
    from pipelines.runs import instance

    settings = settings_or_refuse()
    mapping = ready(str(mapping)) or HERE / mapping
    try:
        brought = file_to_import(HERE / file, mapping, rows, _number(total))
        days = brought.days(date.fromisoformat(day))
    except NotConfigured as error:
        refuse(str(error))
    except ValueError:
        refuse(f"--date is {day!r}, not a date; for example 2026-10-31")
    if days[0] < date.fromisoformat(FIRST_DAY):
        refuse(f"--date is {day}, before {FIRST_DAY}, the first day that anything is kept for")
    if days[-1] > yesterday():
        refuse(f"{days[-1]} is not over: import the file from {days[-1] + timedelta(days=1)} on")
    with suppress(VendorError):  # of a file that cannot be read the import itself says why
        if twice := brought_before(settings.warehouse, brought, days[-1]):
            refuse(f"{file.name}: {twice}")
    failures = land_file(instance(), brought, mapping, days)
    if failures:
        refuse(*failures, status=1)
    span = f"{days[0]} to {days[-1]}" if days[1:] else str(days[0])
    out.print(
        f"{file.name}: landed as files/{brought.stream}, {brought.mapping.name}, {span}", highlight=False
    )


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        refuse(f"--sum is {text!r}, not a number; for example 4711.50")
