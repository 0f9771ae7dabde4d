"""The columns of what arrives as files."""

from __future__ import annotations

import pyarrow as pa

from connectors.stream import Field, Presence

OPTIONAL = Presence.OPTIONAL
TEXT = pa.string()
QUANTITY, AMOUNT, PRICE = pa.decimal128(28, 9), pa.decimal128(28, 9), pa.decimal128(18, 9)

_WHOSE = (
    Field("for_vendor", "", TEXT, note="the vendor the file speaks for"),
    Field("for_connection", "", TEXT),
)
_WHERE = Field("file_row", "", pa.int64(), note="as a person sees it beside the row")

USAGE = (
    *_WHOSE,
    Field("stands_in_for", "", TEXT, OPTIONAL, note="stream whose own pull of a day counts instead"),
    Field("account_id", "", TEXT),
    Field("resource_id", "", TEXT),
    Field("resource_name", "", TEXT, OPTIONAL),
    Field("product", "", TEXT),
    Field("is_trial", "", pa.bool_(), OPTIONAL),
    Field("meter", "", TEXT),
    Field("quantity", "", QUANTITY, note="in unit"),
    Field("unit", "", TEXT),
    _WHERE,
)

INVOICES = (
    *_WHOSE,
    Field("transaction_id", "", TEXT),
    Field("invoice_number", "", TEXT),
    Field("occurred_on", "", pa.date32()),
    Field("kind", "", TEXT, note="invoice_line, adjustment, credit, tax"),
    Field("account_id", "", TEXT, OPTIONAL),
    Field("order_id", "", TEXT, OPTIONAL),
    Field("product", "", TEXT, OPTIONAL),
    Field("sku", "", TEXT, OPTIONAL, note="ours, where the mapping names it"),
    Field("dimension", "", TEXT, OPTIONAL),
    Field("description", "", TEXT, OPTIONAL),
    Field("service_start", "", pa.date32()),
    Field("service_end", "", pa.date32(), note="the first day after the period"),
    Field("quantity", "", QUANTITY, OPTIONAL, note="in unit"),
    Field("unit", "", TEXT, OPTIONAL),
    Field("unit_price", "", PRICE, OPTIONAL),
    Field("currency", "", TEXT, note="ISO 4217"),
    Field("amount", "", AMOUNT, note="a charge is above zero"),
    Field("tax_amount", "", AMOUNT, OPTIONAL),
    _WHERE,
)
