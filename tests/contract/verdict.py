"""Is a pull right? It landed the truth, less what it put in quarantine, or failed with a named reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

from connectors.errors import VendorError
from connectors.stream import Presence
from tests.contract.cases import Case
from tests.contract.subjects import Pulled, Row, Subject
from tests.contract.undecidable import MAY_BE_BLANK

SAYS_NOTHING = frozenset({"null", "null one", "leave out", "leave out in one", "retype", "retype one"})
"""Kinds by which the vendor says null or nothing, which it may do of fields that are not required."""

RENAMES = frozenset({"rename", "rename in one", "recase", "recase in one"})
"""Kinds by which it seems to say nothing: that is no word about a figure, and has to be reported."""


def verdict(subject: Subject, case: Case, truth: list[Row], pulled: Pulled) -> str:
    """What is wrong with the pull; empty when it is right."""
    if pulled.error is not None:
        named = isinstance(pulled.error, VendorError) and type(pulled.error) is not VendorError
        return "" if named and str(pulled.error) else f"it failed without a named reason: {pulled.error!r}"
    left = Counter(map(_frozen, truth))
    landed = Counter(map(_frozen, pulled.rows))
    for row in (landed - left).elements():
        origin = next((one for one in left - landed if _is_said(subject, case, dict(row), dict(one))), None)
        if origin is None:
            return f"it landed what is not so: {_difference(dict(row), truth)}"
        blank = {name for name, value in row if value != dict(origin)[name]}
        if case.kind in RENAMES and not pulled.unknown_fields and blank - _may_be_blank(subject):
            return f"it landed nothing in {blank}, and not a word about the new name"
        landed[row] -= 1
        left[origin] -= 1
    missing = [dict(row) for row in (left - landed).elements()]
    units = {tuple(row[name] for name in subject.unit) for row in missing} if subject.unit else missing
    if len(units) > len(pulled.quarantined):
        return f"{len(missing)} of {len(truth)} rows are missing without a word, such as {missing[0]}"
    return ""


def _frozen(row: Row) -> tuple[tuple[str, Hashable], ...]:
    return tuple(row.items())


def _may_be_blank(subject: Subject) -> set[str]:
    return {*MAY_BE_BLANK.get(subject.stream.id, ())}


def _is_said(subject: Subject, case: Case, row: Row, truth: Row) -> bool:
    """Whether a row is the true one with nulls where the vendor seems to say so, and may."""
    blank = {name for name, value in row.items() if value != truth[name]}
    columns = {f.column: f for f in subject.stream.fields}
    may_be_blank = _may_be_blank(subject)
    return case.kind in SAYS_NOTHING | RENAMES and all(
        row[name] is None
        and columns[name].presence is not Presence.REQUIRED
        and (case.kind in SAYS_NOTHING or not columns[name].unit or name in may_be_blank)
        for name in blank
    )


def _difference(row: Row, truth: list[Row]) -> dict[str, tuple[Any, Any]]:
    """Landed and true values where a row differs from the true row that is nearest to it."""
    return min(
        ({name: (value, one[name]) for name, value in row.items() if value != one[name]} for one in truth),
        key=len,
        default={"": (row, "no row at all")},
    )
