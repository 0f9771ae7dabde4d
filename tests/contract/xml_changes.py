"""SOAP answers as a vendor could send them by mistake; as json_changes.py, over lxml's elements.

A change is given the root element and makes its own of it in place; False where there is nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from lxml import etree

Element = Any
Change = Callable[[Random, Element], bool]
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def decode(text: bytes) -> Element:
    return etree.fromstring(text)


def encode(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


_OPAQUE = "Messages"
"""Landed as the text it is: whatever changes in it is what the vendor says."""


def _below(root: Element) -> list[Element]:
    """Every element but the envelope and its body."""
    return [
        each
        for each in root.iter("*")
        if each is not root
        and each.getparent() is not root
        and _name(each) != _OPAQUE
        and all(_name(above) != _OPAQUE for above in each.iterancestors())
    ]


def _leaves(root: Element) -> list[Element]:
    return [each for each in _below(root) if not len(each) and each.text]


def _arrays(root: Element, least: int = 1) -> list[Element]:
    """Elements that hold nothing but elements of one name, which hold others."""
    return [
        each
        for each in _below(root)
        if len(each) >= least and len({row.tag for row in each}) == 1 and any(len(row) for row in each)
    ]


def _choice(chance: Random, found: list[Element]) -> Element | None:
    return chance.choice(found) if found else None


def _renamed(element: Element, name: str) -> None:
    namespace = etree.QName(element).namespace
    element.tag = f"{{{namespace}}}{name}" if namespace else name


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _a_name(chance: Random, root: Element) -> str:
    return chance.choice(sorted({_name(each) for each in _below(root)}))


def _named(root: Element, name: str) -> list[Element]:
    return [each for each in _below(root) if _name(each) == name]


def reorder_members(chance: Random, root: Element) -> bool:
    for each in _below(root):
        members = list(each)
        chance.shuffle(members)
        each[:] = members
    return True


def reorder_rows(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root, least=2))
    if array is None:
        return False
    rows = list(array)
    chance.shuffle(rows)
    array[:] = rows
    return True


def _respelled(name: str, chance: Random) -> str:
    return chance.choice([f"{name}New", f"_{name}", f"{name}s", f"x{name[1:]}"])


def _recased(name: str, chance: Random) -> str:
    return chance.choice([name.upper(), name.lower(), name.swapcase(), name[:1].lower() + name[1:]])


def rename_in_one(chance: Random, root: Element) -> bool:
    each = chance.choice(_below(root))
    _renamed(each, _respelled(_name(each), chance))
    return True


def rename(chance: Random, root: Element) -> bool:
    name = _a_name(chance, root)
    new = _respelled(name, chance)
    for each in _named(root, name):
        _renamed(each, new)
    return True


def recase(chance: Random, root: Element) -> bool:
    name = _a_name(chance, root)
    new = _recased(name, chance)
    for each in _named(root, name):
        _renamed(each, new)
    return new != name


def leave_out_in_one(chance: Random, root: Element) -> bool:
    each = chance.choice(_below(root))
    each.getparent().remove(each)
    return True


def leave_out(chance: Random, root: Element) -> bool:
    for each in _named(root, _a_name(chance, root)):
        each.getparent().remove(each)
    return True


def repeat_member(chance: Random, root: Element) -> bool:
    """The same name twice in one element, with two values."""
    each = _choice(chance, _leaves(root))
    if each is None:
        return False
    again = deepcopy(each)
    again.text = chance.choice(["7" if each.text != "7" else "8", "other", ""])
    each.getparent().insert(chance.randrange(len(each.getparent()) + 1), again)
    return True


def _unknown(chance: Random, parent: Element) -> None:
    namespace = etree.QName(parent).namespace
    new = etree.Element(f"{{{namespace}}}SomethingNew" if namespace else "SomethingNew")
    match chance.randrange(4):
        case 0:
            new.text = "5"
        case 1:
            new.set(NIL, "true")
        case 2:
            etree.SubElement(new, new.tag).text = "1"
    parent.insert(chance.randrange(len(parent) + 1), new)


def unknown_member(chance: Random, root: Element) -> bool:
    _unknown(chance, chance.choice([each for each in _below(root) if len(each)] or [root[0]]))
    return True


def unknown_members(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    for row in [] if array is None else array:
        _unknown(chance, row)
    return array is not None


def _retyped(element: Element, chance: Random) -> None:
    text = element.text
    match chance.randrange(5):
        case 0:
            etree.SubElement(element, "value").text = text
            element.text = None
        case 1:
            element.text = f"{text} B" if text.isdigit() else text
            etree.SubElement(element, "unit").text = "B"
        case 2 if text.isdigit():
            element.text = chance.choice(["a lot", f"{text}.5x", f"0x{text}", f"{text},000", "NaN"])
        case 3 if text in ("true", "false"):
            element.text = chance.choice(["yes", "2", "wahr"])
        case _:
            etree.SubElement(element, "value").text = text
            etree.SubElement(element, "value").text = text
            element.text = None


def retype_one(chance: Random, root: Element) -> bool:
    each = _choice(chance, _leaves(root))
    if each is not None:
        _retyped(each, chance)
    return each is not None


def retype(chance: Random, root: Element) -> bool:
    leaf, way = _choice(chance, _leaves(root)), chance.random()
    if leaf is None:
        return False
    for each in _named(root, _name(leaf)):
        if each.text and not len(each):
            _retyped(each, Random(way))
    return True


def _nil(element: Element, chance: Random) -> None:
    figure = (element.text or "").isdigit()
    for inner in list(element):
        element.remove(inner)
    element.text = None
    if not figure or chance.random() < 0.7:  # an empty text is a text
        element.set(NIL, chance.choice(["true", "1"]))


def null_one(chance: Random, root: Element) -> bool:
    each = _choice(chance, _leaves(root))
    if each is not None:
        _nil(each, chance)
    return each is not None


def null(chance: Random, root: Element) -> bool:
    name, way = _a_name(chance, root), chance.random()
    for each in _named(root, name):
        _nil(each, Random(way))
    return True


def respell_number(chance: Random, root: Element) -> bool:
    """The same figure with a point, an exponent, a sign or blanks around it."""
    each = _choice(chance, [each for each in _leaves(root) if each.text.isdigit()])
    if each is None:
        return False
    digits = each.text
    each.text = chance.choice(
        [f" {digits}", f"{digits}\n", f"+{digits}", f"0{digits}", f"{digits}.0", f"{digits}e0"]
    )
    return True


def duplicate_row(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    if array is None:
        return False
    array.insert(chance.choice([0, len(array)]), deepcopy(chance.choice(list(array))))
    return True


def duplicate_row_with_another_figure(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    if array is None:
        return False
    again = deepcopy(chance.choice(list(array)))
    figures = [
        each
        for each in again.iter("*")
        if each.text and each.text.isdigit() and not _name(each).lower().endswith("id")
    ]
    if not figures:
        return False
    figure = chance.choice(figures)
    figure.text = str(int(figure.text) + 1)
    array.insert(chance.choice([0, len(array)]), again)
    return True


def drop_row(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    if array is not None:
        array.remove(chance.choice(list(array)))
    return array is not None


def empty_list(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    if array is not None:
        array[:] = []
    return array is not None


def no_list(chance: Random, root: Element) -> bool:
    """Something else in place of a list."""
    array = _choice(chance, _arrays(root))
    if array is None:
        return False
    match chance.randrange(3):
        case 0:
            array[:] = []
            array.set(NIL, "true")
        case 1:
            array[:] = []
            array.text = chance.choice(["0", "none", "[]"])
        case 2:
            (array.getparent()).remove(array)
    return True


def row_is_none(chance: Random, root: Element) -> bool:
    array = _choice(chance, _arrays(root))
    if array is None:
        return False
    row = chance.choice(list(array))
    row[:] = []
    if chance.random() < 0.5:
        row.set(NIL, "true")
    return True


def wrap(chance: Random, root: Element) -> bool:
    """Another element around one, or only what is in it."""
    each = chance.choice([each for each in _below(root) if len(each)] or [root[0]])
    parent = each.getparent()
    place = parent.index(each)
    if chance.random() < 0.5:
        wrapped = etree.Element(each.tag)
        wrapped.append(each)
        parent.insert(place, wrapped)
    else:
        parent[place : place + 1] = list(each)
    return True


_CLAIMS = frozenset(
    {"AccountsTotal", "TotalRecords", "NumberOfPages", "TotalCount", "PageNumber", "Result", "PageIndex"}
)


def wrong_total(chance: Random, root: Element) -> bool:
    claims = [each for each in _leaves(root) if _name(each) in _CLAIMS and each.text.isdigit()]
    claim = _choice(chance, claims)
    if claim is None:
        return False
    said = int(claim.text)
    # One less may be what the pages until then hold: that cannot be told from the truth.
    number = chance.choice([said + 1, 1, 0, -1, said * 2, 10**20])
    claim.text = str(number)
    return number != said


def comments(chance: Random, root: Element) -> bool:
    """Comments and processing instructions, within values too: no figure changes by them."""
    for each in chance.sample(_below(root), min(3, len(_below(root)))):
        each.insert(
            0, etree.Comment(" 1 ") if chance.random() < 0.5 else etree.ProcessingInstruction("x", "1")
        )
    return True


def attributes(chance: Random, root: Element) -> bool:
    each = chance.choice(_below(root))
    each.set(*chance.choice([("unit", "MB"), ("id", "1"), (NIL, "false"), ("{urn:x}y", "1")]))
    return True


def huge(chance: Random, root: Element, figures: frozenset[str]) -> bool:
    """A whole number that no column holds."""
    each = _choice(chance, [each for each in _leaves(root) if _name(each) in figures and each.text.isdigit()])
    if each is not None:
        each.text = str(chance.choice([10**30, 2**64, -(10**25)]))
    return each is not None


CHANGES: dict[str, Change] = {
    change.__name__.replace("_", " "): change
    for change in (
        reorder_members,
        reorder_rows,
        rename_in_one,
        rename,
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
        no_list,
        row_is_none,
        wrap,
        wrong_total,
        comments,
        attributes,
    )
}
