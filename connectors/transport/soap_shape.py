"""Where things stand in an operation's messages, found in the types of its WSDL and never guessed.

Some names are on no public page: what an array and its items are called, whether parameters sit in a
`request` element, which spelling of an id is the real one. The WSDL tells; inherited members included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ContractBroken

DEEPEST = 12
"""Levels looked into; a type that holds itself would never end."""


@dataclass(frozen=True)
class Member:
    """One element of a message.

    Attributes:
        path: local names from the message's own element, which is not named, `request/PageSize`.
        kind: `object`, or the XML Schema type it comes down to; the names of a WSDL's own types are
            nobody's contract.
        repeats: whether it may stand there more than once.
        nillable: whether it may be nil.
        required: whether it must be there.
    """

    path: str
    kind: str
    repeats: bool
    nillable: bool
    required: bool

    @property
    def name(self) -> str:
        """Its own local name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Message:
    """One request or answer of an operation, as its WSDL types describe it.

    Attributes:
        operation: for messages to people.
        root: local name of the message's own element.
        members: every element below it, outer ones first.
    """

    operation: str
    root: str
    members: tuple[Member, ...]

    @classmethod
    def of(cls, operation: str, element: Any) -> Message:
        """Read the message from zeep's xsd element (`operation.input.body` or `.output.body`)."""
        return cls(operation, element.name, tuple(sorted(_walk(element.type, ""), key=_depth)))

    def path(self, *names: str) -> str:
        """The path of the one member that bears one of `names`, the outermost.

        Raises:
            ContractBroken: there is none, or two stand equally far out.
        """
        found = [member.path for member in self.members if member.name in names]
        outermost = [path for path in found if path.count("/") == found[0].count("/")]
        return self._only(outermost, f"no member named {' or '.join(names)}")

    def holder(self, members: Sequence[str], *, repeats: bool) -> str:
        """The path of the one element whose type has all of `members` (`A/B` is B in its A).

        Parameters:
            repeats: whether it is an element that repeats, as rows do, or one that does not.

        Raises:
            ContractBroken: there is none, with the members that come closest missing; or several.
        """
        holders = [member.path for member in self.members if member.repeats == repeats]
        paths = {member.path for member in self.members}
        missing = {path: [name for name in members if f"{path}/{name}" not in paths] for path in holders}
        closest = min(missing.values(), key=len, default=list(members))
        what = "repeating element" if repeats else "element"
        complete = [path for path in holders if not missing[path]]
        return self._only(complete, f"no {what} that has {', '.join(closest)}")

    def _only(self, found: list[str], none: str) -> str:
        if not found:
            raise ContractBroken(f"the WSDL of {self.operation} has {none} in {self.root}")
        if len(found) > 1:
            raise ContractBroken(f"the WSDL of {self.operation} has several candidates: {', '.join(found)}")
        return found[0]

    def describe(self) -> dict[str, str]:
        """Path -> type in words, for comparing two descriptions of one message."""
        return {
            f"{self.root}/{member.path}": member.kind
            + (" list" if member.repeats else "")
            + (" nillable" if member.nillable else "")
            + (" required" if member.required else "")
            for member in self.members
        }


def differences(service: str, live: Sequence[Message], bundled: Sequence[Message]) -> tuple[str, ...]:
    """What a live description has that the bundled one has not, and the reverse; one line each.

    What is below an added or a removed element is not told apart from it.
    """
    lines = []
    for now, then in zip(live, bundled, strict=True):
        here, there = now.describe(), then.describe()
        for path in sorted(here.keys() | there.keys()):
            above = path.rpartition("/")[0]
            if path not in there and (above in there or above == now.root):
                lines.append(f"{service}: {path} added ({here[path]})")
            elif path not in here and (above in here or above == now.root):
                lines.append(f"{service}: {path} removed ({there[path]})")
            elif path in here and path in there and here[path] != there[path]:
                lines.append(f"{service}: {path} is {here[path]}, was {there[path]}")
    return tuple(lines)


def _walk(kind: Any, above: str, depth: int = 0) -> Iterator[Member]:
    # Simple types have no elements; zeep counts inherited ones among a type's own.
    for _, element in getattr(kind, "elements", ()) if depth < DEEPEST else ():
        if getattr(element, "name", None) is None:
            continue  # xsd:any
        path = f"{above}/{element.name}" if above else element.name
        yield Member(
            path=path,
            kind=_kind(element.type),
            repeats=element.accepts_multiple,
            nillable=bool(element.nillable),
            required=not element.is_optional,
        )
        yield from _walk(element.type, path, depth + 1)


def _kind(kind: Any) -> str:
    if getattr(kind, "elements", ()):
        return "object"
    names = (getattr(base, "_default_qname", None) for base in type(kind).__mro__)
    return next((name.localname for name in names if name is not None), "object")


def _depth(member: Member) -> int:
    return member.path.count("/")
