"""JSON answers as a vendor could send them by mistake. Each change leaves every figure what it is, or none.

A change takes a source of chance and the decoded answer and makes another one of it, in place; False
where there is nothing to change. Objects are lists of pairs, so that names may come twice and out of order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

_NUMERIC = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


class Object(list[list[Any]]):
    """A JSON object: `[name, value]` pairs."""


class Number(str):
    """A JSON number by its own digits."""

    __slots__ = ()


def decode(text: bytes) -> Any:
    return json.loads(
        text,
        object_pairs_hook=lambda pairs: Object(map(list, pairs)),
        parse_int=Number,
        parse_float=Number,
    )


def encode(value: Any) -> str:
    match value:
        case Object():
            return "{" + ",".join(f"{json.dumps(name)}:{encode(inner)}" for name, inner in value) + "}"
        case list():
            return "[" + ",".join(map(encode, value)) + "]"
        case Number():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def objects(value: Any, opaque: frozenset[str]) -> Iterator[Object]:
    """Every object of an answer, the outer ones first, but for those in `opaque` members."""
    if isinstance(value, Object):
        yield value
        for name, inner in value:
            if name not in opaque:
                yield from objects(inner, opaque)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, opaque)


def lists(value: Any, opaque: frozenset[str]) -> Iterator[list[Any]]:
    """Every list that is not an object."""
    if isinstance(value, list):
        if not isinstance(value, Object):
            yield value
            inner = value
        else:
            inner = [member for name, member in value if name not in opaque]
        for each in inner:
            yield from lists(each, opaque)


Answer = list[Any]
"""The decoded answer, as the one item of a list, so that all of it can be replaced."""
Opaque = frozenset[str]
"""Members that are landed as text: whatever changes in them is what the vendor says."""
Change = Callable[[Random, Answer, Opaque], bool]


def _a_member(chance: Random, answer: Answer, opaque: Opaque) -> list[Any] | None:
    members = [pair for each in objects(answer[0], opaque) for pair in each if pair[0] not in opaque]
    return chance.choice(members) if members else None


def _a_name(chance: Random, answer: Answer, opaque: Opaque) -> str:
    names = sorted({pair[0] for each in objects(answer[0], opaque) for pair in each})
    return chance.choice(names) if names else ""


def _an_object(chance: Random, answer: Answer, opaque: Opaque) -> Object | None:
    found = list(objects(answer[0], opaque))
    return chance.choice(found) if found else None


def _a_list(chance: Random, answer: Answer, opaque: Opaque, least: int = 1) -> list[Any] | None:
    found = [each for each in lists(answer[0], opaque) if len(each) >= least]
    return chance.choice(found) if found else None


def _respelled(name: str, chance: Random) -> str:
    return chance.choice([f"{name}New", f"_{name}", f"{name}s", f"x{name[1:]}"])


def _recased(name: str, chance: Random) -> str:
    return chance.choice([name.upper(), name.lower(), name.swapcase(), name[:1].upper() + name[1:]])


def reorder_members(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    for each in objects(answer[0], opaque):
        chance.shuffle(each)
    return True


def reorder_rows(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque, least=2)
    if rows:
        chance.shuffle(rows)
    return bool(rows)


def _spell(chance: Random, answer: Answer, opaque: Opaque, spelling: Any, *, once: bool) -> bool:
    if once:
        member = _a_member(chance, answer, opaque)
        if member:
            member[0] = spelling(member[0], chance)
        return bool(member)
    name = _a_name(chance, answer, opaque)
    new = spelling(name, chance)
    for each in objects(answer[0], opaque):
        for pair in each:
            if pair[0] == name:
                pair[0] = new
    return new != name


def rename_in_one(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    return _spell(chance, answer, opaque, _respelled, once=True)


def rename(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    return _spell(chance, answer, opaque, _respelled, once=False)


def recase_in_one(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    return _spell(chance, answer, opaque, _recased, once=True)


def recase(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    return _spell(chance, answer, opaque, _recased, once=False)


def leave_out_in_one(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    each = _an_object(chance, answer, opaque)
    if not each:
        return False
    each.pop(chance.randrange(len(each)))
    return True


def leave_out(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    name = _a_name(chance, answer, opaque)
    for each in objects(answer[0], opaque):
        each[:] = [pair for pair in each if pair[0] != name]
    return bool(name)


def repeat_member(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    """The same name twice in one object, with two values."""
    each = _an_object(chance, answer, opaque)
    if not each:
        return False
    name, value = chance.choice(each)
    another = Number("7") if value != "7" else Number("8")
    each.insert(chance.randrange(len(each) + 1), [name, chance.choice([None, another, "other", Object()])])
    return True


def unknown_member(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    each = _an_object(chance, answer, opaque)
    if each is None:
        return False
    value = chance.choice([Number("5"), None, "new", Object([["a", Number("1")]]), [Object()], True])
    each.insert(chance.randrange(len(each) + 1), ["somethingNew", value])
    return True


def unknown_members(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    value = chance.choice(["5", "null", '"new"', '{"a": 1}']).encode()
    found = list(objects(answer[0], opaque))
    for each in found:
        each.insert(chance.randrange(len(each) + 1), ["somethingNew", decode(value)])
    return bool(found)


def _retyped(value: Any, chance: Random) -> Any:
    """The same value as another type of JSON, or no value of the kind."""
    others: list[Any] = [Object([["value", value]]), [value]]
    if not isinstance(value, list):
        others += [Object(), []]  # of an object or a list they would be the empty one
    if isinstance(value, Number):
        others += [str(value), f" {value}", f"{value} B", bool(value == "1"), "a lot", ""]
    elif isinstance(value, bool):
        others += [str(value).lower(), str(value), Number(int(value)), "yes", ""]
    elif isinstance(value, str):
        if _NUMERIC.fullmatch(value):
            others.append(Number(value))
        else:  # in place of true or false a word would be another answer
            others.append(Number("2") if value in ("true", "false") else True)
    return chance.choice(others)


def retype_one(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    member = _a_member(chance, answer, opaque)
    if not member or member[1] is None:
        return False
    member[1] = _retyped(member[1], chance)
    return True


def retype(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    """One member in all objects, each value in the same way."""
    name, way = _a_name(chance, answer, opaque), chance.random()
    found = False
    for each in objects(answer[0], opaque):
        for pair in each:
            if pair[0] == name and name not in opaque and pair[1] is not None:
                found, pair[1] = True, _retyped(pair[1], Random(way))
    return found


def null_one(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    member = _a_member(chance, answer, opaque)
    if not member or member[1] is None:
        return False
    member[1] = None
    return True


def null(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    name, found = _a_name(chance, answer, opaque), False
    for each in objects(answer[0], opaque):
        for pair in each:
            if pair[0] == name:
                found = found or pair[1] is not None
                pair[1] = None
    return found


def respell_number(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    """The same figure with a point, an exponent or a sign that a reader must not stumble over."""
    members = [
        pair
        for each in objects(answer[0], opaque)
        for pair in each
        if isinstance(pair[1], Number) and pair[1].isdigit() and pair[0] not in opaque
    ]
    if not members:
        return False
    member = chance.choice(members)
    digits = str(member[1])
    member[1] = Number(
        chance.choice([f"{digits}.0", f"{digits}e0", f"{digits}E+0", f"{digits}.00", f"0{digits}"])
    )
    return True


def duplicate_row(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque)
    if not rows:
        return False
    rows.insert(chance.choice([0, len(rows)]), decode(encode(chance.choice(rows)).encode()))
    return True


def duplicate_row_with_another_figure(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque)
    if not rows:
        return False
    again = decode(encode(chance.choice(rows)).encode())
    if not isinstance(again, Object):
        return False
    figures = [
        pair
        for pair in again
        if isinstance(pair[1], Number) and pair[1].isdigit() and not pair[0].lower().endswith("id")
    ]
    if not figures:
        return False
    figure = chance.choice(figures)
    figure[1] = Number(int(figure[1]) + 1)
    rows.insert(chance.choice([0, len(rows)]), again)
    return True


def drop_row(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque)
    if rows:
        rows.pop(chance.randrange(len(rows)))
    return bool(rows is not None)


def empty_list(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque)
    if rows:
        rows.clear()
    return rows is not None


def empty_object(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    each = _an_object(chance, answer, opaque)
    if each:
        each.clear()
    return each is not None


def no_list(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    """Something else in place of a list."""
    every = list(lists(answer[0], opaque))
    if not every:
        return False
    wanted = chance.choice(every)
    other = chance.choice([None, Object(), "", Number("0"), False, *wanted[:1]])
    return _replace(answer, wanted, other)


def row_is_none(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    rows = _a_list(chance, answer, opaque)
    if not rows:
        return False
    rows[chance.randrange(len(rows))] = chance.choice([None, [], Object(), "", Number("0"), [Object()]])
    return True


def wrap(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    value = answer[0]
    answer[0] = chance.choice(
        [
            Object([["data", value]]),
            Object([["result", value], ["count", Number("1")]]),
            [value],
            encode(value),
            Object([["error", "It is broken."]]),
            Object([["message", "It is broken."], ["status", "FAILED"]]),
            Object(),
            [],
            None,
            Number("0"),
            True,
            "",
        ]
    )
    return True


def _replace(value: Any, wanted: Any, other: Any) -> bool:
    for place, inner in enumerate(value):
        if inner is wanted:
            value[place] = other
            return True
        if isinstance(inner, list) and _replace(inner, wanted, other):
            return True
    return False


CLAIMS = frozenset({"totalCount", "recsindb", "recsonpage"})


def wrong_total(chance: Random, answer: Answer, opaque: Opaque) -> bool:
    claims = [pair for each in objects(answer[0], opaque) for pair in each if pair[0] in CLAIMS]
    if not claims:
        return False
    claim = chance.choice(claims)
    said = int(claim[1] or 0)
    # One less may be what the pages until then hold: that cannot be told from the truth.
    number = chance.choice([said + 1, 1, 0, -1, said * 2, 10**20])
    claim[1] = Number(number) if isinstance(claim[1], Number) or claim[1] is None else str(number)
    return number != said


def huge(chance: Random, answer: Answer, figures: frozenset[str]) -> bool:
    """A whole number that no column holds."""
    members = [
        pair
        for each in objects(answer[0], frozenset())
        for pair in each
        if pair[0] in figures and isinstance(pair[1], str) and pair[1].isdigit()
    ]
    if not members:
        return False
    member = chance.choice(members)
    member[1] = type(member[1])(chance.choice([10**30, 2**64, -(10**25)]))
    return True


CHANGES: dict[str, Change] = {
    change.__name__.replace("_", " "): change
    for change in (
        reorder_members,
        reorder_rows,
        rename_in_one,
        rename,
        recase_in_one,
        recase,
        leave_out_in_one,
        leave_out,
        repeat_member,
        unknown_member,
        unknown_members,
        retype_one,
        retype,
        null_one,
        null,
        respell_number,
        duplicate_row,
        duplicate_row_with_another_figure,
        drop_row,
        empty_list,
        empty_object,
        no_list,
        row_is_none,
        wrap,
        wrong_total,
    )
}
