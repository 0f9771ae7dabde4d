"""The tree of entities below a connection: who is at the top, who is above whom, whom to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.errors import IncompletePull
from connectors.infrascale import parse
from connectors.stream import Exchange, Role

COMPANY = "Company"


@dataclass(frozen=True)
class Tree:
    """The entities of one answer of GetEntityHierarchy.

    Attributes:
        parents: entity -> its parent; the root's is not among the keys.
        active: the entities that may be asked for.
        companies: the active companies below the root.
    """

    parents: Mapping[int, int]
    active: frozenset[int]
    companies: frozenset[int]

    @classmethod
    def of(cls, hierarchy: Exchange) -> Tree:
        """Read the answer.

        Raises:
            IncompletePull: it is not one tree, see `parse.entities`, or one of its entities is unknown:
                whoever stands below it would not be asked for.
        """
        page = parse.entities(replace(hierarchy, role=Role.ROWS))
        if page.quarantined:
            raise IncompletePull(
                f"{len(page.quarantined)} entities of the hierarchy cannot be read, so that nobody knows "
                f"whom to ask: {page.quarantined[0].reason}"
            )
        rows = page.rows.select(["entity_id", "parent_entity_id", "is_active", "entity_type"]).to_pylist()
        parents = {row["entity_id"]: row["parent_entity_id"] for row in rows}
        active = {row["entity_id"]: row["entity_type"] for row in rows if row["is_active"]}
        if len({tuple(row.values()) for row in rows}) != len(parents):
            raise IncompletePull("the hierarchy tells two things of one entity")
        return cls(
            parents,
            frozenset(active),
            frozenset(
                entity for entity, kind in active.items() if kind == COMPANY and parents[entity] in parents
            ),
        )

    @property
    def root(self) -> int:
        """The entity whose parent is not in the answer."""
        return next(entity for entity, parent in self.parents.items() if parent not in self.parents)

    def ancestors(self, entity: int) -> Iterator[int]:
        """The entities above `entity`, nearest first."""
        passed = {entity}  # a vendor's mistake must not make a walk without end
        while (entity := self.parents[entity]) in self.parents and entity not in passed:
            passed.add(entity)
            yield entity

    def active_deepest_first(self) -> list[int]:
        """The active entities; every one comes before those above it."""
        return sorted(self.active, key=lambda entity: (-sum(1 for _ in self.ancestors(entity)), entity))
