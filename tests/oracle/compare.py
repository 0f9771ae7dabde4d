"""Where the warehouse and the oracle differ about one world."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.engine import Answer
from tests.oracle.invoice import Invoice, cents, invoices, tax_class_of, taxes
from tests.oracle.metering import Record, usage_records
from tests.oracle.world import World

KINDS = {"cost_plus": "usage", "percentage": "usage"}  # the oracle tells these by their price
Found = dict[str, Any]


def differences(world: World, answer: Answer) -> list[str]:
    """A sentence for each; those of the first stage that has any."""
    records = {_record_key(row): row for row in answer.rows("usage_record", "vendor", world.name)}
    if found := [*_of_records(world, records)]:
        return found

    def order(month: date, record: Record) -> str:
        return str(records[_key(month, record)]["usage_record_id"])

    return [*_of_invoices(world, answer, invoices(world, order))]


def _key(month: date, record: Record) -> tuple[object, ...]:
    return (
        month,
        record.customer,
        record.vendor,
        record.connection,
        record.meter,
        record.sku,
        record.dimension,
        record.reason,
    )


def _record_key(row: Found) -> tuple[object, ...]:
    names = (
        "month",
        "customer_id",
        "vendor",
        "connection",
        "meter",
        "sku",
        "dimension",
        "not_billable_reason",
    )
    *key, reason = (row[name] or "" for name in names)
    return *key, reason.removeprefix("excluded: ")


def _of_records(world: World, records: dict[tuple[object, ...], Found]) -> Iterator[str]:
    expected = {
        _key(month, record): record for month in world.months for record in usage_records(world, month)
    }
    for key in sorted(expected.keys() | records.keys(), key=str):
        if key not in records or key not in expected:
            yield f"usage record {key} is only in the {'oracle' if key in expected else 'warehouse'}"
        elif _fraction(records[key]["quantity"]) != expected[key].quantity:
            yield f"usage record {key}: {records[key]['quantity']}, oracle {_shown(expected[key].quantity)}"


def _of_invoices(world: World, answer: Answer, expected: dict[Any, Invoice]) -> Iterator[str]:
    drafts = {
        tuple(row[name] for name in ("month", "billed_customer_id", "billing_entity_id", "currency")): row
        for row in answer.rows("draft", "billed_customer_id", world.name)
    }
    lines: dict[str, list[Found]] = defaultdict(list)
    for row in answer.rows("draft_line", "billed_customer_id", world.name):
        lines[row["invoice_id"]].append(row)
    for key in sorted(expected.keys() | drafts.keys(), key=str):
        if key not in drafts or key not in expected:
            where = "oracle" if key in expected else "warehouse"
            shown = expected[key].charges if key in expected else lines[drafts[key]["invoice_id"]]
            yield f"invoice {key} is only in the {where}: {shown}"
            continue
        draft = drafts[key]
        own = sorted(lines[draft["invoice_id"]], key=lambda row: row["line_no"])
        found = [
            *_of_one(
                world, expected[key], draft, own, answer.rows("draft_tax", "invoice_id", draft["invoice_id"])
            )
        ]
        yield from (f"invoice {' '.join(map(str, key))}: {sentence}" for sentence in found)


def _of_one(
    world: World, invoice: Invoice, draft: Found, lines: list[Found], tax: list[Found]
) -> Iterator[str]:
    exact = Counter(
        (charge.customer, charge.kind, charge.sku, charge.dimension, charge.exact)
        for charge in invoice.charges
    )
    told = Counter(
        (
            row["customer_id"],
            KINDS.get(row["kind"], row["kind"]),
            row["sku"],
            row["dimension"],
            Fraction(row["exact_amount"]),
        )
        for row in lines
    )
    if exact != told:
        for name, more in (("oracle", exact - told), ("warehouse", told - exact)):
            for (*what, amount), count in more.items():
                yield f"{count} x {' '.join(map(str, what))} {_shown(amount)} only in the {name}"
        return
    amounts = cents([Fraction(row["exact_amount"]) for row in lines], invoice.unit)
    if amounts != [Fraction(row["amount"]) for row in lines]:
        yield f"amounts {[row['amount'] for row in lines]}, oracle {[*map(_shown, amounts)]}"
    due = taxes(world, invoice, [(tax_class_of(world, row["sku"]), Fraction(row["amount"])) for row in lines])
    taxed: dict[tuple[str, Fraction], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for row in tax:
        sums = taxed[row["category"], Fraction(row["percent"])]
        sums[0] += Fraction(row["taxable"])
        sums[1] += Fraction(row["tax"])
    if {key: tuple(sums) for key, sums in taxed.items()} != due:
        yield f"tax {tax}, oracle {due}"
    total = invoice.net + sum((amount for _, amount in due.values()), Fraction(0))
    for name, value in {"net": invoice.net, "total": total, "cost": invoice.cost}.items():
        if _fraction(draft[name]) != value:
            yield f"{name} {draft[name]}, oracle {_shown(value)}"
    if invoice.cost is not None and _fraction(draft["margin"]) != invoice.net - invoice.cost:
        yield f"margin {draft['margin']}, oracle {_shown(invoice.net - invoice.cost)}"


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _shown(value: Fraction | None) -> str:
    return "unknown" if value is None else f"{float(value):.17g} ({value})"
