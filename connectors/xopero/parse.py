"""WebAPI 2.0's answers to rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import Raw

from connectors.errors import ContractBroken
from connectors.parser import empty_page
from connectors.parser import parser as parser_of_rows
from connectors.stream import Exchange, Field, Page, Quarantined
from connectors.transport.json_exact import exactly
from connectors.transport.json_rows import JsonRows
from connectors.xopero import fields
from connectors.xopero.envelope import accepted
from connectors.xopero.rows import Rows, Shape

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")


def whole_or_text(value: Any, kind_of_column: pa.DataType) -> Any:
    """As `exactly`, and a whole number may come as a text of its digits and nothing else."""
    if kind_of_column == pa.int64() and isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    return exactly(value, kind_of_column)


def number_or_text(value: Any, kind_of_column: pa.DataType) -> Any:
    """As `whole_or_text`, and a text may come as a number, whose spelling it then is."""
    if kind_of_column == pa.string() and type(value) in (int, Decimal):
        return str(value)
    return whole_or_text(value, kind_of_column)


def _told(columns: Iterable[Field]) -> dict[str, Field]:
    return {f.source: f for f in columns if f.source}


_BESIDE = frozenset({"success", "error"})
CUSTOMER_ROWS = JsonRows(
    fields.CUSTOMERS, "data", beside=_BESIDE, verbatim=frozenset({"children"}), value=whole_or_text
)
CUSTOMER_FACTS = JsonRows(
    tuple(f for f in fields.CUSTOMERS if f.column in fields.FACTS),
    "data",
    beside=_BESIDE,
    value=whole_or_text,
)
PARTNER_ROWS = JsonRows(fields.PARTNERS, "data", beside=_BESIDE, value=whole_or_text)
_USAGE = Shape(fields.CUSTOMER_USAGE, whole_or_text)
_SUBSCRIPTIONS = Shape(fields.SUBSCRIPTIONS, whole_or_text)
_PRODUCTS = Shape(fields.AVAILABLE_PRODUCTS, number_or_text)
_SUBSCRIPTION = _told(fields.SUBSCRIPTIONS)
_SUMS = _told([*fields.USED, Field("accounts", "account", fields.TEXT)])
_ACCOUNT = _told(fields.ACCOUNT)
_CLASS = _told([*fields.PRODUCT_CLASS, Field("items", "items", fields.TEXT)])
_ITEM = _told([*fields.PRODUCT, Field("variants", "variants", fields.TEXT)])
_VARIANT = _told(fields.VARIANT)


def parser(columns: tuple[Field, ...], read: Callable[[Exchange], Page]) -> Callable[[Exchange], Page]:
    """The `parse` of a stream with these columns, by `read`.

    A customer who could not be read is one quarantined row: its figures are missing, not zero.
    """
    nothing = empty_page(columns)

    def readable(exchange: Exchange) -> Page:
        if exchange.reason:
            reason = f"customer {exchange.context['customer_id']}: {exchange.reason}"
            row = Quarantined(reason, exchange.body.decode(errors="replace"))
            return replace(nothing, quarantined=(row,))
        return read(exchange)

    return parser_of_rows(columns, readable)


def read_usage(exchange: Exchange) -> Page:
    """What one customer and each of its accounts use, as rows; see `usage`."""
    return usage(exchange).page()


def usage(exchange: Exchange) -> Rows:
    """What one customer and each of its accounts use: the vendor's own sums, then an account a row.

    Raises:
        ContractBroken: a figure is missing or no whole number, an account is told twice, or the
            accounts do not add up to the sums.
    """
    rows = Rows(exchange, _USAGE)
    with rows.typing():
        sums = rows.typed(accepted(exchange), _SUMS, {"accounts"})
        # An account told twice to the letter is one account.
        accounts = [rows.typed(text, _ACCOUNT) for text in dict.fromkeys(_items(sums.pop("accounts")))]
    if len({account["account_id"] for account in accounts}) != len(accounts):
        raise ContractBroken(f"{exchange.operation} told an account twice, with different figures")
    for column, what in (("used_bytes", "use"), ("assigned_bytes", "are assigned")):
        total = sum(account[column] for account in accounts)
        if total != sums[column]:
            raise ContractBroken(
                f"{exchange.operation}: its {len(accounts)} accounts {what} {total} bytes together, and the "
                f"customer {sums[column]}"
            )
    customer_id = int(exchange.context["customer_id"])
    rows.add(sums, scope="customer", account_id=customer_id, account_name=None, read_at=exchange.received_at)
    for account in accounts:
        rows.add(account, scope="account", capacity_bytes=None, read_at=exchange.received_at)
    return rows


def read_subscription(exchange: Exchange) -> Page:
    """The subscription of one customer as a row; see `subscription`."""
    return subscription(exchange).page()


def subscription(exchange: Exchange) -> Rows:
    """The subscription of one customer, one row.

    Raises:
        ContractBroken: it cannot be typed, or is another one than was asked for.
    """
    rows = Rows(exchange, _SUBSCRIPTIONS)
    with rows.typing():
        row = rows.typed(accepted(exchange), _SUBSCRIPTION, {"subscriptions"})
    for column in ("valid_from", "valid_to"):
        if row[column] is not None and not _is_instant(row[column]):
            raise ContractBroken(
                f"{exchange.operation}: {column} is {row[column]!r}, not an instant with offset"
            )
    if row["number"] != exchange.context["number"]:
        raise ContractBroken(
            f"{exchange.operation} answered about {row['number']}, asked about {exchange.context['number']}"
        )
    rows.add(row)
    return rows


def read_products(exchange: Exchange) -> Page:
    """What one customer can change to, as rows; see `products`."""
    return products(exchange).page()


def products(exchange: Exchange) -> Rows:
    """What one customer can change to, a variant of a product a row.

    Raises:
        ContractBroken: a class, product or variant cannot be typed.
    """
    rows = Rows(exchange, _PRODUCTS)
    with rows.typing():
        for group in _items(accepted(exchange).decode()):
            of_class = rows.typed(group, _CLASS, {"items"})
            for item in _items(of_class.pop("items")):
                product = rows.typed(item, _ITEM, {"variants"})
                for variant in _items(product.pop("variants")):
                    rows.add(of_class, product, rows.typed(variant, _VARIANT))
    return rows


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None and text[4] == "-"
    except ValueError:
        return False


def _items(array: str) -> list[bytes]:
    return [bytes(text) for text in msgspec.json.decode(array, type=list[Raw])]
