"""The change of a plant that tells the same every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from connectors.sandbox.plants.subject import Subject

Shown = TypeVar("Shown")


def steady(
    helper: Callable[..., Shown],
    subject: Subject,
    *,
    since: date = date.min,
    until: date = date.max,
    **figures: object,
) -> Callable[[Shown, date], Shown]:
    """The change that tells the same of a customer on every day.

    Parameters:
        helper: one of this package.
        since, until: first day, and the day from which it is not told any more.
        figures: of the helper.
    """

    def change(shown: Shown, on: date) -> Shown:
        return helper(shown, on, subject, **figures) if since <= on < until else shown

    return change
