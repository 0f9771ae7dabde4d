"""The streams of what arrives as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.completeness import unique_keys
from connectors.files.fetch import FileToImport
from connectors.files.fields import INVOICES, USAGE
from connectors.files.parse import parse_invoices, parse_usage
from connectors.stream import AsOf, Exchange, Field, Page, Stream, UsageDay

_WHOSE = ("for_vendor", "for_connection")


def _stream(
    name: str,
    description: str,
    columns: tuple[Field, ...],
    parse: Callable[[Exchange], Page],
    *key: str,
) -> Stream:
    return Stream(
        vendor="files",
        name=name,
        description=description,
        as_of=AsOf.DATED,
        key=(*_WHOSE, *key),
        paging="one file",
        control_total="the rows add up to the file's own total line, or to the number or sum that was given",
        fields=columns,
        fetch=_fetch,
        parse=parse,
        prove=unique_keys,
    )


def _fetch(file: FileToImport, day: UsageDay) -> Iterator[Exchange]:
    return file.exchange(day.date)


STREAMS = (
    _stream(
        "usage",
        "Readings that arrived as a file, for any vendor.",
        USAGE,
        parse_usage,
        "account_id",
        "resource_id",
        "product",
        "meter",
    ),
    _stream(
        "invoices",
        "Invoice lines of any vendor that arrived as a file.",
        INVOICES,
        parse_invoices,
        "transaction_id",
    ),
)
