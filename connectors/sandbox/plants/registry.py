"""Every plant there is, collected from the topic files beside this one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from datetime import date

from connectors.sandbox import plants as package
from connectors.sandbox.plants.plant import Plant

Topic = Callable[[date], Iterable[Plant]]


def plants(month: date) -> dict[str, Plant]:
    """Every plant by kind, in order of code and kind.

    Parameters:
        month: first day of the month that is wrong; the two before it are the earlier ones.

    Raises:
        ValueError: two plants are of one kind.
    """
    found: dict[str, Plant] = {}
    for plant in sorted((p for topic in _topics() for p in topic(month)), key=lambda p: (p.code, p.kind)):
        if plant.kind in found:
            raise ValueError(f"there are two plants of the kind {plant.kind}")
        found[plant.kind] = plant
    return found


def served(kinds: Iterable[str], month: date) -> tuple[Plant, ...]:
    """The plants of these kinds; `all` stands for every one that can be served beside the others.

    Raises:
        ValueError: there is no such kind, or no vendor and no table of the user makes it.
    """
    there_are, wanted = plants(month), {*kinds}
    for kind in sorted(wanted - {"all"}):
        if kind not in there_are:
            raise ValueError(f"no plant is of the kind {kind}: `backup-billing sandbox plants` lists them")
        if not there_are[kind].is_served:
            raise ValueError(f"{kind} is made in our own books, which no vendor serves: only tests plant it")
    return tuple(
        plant
        for kind, plant in there_are.items()
        if kind in wanted or ("all" in wanted and plant.is_served and not plant.alone)
    )


def _topics() -> Iterable[Topic]:
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != __name__.rpartition(".")[2]:
            topic = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "plants", None)
            if topic is not None:
                yield topic
