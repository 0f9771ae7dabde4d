"""Which requests make up a pull: one list, or one for each customer, job ... that a placeholder names."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence

import msgspec

from connectors import clock
from connectors.errors import ContractBroken, IncompletePull
from connectors.revirt365.answer import text_at
from connectors.revirt365.client import Revirt365Client
from connectors.revirt365.contract import CUSTOMER, Listing, NotOffered, Rows, of_the_day
from connectors.revirt365.paging import Look, whole_list
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.concurrency import gathered, ordered_map

NOT_OFFERED = "contract file"
"""The operation of the one exchange of a stream that the contract file says is not offered."""


def fetch(stream: str, client: Revirt365Client, day: UsageDay) -> Iterator[Exchange]:
    """Every answer of one stream for one day.

    Raises:
        IncompletePull: a list does not add up, or there is nothing where there should be something.
    """
    rows = getattr(client.contract.streams, stream)
    if isinstance(rows, NotOffered):
        yield _not_offered(stream)
        return
    known = of_the_day(day)
    each = yield from _each(client, rows, known)
    reading = json.dumps(_reading(rows, each), separators=(",", ":"))
    stated_none = True
    received = 0
    for exchanges, look in _lists(client, rows, known, each, role=Role.ROWS, context={"contract": reading}):
        yield from exchanges
        received += look.received
        stated_none = stated_none and look.totals == {0}
    if not received and not stated_none and not rows.may_be_empty:
        raise IncompletePull(
            f"{rows.path} shows no rows and states no total: that is unknown, not zero. Where it can be, "
            f"write may_be_empty = true under streams.{stream} in the contract file"
        )


def _each(
    client: Revirt365Client, listing: Listing, known: Mapping[str, str]
) -> Generator[Exchange, None, list[dict[str, str]]]:
    """What the placeholders of a list stand for: one mapping a request, with those that it needs in turn."""
    found: list[dict[str, str]] = [{}]
    for name in listing.each:
        if not found or name in found[0]:
            continue
        values = client.contract.values(name)
        above = yield from _each(client, values, known)
        below: list[dict[str, str]] = []
        for (exchanges, look), outer in zip(
            _lists(client, values, known, above, role=Role.CONTROL, context={}), above, strict=True
        ):
            yield from exchanges
            below += [{**outer, name: value} for value in _values(values.path, values.value, look)]
        if not below and not values.may_be_empty:
            place = "streams.customers" if name == CUSTOMER else f"lists.{name}"
            raise IncompletePull(
                f"{values.path} shows nobody to ask about: that is unknown, not zero. Where it can be, "
                f"write may_be_empty = true under {place} in the contract file"
            )
        found = [{**one, **other} for one in found for other in below if _agree(one, other)]
    return found


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(other.get(name, value) == value for name, value in one.items())


def _values(path: str, value: str, look: Look) -> list[str]:
    """The values of one member of the rows, sorted, so that two pulls ask in the same order."""
    pointer = value if value.startswith("/") else "/" + value.replace("~", "~0").replace("/", "~1")
    try:
        values = [text_at(row, pointer) for row in look.rows]
    except (ValueError, RecursionError) as error:
        raise ContractBroken(f"{path}: {value} is not what can stand in a request: {error}") from None
    if not all(values):
        raise ContractBroken(f"{path}: a row has no {value}, which others are asked by")
    return sorted(set(values))


def _lists(
    client: Revirt365Client,
    listing: Listing,
    known: Mapping[str, str],
    each: Sequence[Mapping[str, str]],
    *,
    role: Role,
    context: Mapping[str, str],
) -> Iterator[tuple[list[Exchange], Look]]:
    """The list for each of `each`, `max_in_flight` at once, in order."""

    def ask(one: Mapping[str, str]) -> tuple[list[Exchange], Look]:
        return gathered(whole_list(client, listing, {**known, **one}, {**context, **one}, role))

    return ordered_map(ask, each, client.connection.max_in_flight)


def _reading(rows: Rows, each: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """What the parser must know; it travels with every answer, so that a replay needs no contract file."""
    return {
        "rows_at": rows.rows_at,
        "fields": {
            name: column.model_dump(exclude_none=True) for name, column in sorted(rows.fields.items())
        },
        # The vendor's total speaks of the whole pull only where the pull is one list.
        "total_at": rows.total_at if not rows.each else None,
        "given": sorted(each[0]) if each else [],
        "other_fields": sorted(rows.other_fields),
    }


def _not_offered(stream: str) -> Exchange:
    body = msgspec.json.encode({"stream": stream, "offered": False})
    return Exchange(
        operation=NOT_OFFERED,
        request=f"the contract file says that {stream} is not offered; nothing was asked",
        status=0,
        content_type="application/json",
        body=body,
        received_at=clock.now(),
        role=Role.CONTROL,
    )
