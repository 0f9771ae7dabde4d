"""Toy Backup's streams: columns, requests, proof."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from connectors.completeness import equals_total
from connectors.stream import AsOf, Exchange, Field, Presence, Stream, UsageDay
from connectors.transport.json_rows import JsonRows
from toyvendor.client import CUSTOMERS, USAGE, ToyClient

CUSTOMER_FIELDS = (
    Field("customer_id", "id", pa.string()),
    Field("name", "name", pa.string(), Presence.NULLABLE),
    Field("is_active", "active", pa.bool_()),
)
USAGE_FIELDS = (
    Field("customer_id", "customer", pa.string()),
    Field("used_bytes", "bytes", pa.int64(), unit="bytes"),
)


def _stream(name: str, description: str, fields: tuple[Field, ...], operation: str, *, dated: bool) -> Stream:
    def fetch(client: ToyClient, day: UsageDay) -> Iterator[Exchange]:
        return client.pages(operation, **({"date": str(day.date)} if dated else {}))

    return Stream(
        vendor="toy",
        name=name,
        description=description,
        as_of=AsOf.DATED if dated else AsOf.SNAPSHOT,
        key=("customer_id",),
        paging="pages from 1, until as many rows as the total have come",
        control_total="the total, the same on every page",
        fields=fields,
        fetch=fetch,
        parse=JsonRows(fields, "rows", beside=frozenset({"total"}), total_at="total").read,
        prove=equals_total,
    )


STREAMS = (
    _stream("customers", "Who has backup.", CUSTOMER_FIELDS, CUSTOMERS, dated=False),
    _stream("usage", "What each customer used on a day.", USAGE_FIELDS, USAGE, dated=True),
)
