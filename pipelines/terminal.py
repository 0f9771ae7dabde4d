"""What the commands share: where they print, how they refuse, and how a month is named."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pipelines.settings import ConfigurationMistakes, Settings, load_settings

HERE = Path.cwd()
"""Where the user stands; the command line leaves it for the project's root."""

# Without markup: a name or a path with square brackets is shown as it is.
out = Console(soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, soft_wrap=True, markup=False)

Month = Annotated[
    str | None, typer.Argument(metavar="[MONTH]", help="As YYYY-MM; the last full month when left out.")
]
RunningMonth = Annotated[
    str | None, typer.Argument(metavar="[MONTH]", help="As YYYY-MM; yesterday's month when left out.")
]


def refuse(*lines: str, status: int = 2) -> NoReturn:
    """Say in a line each why nothing was done, and leave.

    Parameters:
        status: 2 for bad usage or configuration, 1 for something that failed.
    """
    for line in lines:
        err.print(line, style="red", highlight=False)
    raise typer.Exit(status)


def settings_or_refuse() -> Settings:
    """The checked configuration; every mistake in it is a line, and the end of the command."""
    try:
        return load_settings()
    except ConfigurationMistakes as mistakes:
        refuse(*mistakes.lines)


def month_of(text: str | None, *, running: bool = False) -> date:
    """The first day of a month written as YYYY-MM.

    Parameters:
        text: None for the last full month.
        running: without text, yesterday's month instead, which may not be over.
    """
    settings_or_refuse()  # days are those of the configured time zone and clock
    from pipelines.nights import yesterday
    from pipelines.partitions import FIRST_DAY

    if text is None:
        last = yesterday()
        return (last if running else (last + timedelta(days=1)).replace(day=1) - timedelta(days=1)).replace(
            day=1
        )
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        refuse(f"{text!r} is not a month; for example 2026-10")
    if month < date.fromisoformat(FIRST_DAY):
        refuse(f"{text} is before {FIRST_DAY}, the first day that anything is kept for")
    return month
