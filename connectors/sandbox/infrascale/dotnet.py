"""What a .NET web service is made of, and how its serializer puts values on the wire.

The services are written down in C# (see `services.py`), because that is what decides the wire:

    string, class, array     minOccurs=0, not nillable     null is an element left out
    int, bool, enum, ...     minOccurs=1                   never left out: 0, false, the first name
    int?, DateTime?, ...     minOccurs=1, nillable         null is xsi:nil="true"

An empty string or array is an empty element. Members of a base class come before a class's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar, overload
from xml.sax.saxutils import escape

NAMESPACE = "sosonlinebackup.com"

PRIMITIVES = {"string": "string", "int": "int", "long": "long", "bool": "boolean", "DateTime": "dateTime"}
_ZEROS: dict[str, object] = {"int": 0, "long": 0, "bool": False, "DateTime": datetime.min}  # noqa: DTZ901

PAGES_KEPT = 16
"""Of one array; 10,000 accounts are about 4 MB."""

T = TypeVar("T")

_ENUM = re.compile(r"enum (\w+) \{([^}]*)\}")
_CLASS = re.compile(r"class (\w+)(?: : (\w+))? \{([^}]*)\}")
_METHOD = re.compile(r"(read|write) (?:\[(\w+)\] )?(\w+) (\w+)\(([^)]*)\);")


@dataclass(frozen=True, slots=True)
class Member:
    """One element: a field of a class, a parameter or a result. `type` is the C# name without ? and []."""

    name: str
    type: str
    nullable: bool = False
    array: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """A class that travels: its base class, if any, and the members it adds."""

    name: str
    base: str | None
    own: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A web method.

    Attributes:
        reads: False for everything that changes something or hands out a session.
        parameters: children of the request element.
        results: children of the response element: the return value, then the out parameters.
    """

    name: str
    reads: bool
    parameters: tuple[Member, ...]
    results: tuple[Member, ...]


@dataclass(frozen=True, eq=False)
class Service:
    """One .asmx: its operations and the types they use."""

    name: str
    operations: Mapping[str, Operation]
    classes: Mapping[str, Class] = field(repr=False)
    enums: Mapping[str, tuple[str, ...]] = field(repr=False)

    def members(self, class_name: str) -> tuple[Member, ...]:
        """The members of a class in wire order."""
        kind = self.classes[class_name]
        return (*(self.members(kind.base) if kind.base else ()), *kind.own)

    def is_reference(self, member: Member) -> bool:
        """Whether null leaves the element out."""
        return member.array or member.type == "string" or member.type in self.classes

    def zero(self, member: Member) -> object:
        """What a member holds that nobody set: default(T)."""
        if member.nullable or self.is_reference(member):
            return None
        return self.enums[member.type][0] if member.type in self.enums else _ZEROS[member.type]


def parse_service(name: str, source: str) -> Service:
    """Read a service written in C#: enums, classes and methods marked `read` or `write`.

    A method may name the element of its return value in brackets; the default is `<Method>Result`.
    """
    return Service(
        name=name,
        operations={
            method: Operation(
                name=method,
                reads=access == "read",
                parameters=tuple(_member(p) for p in _split(parameters, ",") if not p.startswith("out ")),
                results=(
                    _member(f"{returned} {element or method + 'Result'}"),
                    *(_member(p[4:]) for p in _split(parameters, ",") if p.startswith("out ")),
                ),
            )
            for access, element, returned, method, parameters in _METHOD.findall(source)
        },
        classes={
            kind: Class(kind, base or None, tuple(_member(m) for m in _split(body, ";")))
            for kind, base, body in _CLASS.findall(source)
        },
        enums={kind: tuple(_split(body, ",")) for kind, body in _ENUM.findall(source)},
    )


def _split(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _member(declaration: str) -> Member:
    kind, name = declaration.split()
    return Member(name, kind.rstrip("?[]"), nullable=kind.endswith("?"), array=kind.endswith("[]"))


def text_of(value: object) -> str:
    """The lexical form of a simple value; fractions of a second have 0 to 7 digits, as few as will do."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        seconds = value.replace(tzinfo=None).isoformat(timespec="microseconds")
        # .NET counts in 100 ns. Python does not, so the seventh digit of a fine time is made up.
        tick = str(value.microsecond % 9 + 1) if value.microsecond % 1000 else ""
        seconds = (seconds + tick).rstrip("0").rstrip(".")
        return seconds if value.tzinfo is None else seconds + "Z"
    return escape(str(value))


@cache
def _writer(name: str, *, reference: bool) -> Callable[[object], str]:
    start, end, null = f"<{name}>", f"</{name}>", "" if reference else f'<{name} xsi:nil="true" />'
    empty = f"<{name} />"

    def write(value: object) -> str:
        if value is None:
            return null
        if type(value) is int:
            return f"{start}{value}{end}"
        return f"{start}{text}{end}" if (text := text_of(value)) else empty

    return write


class Rows(Sequence[bytes], Generic[T]):
    """An array of a class that holds simple members only; rows are written when they are asked for.

    The pages asked for last are kept, so that telling them again costs nothing.

    Parameters:
        items: what there is to tell, in order.
        values: the values of one item, in the order of the class's members.
    """

    def __init__(
        self,
        service: Service,
        class_name: str,
        items: Sequence[T],
        values: Callable[[T], Iterable[object]] = iter,  # type: ignore[assignment]
    ) -> None:
        self._items, self._values = items, values
        self._writers = [
            _writer(m.name, reference=service.is_reference(m)) for m in service.members(class_name)
        ]
        self._start, self._end = f"<{class_name}>", f"</{class_name}>"
        self._page = lru_cache(PAGES_KEPT)(self._write)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        """The element of a row, or those of a page."""
        if isinstance(index, slice):
            return self._page(*index.indices(len(self)))
        return self._write(index, index + 1, 1)[0]

    def _write(self, start: int, stop: int, step: int) -> list[bytes]:
        return [
            (
                self._start
                + "".join([w(v) for w, v in zip(self._writers, self._values(item), strict=True)])
                + self._end
            ).encode()
            for item in self._items[start:stop:step]
        ]


def write_member(service: Service, member: Member, value: Any) -> bytes:
    """The element of one member.

    Parameters:
        value: None; a simple value; for a class the values by member name (what is not named is
            default(T)); for an array a sequence of such values, or of rows that are written already.
    """
    if member.array and value is not None:
        item = Member(member.type, member.type)
        return _wrapped(
            member.name,
            [row if isinstance(row, bytes) else write_member(service, item, row) for row in value],
        )
    if member.type in service.classes and value is not None:
        members = service.members(member.type)
        if unknown := value.keys() - {m.name for m in members}:
            raise KeyError(f"{member.type} has no {', '.join(sorted(unknown))}")
        return _wrapped(
            member.name, [write_member(service, m, value.get(m.name, service.zero(m))) for m in members]
        )
    return _writer(member.name, reference=service.is_reference(member))(value).encode()


def _wrapped(name: str, inner: Sequence[bytes]) -> bytes:
    tag = name.encode()
    return b"".join([b"<", tag, b">", *inner, b"</", tag, b">"]) if inner else b"<" + tag + b" />"
