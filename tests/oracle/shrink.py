"""Makes a family that fails small enough to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.oracle.world import World

TRIES = 150


def size(world: World) -> int:
    """How much there is to read."""
    return len(world.readings) + sum(map(len, world.tables.values()))


def shrunk(world: World, fails: Callable[[World], bool], tries: int = TRIES) -> World:
    """The world without what it fails without too: rows and readings, many at a time and then one by one.

    Parameters:
        fails: whether a world still fails in the same way.
        tries: how many to ask it for at most.
    """
    places = ["", *sorted(world.tables, key=lambda name: -len(world.tables[name]))]
    for chunk in (16, 4, 1):
        for place in places:
            start = 0
            while start < len(_rows(world, place)) and tries:
                smaller = _without(world, place, start, chunk)
                tries -= 1
                if fails(smaller):
                    world = smaller
                else:
                    start += chunk
    return world


def _rows(world: World, place: str) -> list[object]:
    return [*(world.tables[place] if place else world.readings)]


def _without(world: World, place: str, start: int, chunk: int) -> World:
    left = [row for n, row in enumerate(_rows(world, place)) if not start <= n < start + chunk]
    if place:
        return replace(world, tables={**world.tables, place: left})
    return replace(world, readings=tuple(left))


def shown(world: World) -> str:
    """Every row and reading in a line; cells that are empty left out."""
    lines = [f"family {world.name}, {world.months[0]} to {world.latest}"]
    for name, rows in world.tables.items():
        for row in rows:
            cells = (f"{column}={value}" for column, value in row.items() if value is not None)
            lines.append(f"{name}: {' '.join(cells)}")
    for reading in world.readings:
        told = (reading.account, reading.resource, reading.product, reading.meter, reading.quantity)
        trial = " trial" if reading.trial else ""
        lines.append(f"{reading.day} {'/'.join(reading.source)} {' '.join(map(str, told))}{trial}")
    for source, days in world.pulled.items():
        lines.append(f"pulled {'/'.join(source)}: {' '.join(str(day) for day in sorted(days))}")
    return "\n".join(lines)
