"""Reads a contract file, and says in one line each what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.errors import NotConfigured
from connectors.revirt365.contract import CUSTOMER, OF_THE_DAY, Contract, Listing, NotOffered
from connectors.revirt365.fields import COLUMNS
from connectors.stream import Presence

FILL_IN = "FILL IN"
"""Marks in a draft what a person must say."""


def read_contract(path: Path) -> Contract:
    """The contract in a file.

    Raises:
        NotConfigured: it is not there, cannot be read or is not finished; one line for each mistake.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NotConfigured(
            f"ReVirt365: contract needed: {path} is not there. The vendor publishes no list of endpoints; "
            "make the file from your Postman collection: backup-billing revirt365 import-collection FILE"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotConfigured(f"{path.name} is not a contract: {error}") from None
    mistakes = [f"{where} is marked {FILL_IN}: say what it is" for where in _unfilled(document, "")]
    if not mistakes:
        try:
            contract = Contract.model_validate(document)
        except ValidationError as error:
            mistakes = list(dict.fromkeys(map(_said, error.errors())))
        else:
            mistakes = list(_contradictions(contract))
    if mistakes:
        raise NotConfigured("\n".join(f"{path.name}: {mistake}" for mistake in mistakes))
    return contract


def _unfilled(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unfilled(inner, f"{where}.{name}" if where else name)
    elif isinstance(value, str) and FILL_IN in value:
        yield where


def _said(error: Any) -> str:
    # The tag of a stream stands in the place, and says nothing to people.
    place = ".".join(str(part) for part in error["loc"] if part not in ("rows", "none"))
    return f"{place or 'it'} {_PLAIN.get(error['type'], error['msg'].removeprefix('Value error, '))}"


_PLAIN = {"missing": "is missing", "extra_forbidden": "is not part of a contract"}


def _contradictions(contract: Contract) -> Iterator[str]:
    """What only the file as a whole can get wrong."""
    for name in contract.lists:
        if name in OF_THE_DAY or name == CUSTOMER or not name.isidentifier():
            yield f"lists.{name} cannot be a name of a list"
    for place, part in _listings(contract):
        for name in part.each:
            if name != CUSTOMER and name not in contract.lists:
                yield f"{place}: write a value in place of {{{name}}}, or describe lists.{name}"
            elif name in _needs(contract, name, ()):
                yield f"{place}: {{{name}}} can only be asked for with itself"
    for stream, columns in COLUMNS.items():
        part = getattr(contract.streams, stream)
        if isinstance(part, NotOffered):
            continue
        place = f"streams.{stream}.fields"
        ours = {f.column for f in columns}
        yield from (f"{place}.{name} is none of our columns" for name in sorted(part.fields.keys() - ours))
        sources = [column.source for column in part.fields.values()]
        yield from (
            f"{place}: two columns come from {source}"
            for source in sorted(set(sources))
            if sources.count(source) > 1
        )
        given = {name for each in part.each for name in (each, *_needs(contract, each, ()))}
        must = {f.column for f in columns if f.presence is Presence.REQUIRED}
        yield from (f"{place}.{name} is missing" for name in sorted(must - part.fields.keys() - given))


def _listings(contract: Contract) -> Iterator[tuple[str, Listing]]:
    for stream in COLUMNS:
        part = getattr(contract.streams, stream)
        if isinstance(part, Listing):
            yield f"streams.{stream}", part
    for name, values in contract.lists.items():
        yield f"lists.{name}", values


def _needs(contract: Contract, name: str, seen: tuple[str, ...]) -> set[str]:
    """The placeholders that a request for the values of `name` needs, near and far."""
    if name in seen or (name != CUSTOMER and name not in contract.lists):
        return set()
    if name == CUSTOMER and CUSTOMER not in contract.streams.customers.fields:
        return set()
    direct = contract.values(name).each
    return {*direct, *(far for near in direct for far in _needs(contract, near, (*seen, name)))}
