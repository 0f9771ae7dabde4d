"""Documents and entries of the register that are not as they were made; mostly of the last issued month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.plants.machines import MACHINES, SKU, machines, of, recharge
from connectors.sandbox.plants.plant import Finding, Plant, before, money
from connectors.sandbox.plants.prices import sell

NEXT_NUMBER = (
    "(SELECT concat(max(regexp_extract(number, '^NWE-.*-')), format('{:06d}', "
    "max(CAST(regexp_extract(number, '\\d+$') AS BIGINT)) + 1)) "
    "FROM billing.document WHERE billing_entity_id = 'NW-EU')"
)
NEXT_ENTRY = "(SELECT max(seq) + 1 FROM billing.register_entry)"


def plants(month: date) -> Iterator[Plant]:
    """What documents state, what is given back, numbers, and months."""
    yield from _sums(month)
    yield from _credits(before(month))
    yield from _register(before(month), before(before(month)))


def _sums(month: date) -> Iterator[Plant]:
    last, price = before(month), sell(SKU, 1, month)
    kind = "total-of-other-sums"
    yield machines(
        kind,
        "R-27",
        "The total of an issued invoice is seven euro above its net and tax.",
        Finding("R-27", "over_bill", last, money("7")),
        _restate(kind, last, "total = total + 7"),
    )
    kind = "tax-of-another-percentage"
    taxes = f"document_id IN (SELECT document_id FROM billing.document WHERE {of(kind, last)})"
    yield machines(
        kind,
        "R-42",
        "The tax of an issued invoice is a euro short.",
        Finding("R-42", "leak", last, money("1")),
        f"UPDATE billing.document_tax SET tax = tax - 1 WHERE {taxes}",
        _restate(kind, last, "tax = tax - 1, total = total - 1"),
    )
    kind = "reverse-charge-without-number"
    reverse = "tax_code = 'EU-REVERSE', tax_id = NULL"
    yield machines(
        kind,
        "R-42",
        "A customer abroad is taxed by reverse charge, and nobody has its VAT number.",
        Finding("R-42", "control", month, money(MACHINES * price)),
        f"UPDATE billing.customer_terms SET {reverse} WHERE {of(kind, month)}",
    )
    kind = "restated-behind-every-invoice"
    yield machines(
        kind,
        "R-24",
        "Eight machines more are known of a month, and every later one is invoiced.",
        Finding("R-24", "leak", last, money(8 * sell(SKU, 1, last))),
        *_issued_again(kind, month),
        recharge(kind, last, "quantity = quantity + 8, exact_amount = (quantity + 8) * unit_price"),
    )


def _credits(last: date) -> Iterator[Plant]:
    kind = "credited-beyond-the-line"
    yield machines(
        kind,
        "R-45",
        "A credit note gives back five euro more than the line was billed.",
        Finding("R-45", "leak", last, money("5")),
        *_credit_note(kind, last, sell(SKU, MACHINES, last) + 5),
    )
    kind = "credit-for-no-invoice"
    yield machines(
        kind,
        "R-45",
        "A credit note names an invoice that there is not.",
        Finding("R-45", "leak", last, money("30")),
        *_credit_note(kind, last, Decimal(30), reference="'NWE-2020-000001'"),
    )


def _register(last: date, first: date) -> Iterator[Plant]:
    kind = "number-left-out"
    yield machines(
        kind,
        "R-40",
        "A number of the series was given to nobody.",
        Finding("R-40", "control", last),
        _restate(kind, last, f"number = {NEXT_NUMBER}"),
    )
    kind = "dated-before-the-number-before"
    yield machines(
        kind,
        "R-40",
        "An invoice is dated forty days before the one with the number before it.",
        Finding("R-40", "control", last),
        _restate(kind, last, "issue_date = issue_date - 40"),
    )
    kind = "issued-after-the-close"
    yield machines(
        kind,
        "R-43",
        "An invoice was issued for a month that was closed.",
        Finding("R-43", "control", first, money(sell(SKU, MACHINES, first))),
        _restate(kind, first, f"seq = {NEXT_ENTRY}"),
    )
    yield Plant(
        kind="opened-again-alone",
        vendor="",
        code="R-43",
        meaning="Somebody opened a closed month again without the word of another, and closed it.",
        findings=(Finding("R-43", "control", first),),
        books=(_entered("reopen", first), _entered("close", first)),
    )


def _restate(kind: str, month: date, what: str) -> str:
    return f"UPDATE billing.document SET {what} WHERE {of(kind, month)}"


def _entered(what: str, month: date) -> str:
    """An entry like the one that closed the month."""
    return (
        f"INSERT INTO billing.register_entry SELECT * REPLACE ({NEXT_ENTRY} AS seq, '{what}' AS kind) "
        f"FROM billing.register_entry WHERE kind = 'close' AND month = DATE '{month}' "
        "AND billing_entity_id = 'NW-EU' LIMIT 1"
    )


def _copied(kind: str, month: date, table: str, replaced: str) -> str:
    """Rows of the customer's invoice of a month once more."""
    invoice = f"(SELECT document_id FROM billing.document WHERE {of(kind, month)} AND kind = 'invoice')"
    return (
        f"INSERT INTO billing.{table} SELECT * REPLACE (md5(document_id) AS document_id, {replaced}) "
        f"FROM billing.{table} WHERE document_id = {invoice}"
    )


def _issued_again(kind: str, month: date) -> tuple[str, ...]:
    """The customer's invoice of the month before once more, for this month."""
    last, begins = before(month), f"DATE '{month}'"
    ends = f"DATE '{(month + timedelta(days=31)).replace(day=1)}'"
    served = f"{begins} AS month, {begins} AS service_period_start, {ends} AS service_period_end"
    covered = f"{begins} AS month, {begins} AS period_start, {ends} AS period_end"
    return (
        _copied(kind, last, "document_line", served),
        _copied(kind, last, "document_tax", "tax AS tax"),
        _copied(kind, last, "document", f"{covered}, {NEXT_NUMBER} AS number"),
    )


def _credit_note(kind: str, month: date, amount: Decimal, reference: str = "number") -> tuple[str, ...]:
    """A note that gives back an amount of the one line of the customer's invoice."""
    tax = money(amount * Decimal("0.21"))
    sums = f"-{amount} AS net, -{tax} AS tax, -{amount + tax} AS total"
    named = f"{NEXT_NUMBER} AS number, {NEXT_ENTRY} AS seq, {reference} AS reference_number"
    part = f"NULL AS quantity, NULL AS unit_price, -{amount} AS exact_amount, -{amount} AS amount"
    return (
        _copied(kind, month, "document_line", f"{part}, 0 AS cost_amount, 'line 1, in part' AS rule"),
        _copied(kind, month, "document_tax", f"-{amount} AS taxable, -{tax} AS tax"),
        _copied(kind, month, "document", f"'credit_note' AS kind, 'A mistake' AS reason, {named}, {sums}"),
    )
