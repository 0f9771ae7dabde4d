"""Rules of tolerances."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.reconciliation.catalogue import checks
from warehouse.reference.rows import Mistake, Rows

MEASURES = ("amount", "percent", "count")


def tolerates_something_known(rows: Rows) -> Iterator[Mistake]:
    """A row is for the findings of a check, and says how much of them is none."""
    known = {code for check in checks() for code in check.codes}
    for row in rows["tolerance"]:
        if row["code"] not in known:
            what = f"{row['code']!r} is no code of a check"
            yield row.mistake("code", what, "Take one of reconciliation.check_catalogue")
        if all(row[measure] is None for measure in MEASURES):
            yield row.mistake("", "tolerates nothing", "Fill in amount, percent or count")
