"""Commands that change the register: on tables that know all of it, and the tables follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipelines.settings import Settings
from pipelines.terminal import refuse

if TYPE_CHECKING:
    from warehouse.register import Entry


@contextmanager
def changing(settings: Settings, month: date | None = None) -> Iterator[Callable[[Entry], None]]:
    """Do one command between two looks at whether the tables know the whole register.

    A command that was stopped behind its entry has left tables that do not: they are built first.
    What the command refuses is the end of it, a line each.

    Parameters:
        month: that the command is about.

    Returns:
        Takes an entry, where only that tells the month.
    """
    from warehouse.invoicing.refusal import Refused
    from warehouse.invoicing.session import is_behind
    from warehouse.register import Register, RegisterBroken

    months = [month] if month else []

    def touched(entry: Entry) -> None:
        months.append(date.fromisoformat(entry.content["month"]))

    try:
        if is_behind(settings.home):
            bring_up_to_date(months)
        before = Register(settings.home).head()
        yield touched
        if Register(settings.home).head() != before:
            bring_up_to_date(months)
    except Refused as refused:
        refuse(*refused.lines, status=1)
    except RegisterBroken as broken:
        refuse(str(broken), status=1)


def bring_up_to_date(months: list[date]) -> None:
    """Bring the warehouse up to date, and the earliest of the months and those after it with it.

    What fails is the end of the command, a line each.

    Parameters:
        months: first days; none for the running one.
    """
    from pipelines.nights import yesterday
    from pipelines.runs import instance, run_job
    from warehouse.calendar import month_after

    day = min([yesterday(), *(month_after(month) - timedelta(days=1) for month in months)])
    report = run_job(instance(), "warehouse_nightly", day)
    if report.failures:
        refuse(*(failure.sentence for failure in report.failures), status=1)
