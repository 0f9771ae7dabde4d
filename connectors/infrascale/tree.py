"""The tree of entities below a connection: who is at the top, who is above whom, whom to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.infrascale import parse
from connectors.stream import Exchange, Role


@dataclass(frozen=True)
class Tree:
    """The entities of one answer of GetEntityHierarchy.

    Attributes:
        parents: entity -> its parent; the root's is not among the keys.
        active: the entities that may be asked for.
    """

    parents: Mapping[int, int]
    active: frozenset[int]

    @classmethod
    def of(cls, hierarchy: Exchange) -> Tree:
        """Read the answer.

        Raises:
            IncompletePull: it is not one tree, see `parse.entities`.
        """
        rows = parse.entities(replace(hierarchy, role=Role.ROWS)).rows
        entities = rows["entity_id"].to_pylist()
        parents = dict(zip(entities, rows["parent_entity_id"].to_pylist(), strict=True))
        active = zip(entities, rows["is_active"].to_pylist(), strict=True)
        return cls(parents, frozenset(entity for entity, is_active in active if is_active))

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
