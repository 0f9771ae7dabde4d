"""The bill of a month as it stands: against the month before, and against the last time somebody looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors import clock
from warehouse.calendar import month_before
from warehouse.publish import read
from warehouse.query import QueryRefused

NET = Decimal(0)
SEEN_AT = b"seen_at"
LINE = pa.schema(
    [
        ("billed_customer_id", pa.string()),
        ("currency", pa.string()),
        ("sku", pa.string()),
        ("amount", pa.decimal128(18, 4)),
    ]
)
Key = tuple[str, str, str]
"""Billed customer, currency, SKU."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one customer is to pay, for everything or for one SKU.

    Attributes:
        customer, currency, sku: whose and for what; `sku` is empty for everything.
        now: net amount of the month, as it stands.
        last_month: of the month before, issued or not.
        last_look: of the same month at the previous preview; None when there was none.
    """

    customer: str
    currency: str
    sku: str
    now: Decimal
    last_month: Decimal
    last_look: Decimal | None


@dataclass(frozen=True, slots=True)
class Preview:
    """A month at a glance.

    Attributes:
        month: first day.
        metered_until: last usage date in it.
        looked_at: when the previous preview was made; None when this is the first.
        differences: one for each customer and currency, or for each SKU of one customer.
    """

    month: date
    metered_until: date | None
    looked_at: datetime | None
    differences: list[Difference]


def preview(home: Path, month: date, customer: str | None = None) -> Preview:
    """Compare a month with the one before and with the previous preview of it, and remember this one.

    Parameters:
        home: data directory; remembers under `previews/`.
        month: first day of it.
        customer: only this billed customer, SKU by SKU.

    Raises:
        QueryRefused: nothing is published yet, or the month has no invoices.
    """
    before = month_before(month)
    try:
        with read(home / "warehouse.duckdb") as connection:
            amounts: dict[date, dict[Key, Decimal]] = {month: {}, before: {}}
            for of_month, *key, amount in connection.execute(
                "SELECT month, billed_customer_id, currency, sku, sum(amount) FROM billing.invoice_line "
                "WHERE month IN (?, ?) AND document_kind = 'invoice' AND status <> 'voided' GROUP BY ALL",
                [month, before],
            ).fetchall():
                amounts[of_month][key[0], key[1], key[2]] = amount
            (until,) = connection.execute(
                "SELECT max(usage_date) FROM ops.pull WHERE status = 'ok' AND usage_date >= ? "
                "AND usage_date <= last_day(?)",
                [month, month],
            ).fetchone() or (None,)
    except FileNotFoundError as error:
        raise QueryRefused(str(error)) from None
    if not amounts[month]:
        raise QueryRefused(
            f"{month:%Y-%m} has no invoices: nothing was metered in it, or nothing has a price"
        )
    remembered = home / "previews" / f"{month:%Y-%m}.parquet"
    looked_at, seen = _last_look(remembered)
    _remember(remembered, amounts[month])

    def summed(lines: dict[Key, Decimal]) -> dict[Key, Decimal]:
        found: dict[Key, Decimal] = {}
        for (whose, currency, sku), amount in lines.items():
            if customer in (None, whose):
                key = (whose, currency, sku if customer else "")
                found[key] = found.get(key, NET) + amount
        return found

    now, last, look = summed(amounts[month]), summed(amounts[before]), summed(seen)
    differences = [
        Difference(*key, now.get(key, NET), last.get(key, NET), look.get(key, NET) if looked_at else None)
        for key in sorted({*now, *last, *look})
    ]
    return Preview(month, until, looked_at, differences)


def _last_look(path: Path) -> tuple[datetime | None, dict[Key, Decimal]]:
    if not path.exists():
        return None, {}
    table = pq.read_table(path)
    lines = {
        (row["billed_customer_id"], row["currency"], row["sku"]): row["amount"] for row in table.to_pylist()
    }
    return datetime.fromisoformat(table.schema.metadata[SEEN_AT].decode()), lines


def _remember(path: Path, lines: dict[Key, Decimal]) -> None:
    rows = [
        {"billed_customer_id": whose, "currency": currency, "sku": sku, "amount": amount}
        for (whose, currency, sku), amount in sorted(lines.items())
    ]
    at = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pq.write_table(pa.Table.from_pylist(rows, LINE.with_metadata({SEEN_AT: at.encode()})), draft)
    draft.replace(path)
