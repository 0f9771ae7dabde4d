"""What every read looks at: the world at one minute, seen from the entity whose credentials call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connectors.sandbox.infrascale_estate import Entity, InfrascaleDay
from connectors.sandbox.world import World

Payload = dict[str, Any]
"""Values by member name, without the Result object; arrays as a `Listing`."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An array in an answer: `size` of `rows`, from `start` on."""

    rows: Sequence[Any]
    start: int
    size: int


def whole(rows: Sequence[Any]) -> Listing:
    """All rows at once, for operations without pages."""
    return Listing(rows, 0, len(rows))


def page(rows: Sequence[Any], size: int, index: int, largest: int) -> Listing:
    """The rows of a 1-based page.

    Raises:
        NotServed: InvalidInputParameters, for a size or an index outside the operation's limits.
    """
    if not 1 <= size <= largest:
        raise invalid(f"PageSize must be from 1 to {largest}")
    if index < 1:
        raise invalid("The first page is 1")
    return Listing(rows, (index - 1) * size, size)


class NotServed(Exception):
    """The vendor's own error: HTTP 200 with a Result object that is not Success."""

    def __init__(self, number: int, code: str, message: str) -> None:
        super().__init__(message)
        self.number, self.code = number, code


def invalid(message: str) -> NotServed:
    """InvalidInputParameters: "check Result.Message for more details"."""
    return NotServed(2, "InvalidInputParameters", message)


@dataclass(frozen=True)
class Estate:
    """The world as the vendor shows it at one minute; equal to every other one of its day.

    Attributes:
        date: the day whose closing figures are shown.
        minute: what time it is; later events are not there yet. Seconds do not count, so that the
            pages of one walk agree.
    """

    world: World
    date: date
    minute: datetime = field(compare=False)

    @property
    def day(self) -> InfrascaleDay:
        """The closing figures shown."""
        return self.world.infrascale(self.date)

    def entity(self, entity_id: int, *, zero_is_self: bool) -> Entity:
        """The entity a request means.

        Raises:
            NotServed: ObjectEntityMismatch, when it is inactive or not in the caller's hierarchy. 0 is
                not an entity, except where the operation's page says that it means the caller.
        """
        day = self.day
        found = day.root if entity_id == 0 and zero_is_self else day.by_id.get(entity_id)
        if found is None or not found.is_active:
            raise NotServed(53, "ObjectEntityMismatch", f"Entity {entity_id} is not yours or not active")
        return found

    def tree(self, entity: Entity) -> Collection[int] | None:
        """Ids of `entity` and all below it; None when that is everything."""
        return None if entity.entity_id == self.day.root.entity_id else self.day.tree(entity.entity_id)


Read = Callable[[Estate, Mapping[str, Any]], Payload]
