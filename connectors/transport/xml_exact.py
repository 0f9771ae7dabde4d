"""The rows of a SOAP answer one by one: by local name, in any order, nothing dropped.

Slow, and the last word: what the fast path cannot vouch for is read here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from lxml import etree

from connectors.errors import ContractBroken
from connectors.parser import empty_page
from connectors.stream import Field, Page, Presence, Quarantined, rows_schema
from connectors.transport.xml_answer import NIL, child, local_name
from connectors.transport.xml_values import STRING, Untypable, value

Declared = Mapping[str, "int | Declared"]
"""Local name -> index of the field, or the declared names below that element."""


def array_of(envelope: etree._Element, path: str, beside: frozenset[str]) -> tuple[Any, frozenset[str]]:
    """The element that holds the rows, and the names beside the way to it that are not known.

    Parameters:
        path: local names from below the Body to the row, `A/B/C`; `A|B` is either.
        beside: local names known beside the way.

    Returns:
        The element, or None when it is absent (a null array in .NET).

    Raises:
        ContractBroken: something else stands where the rows should be.
    """
    *steps, _ = path.split("/")
    element = child(envelope, "Body")
    unknown: set[str] = set()
    for step in steps:
        # Every step but the last, which is the array, is there in an answer that carries a result.
        if element is None:
            raise ContractBroken(f"the answer lacks what should hold {step}, on the way to {path}")
        names = [local_name(found) for found in element]
        unknown |= {*names} - {*step.split("|")} - beside
        if sum(name in step.split("|") for name in names) > 1:
            raise ContractBroken(f"the answer holds {step} more than once, on the way to {path}")
        element = child(element, step)
    if element is None and unknown:
        raise ContractBroken(f"the answer holds {', '.join(sorted(unknown))} instead of {path}")
    return element, frozenset(unknown)


def read_rows(
    array: etree._Element | None, row: str, fields: tuple[Field, ...], verbatim: frozenset[str] = frozenset()
) -> Page:
    """Every row in `array`: typed, or quarantined with its reason.

    Parameters:
        array: the element that holds the rows; None for none.
        row: local name of a row.
        verbatim: text columns that keep elements within theirs, as JSON.

    Raises:
        ContractBroken: there are rows and none can be typed, as after a renamed field; or an element
            that holds fields seems to have another name.
    """
    if array is None or not len(array):
        return empty_page(fields)
    declared = _declared(fields)
    gone = {name for name, below in declared.items() if not isinstance(below, int)}
    columns: list[list[object]] = [[] for _ in fields]
    extras: list[str | None] = []
    quarantined: list[Quarantined] = []
    unknown: set[str] = set()
    new: set[str] = set()
    for element in array:
        found = _Row(fields, verbatim)
        try:
            found.fill(element, row, declared)
        except Untypable as reason:
            payload = etree.tostring(element, encoding="unicode", with_tail=False)
            quarantined.append(Quarantined(str(reason), payload))
            continue
        for column, cell in zip(columns, found.values, strict=True):
            column.append(cell)
        gone -= found.present
        new |= {name for name, value in found.extra.items() if isinstance(value, dict)}
        unknown |= found.extra.keys()
        extras.append(_json(found.extra) if found.extra else None)
    if gone and new:
        # An element that holds others may be absent from every row, but not when a new one has come.
        raise ContractBroken(
            f"{', '.join(sorted(gone))} is missing from every row <{row}>; was it renamed to one of: "
            f"{', '.join(sorted(new))}?"
        )
    if quarantined and not extras:
        counted = Counter(one.reason for one in quarantined)
        common, times = counted.most_common(1)[0]
        raise ContractBroken(f"none of {len(quarantined)} rows <{row}> can be typed; {times} times: {common}")
    schema = rows_schema(fields)
    arrays = [pa.array(cells, kind) for cells, kind in zip([*columns, extras], schema.types, strict=True)]
    rows = pa.RecordBatch.from_arrays(arrays, schema=schema)
    return Page(rows, tuple(quarantined), frozenset(unknown))


def _declared(fields: tuple[Field, ...]) -> Declared:
    tree: dict[str, Any] = {}
    for index, field in enumerate(fields):
        *containers, leaf = field.source.split("/")
        node = tree
        for name in containers:
            node = node.setdefault(name, {})
        node[leaf] = index
    return tree


class _Row:
    """One row while it is read: the cells found, the names of elements there, and what nobody declared."""

    def __init__(self, fields: tuple[Field, ...], verbatim: frozenset[str]) -> None:
        self._fields = fields
        self._verbatim = verbatim
        self._present: set[int] = set()
        self.present: set[str] = set()
        self.values: list[object] = [None] * len(fields)
        self.extra: dict[str, object] = {}

    def fill(self, element: etree._Element, row: str, declared: Declared) -> None:
        """Read the row.

        Raises:
            Untypable: it does not fit the fields.
        """
        if local_name(element) != row:
            raise Untypable(f"a <{local_name(element)}> stands among the rows")
        if _is_nil(element):
            raise Untypable("the row is nil")
        self._read(element, declared, "")
        for index, field in enumerate(self._fields):
            if index not in self._present and field.presence is not Presence.OPTIONAL:
                raise Untypable(f"{field.source} is absent")
            if self.values[index] is None and field.presence is Presence.REQUIRED:
                raise Untypable(f"{field.source} has no value")

    def _read(self, element: etree._Element, declared: Declared, above: str) -> None:
        seen: set[str] = set()
        for found in element:
            name = local_name(found)
            here = declared.get(name)
            if here is None:
                _add(self.extra, above + name, _plain(found))
                continue
            if name in seen:
                raise Untypable(f"{above}{name} appears more than once")
            seen.add(name)
            self.present.add(above + name)
            if isinstance(here, int):
                self._present.add(here)
                field = self._fields[here]
                self.values[here] = _cell(found, field, field.column in self._verbatim)
            elif not _is_nil(found):
                self._read(found, here, f"{above}{name}/")


def _cell(element: etree._Element, field: Field, verbatim: bool) -> object:
    if _is_nil(element):
        return None
    if len(element):
        if verbatim:
            return _json(_plain(element))
        raise Untypable(f"{field.source} holds elements, not a value")
    if field.type == STRING:
        return element.text or ""
    try:
        return value(element.text or "", field.type)
    except Untypable as reason:
        raise Untypable(f"{field.source}: {reason}") from None


def _plain(element: etree._Element) -> object:
    if _is_nil(element):
        return None
    if not len(element):
        return element.text or ""
    content: dict[str, object] = {}
    for found in element:
        _add(content, local_name(found), _plain(found))
    return content


def _add(content: dict[str, object], name: str, found: object) -> None:
    """Put one more element into a JSON object; repeated names become a list."""
    if name not in content:
        content[name] = found
    elif isinstance(before := content[name], list):
        before.append(found)
    else:
        content[name] = [before, found]


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _is_nil(element: etree._Element) -> bool:
    return element.get(NIL) in ("true", "1")
