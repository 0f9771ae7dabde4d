"""The tables that a document was made from: the pulls, reference and register that its evidence names."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.as_known import Known, build_as_known
from warehouse.calendar import month_after, month_before
from warehouse.publish import MEMORY_LIMIT, SETTINGS
from warehouse.reference.rows import Rows
from warehouse.register import Content


def known_of(document: Content) -> Known:
    """What was known when an invoice was made, by its own word."""
    evidence = document["evidence"]
    until = evidence["known_at"]
    return Known(
        datetime.fromisoformat(until) if until else datetime.min.replace(tzinfo=UTC),
        evidence["reference_sha256"],
        evidence["register_seq"],
    )


def months_of(document: Content, reference: Rows) -> set[date]:
    """First days of the months that an invoice cannot be computed without.

    Its own, those that its corrections restate, and the earlier ones of terms that end in any of these:
    of a commitment, or of usage that is sold by the highest day of a term.

    Parameters:
        document: an invoice.
        reference: the tables it was made by.
    """
    own = date.fromisoformat(document["month"])
    restated = (line["restates_month"] for line in document["lines"] if line["restates_month"])
    asked = {own, *map(date.fromisoformat, restated)}
    charged = asked | {
        month for first, due in _committed(document, reference) if due in asked for month in _run(first, due)
    }
    # What counts to a commitment need not stand on this invoice.
    skus = {line["sku"] for line in document["lines"]} if charged == asked else None
    terms = [
        row["term_months"] - 1
        for row in reference["sku_mapping"]
        if row["aggregation"] == "high_water" and (skus is None or row["sku"] in skus)
    ]
    longest = max(terms, default=0)
    return {earlier for month in charged for earlier in _run(month_before(month, longest), month)}


@contextmanager
def tables_as_issued(
    home: Path, known: Known, months: Collection[date]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse of its own with `months` as they were known; it is gone afterwards.

    Raises:
        ArchiveUnusable: the reference tables of then cannot be had.
        RegisterBroken: the register is not what was written.
    """
    # Beside the data, for it may be as large as they are.
    with tempfile.TemporaryDirectory(prefix=".audit-", dir=home) as folder:
        settings = {**SETTINGS, "memory_limit": MEMORY_LIMIT}
        with duckdb.connect(Path(folder) / "as-issued.duckdb", config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            build_as_known(connection, home, known, months)
            yield connection


def _committed(document: Content, reference: Rows) -> Iterator[tuple[date, date]]:
    """First months of the terms that customers on the invoice are committed to, and when each is due."""
    customers = _below(document["billed_customer_id"], reference)
    contracts = {row["contract_id"] for row in reference["contract"] if row["customer_id"] in customers}
    for row in reference["commitment"]:
        if row["period"] == "term" and row["contract_id"] in contracts:
            due = row["valid_to"] - timedelta(days=1)
            yield row["valid_from"].replace(day=1), due.replace(day=1)


def _below(customer: str, reference: Rows) -> set[str]:
    """The customer and all that ever stood below it."""
    children = defaultdict[str, set[str]](set)
    for row in reference["customer"]:
        children[row["parent_customer_id"]].add(row["customer_id"])
    found, waiting = {customer}, [customer]
    while waiting:
        new = children[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def _run(first: date, last: date) -> Iterator[date]:
    """The months from the one that `first` is in to the one that `last` is in."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = month_after(month)
