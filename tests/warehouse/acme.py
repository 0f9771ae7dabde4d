"""A vendor made of Python: readings in JSON pages, handed over without a wire."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors import clock
from connectors.completeness import equals_total
from connectors.errors import ContractBroken
from connectors.stream import (
    AsOf,
    Exchange,
    Field,
    Page,
    Presence,
    Quarantined,
    Role,
    Stream,
    UsageDay,
    rows_schema,
)

DAY = UsageDay(date(2026, 11, 1), ZoneInfo("Europe/Berlin"))
IN_WINDOW = "2026-11-02T03:00:00+01:00"
SECRET = "tr0ub4dor&3"

FIELDS = (
    Field("account_id", "accountId", pa.string(), Presence.NULLABLE),
    Field("used_bytes", "usedBytes", pa.int64(), unit="bytes"),
)


def readings(count: int, start: int = 0) -> list[dict[str, object]]:
    return [{"accountId": f"account-{n}", "usedBytes": n * 1024} for n in range(start, start + count)]


def page(
    rows: list[dict[str, object]],
    total: int | None = None,
    role: Role = Role.ROWS,
    rejected: tuple[Exchange, ...] = (),
    **context: str,
) -> Exchange:
    body = json.dumps({"rows": rows, "total": total}).encode()
    return Exchange(
        "ListReadings", "GET https://acme.test/readings", 200, "application/json", body, clock.now(),
        context=context, role=role, rejected=rejected,
    )  # fmt: skip


def rejected(reason: str = "ListReadings answered HTTP 503") -> Exchange:
    return Exchange(
        "ListReadings", "GET https://acme.test/readings", 503, "text/plain", b"try later", clock.now(),
        role=Role.REJECTED, reason=reason,
    )  # fmt: skip


def pages(count: int, rows: int) -> list[Exchange]:
    """`count` pages of `rows` readings each, with the total."""
    return [page(readings(rows, n * rows), count * rows) for n in range(count)]


def answers(*exchanges: Exchange | BaseException) -> Callable[[], Iterator[Exchange]]:
    """A fetch that gives these, or raises them."""

    def fetch() -> Iterator[Exchange]:
        for exchange in exchanges:
            sys.audit("acme.answer")
            if isinstance(exchange, BaseException):
                raise exchange
            yield exchange

    return fetch


def parse(exchange: Exchange) -> Page:
    try:
        answer = json.loads(exchange.body)
    except ValueError:
        raise ContractBroken("ListReadings answered something that is not JSON") from None
    typed, quarantined, unknown = [], [], set()
    for row in answer["rows"]:
        if isinstance(row["usedBytes"], int):
            extra = {name: value for name, value in row.items() if name not in ("accountId", "usedBytes")}
            unknown |= extra.keys()
            typed.append((row["accountId"], row["usedBytes"], json.dumps(extra) if extra else None))
        else:
            quarantined.append(Quarantined("usedBytes is text, not a whole number", json.dumps(row)))
    columns = list(zip(*typed, strict=True)) or [(), (), ()]
    schema = rows_schema(FIELDS)
    batch = pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
    return Page(batch, tuple(quarantined), frozenset(unknown), answer["total"])


def stream(**changes: object) -> Stream:
    declared = {
        "vendor": "acme",
        "name": "readings",
        "description": "What each account uses.",
        "as_of": AsOf.SNAPSHOT,
        "key": ("account_id",),
        "paging": "numbered pages",
        "control_total": "total",
        "fields": FIELDS,
        "fetch": lambda client, day: iter(()),
        "parse": parse,
        "prove": equals_total,
    }
    return Stream(**{**declared, **changes})
