"""Drafts to the cent: allocation and tax against fractions, many invoices at once, review and status."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from invoiced import OCTOBER, SEPTEMBER, TAXES, Books, books, charge

from tests.reconciliation.checked import look
from warehouse.invariants import InvariantBroken

UNITS = {"JPY": Fraction(1), "EUR": Fraction(1, 100), "KWD": Fraction(1, 1000), "CLF": Fraction(1, 10000)}
PERCENTS = ("0", "9", "19.9975", "21")


@pytest.fixture
def book() -> Iterator[Books]:
    """September of one customer, landed."""
    with books() as made:
        made.terms(SEPTEMBER, "ann")
        made.land(SEPTEMBER)
        yield made


def blockers(book: Books, columns: str) -> list[tuple[object, ...]]:
    look(book.connection, ["tax_treatment"], [SEPTEMBER])
    return book.ask(f"SELECT {columns} FROM billing.blocker")


@dataclass(frozen=True)
class Bill:
    """One invoice: exact amounts, and the percent of each."""

    currency: str
    charges: tuple[tuple[Decimal, str], ...]


exact = st.one_of(
    st.integers(-(10**20), 10**20).map(lambda n: Decimal(n).scaleb(-15)),
    st.integers(-2000, 2000).map(lambda n: Decimal(n).scaleb(-3)),  # many halves of a cent
    st.sampled_from(
        [Decimal("0.000000000000001"), Decimal("-0.005"), Decimal("99999999999.994999999999999")]
    ),
).filter(bool)
bills = st.builds(
    Bill,
    st.sampled_from(sorted(UNITS)),
    st.lists(st.tuples(exact, st.sampled_from(PERCENTS)), min_size=1, max_size=12).map(tuple),
)


def half_away(value: Fraction, unit: Fraction) -> Fraction:
    """`value` to the nearest multiple of `unit`, halves away from zero."""
    whole = math.floor(abs(value) / unit + Fraction(1, 2))
    return unit * (whole if value >= 0 else -whole)


def shared_out(amounts: list[Fraction], unit: Fraction) -> list[Fraction]:
    """Largest remainder, by giving one unit after the other to whoever is furthest behind."""
    net = half_away(sum(amounts, Fraction(0)), unit)
    mirror = -1 if sum(amounts) < 0 else 1
    given_out = [unit * math.floor(mirror * amount / unit) for amount in amounts]
    while sum(given_out) < mirror * net:
        behind = [mirror * amount - got for amount, got in zip(amounts, given_out, strict=True)]
        given_out[behind.index(max(behind))] += unit
    return [mirror * got for got in given_out]


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(bills, min_size=10, max_size=40))
def test_every_cent_is_what_the_fractions_say(bill_list: list[Bill]) -> None:
    """Largest remainder, tax by category and percent, and totals, for 0 to 4 decimals, in both directions."""
    with books() as book:
        taxes = [
            {
                "tax_code": "vat",
                "tax_class": percent,
                "name": f"VAT {percent}",
                "category": "S" if percent != "0" else "Z",
            }
            | {"percent": Decimal(percent)}
            for percent in PERCENTS
        ]
        book.reference(tax_rate=taxes)
        charges = []
        for n, bill in enumerate(bill_list):
            for customer, sign in ((f"c{n}", 1), (f"m{n}", -1)):
                book.terms(SEPTEMBER, customer, currency=bill.currency)
                charges += [
                    charge(
                        SEPTEMBER,
                        customer,
                        sign * amount,
                        currency=bill.currency,
                        tax_class=percent,
                        tier_no=tier,
                    )
                    for tier, (amount, percent) in enumerate(bill.charges)
                ]
        book.charges(charges)
        book.build(SEPTEMBER)
        lines = by_customer(book, "line_no, amount FROM billing.invoice_line")
        taxes_told = by_customer(
            book, "percent, tax.tax FROM billing.invoice_tax AS tax JOIN billing.invoice USING (invoice_id)"
        )
        totals = by_customer(book, "net, tax, total FROM billing.invoice")
        for n, bill in enumerate(bill_list):
            unit = UNITS[bill.currency]
            amounts = shared_out([Fraction(amount) for amount, _ in bill.charges], unit)
            taxes_due = {
                Decimal(percent): half_away(
                    sum(
                        (a for a, (_, p) in zip(amounts, bill.charges, strict=True) if p == percent),
                        Fraction(0),
                    )
                    * Fraction(percent)
                    / 100,
                    unit,
                )
                for percent in {percent for _, percent in bill.charges}
            }
            for customer, sign in ((f"c{n}", 1), (f"m{n}", -1)):
                assert [Fraction(amount) for _, amount in sorted(lines[customer])] == [
                    sign * amount for amount in amounts
                ]
                assert {percent: sign * Fraction(tax) for percent, tax in taxes_told[customer]} == taxes_due
                ((net, tax, total),) = [map(Fraction, row) for row in totals[customer]]
                assert (sign * net, sign * tax) == (sum(amounts), sum(taxes_due.values()))
                assert total == net + tax


def by_customer(book: Books, select: str) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by who is billed, in one query: to plan one of these takes longer than to run it."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, *row in book.ask(f"SELECT billed_customer_id, {select}"):
        found[customer].append(tuple(row))
    return found


def test_a_hundred_thousand_invoices_add_up() -> None:
    """Lines sum to net, net plus tax is total, and each line is within one unit, in four currencies."""
    with books() as book:
        book.connection.execute(
            """
            INSERT INTO billing.customer_terms BY NAME
            SELECT DATE '2026-09-01' AS month, concat('c', n) AS customer_id, 'C' AS customer_name,
                concat('c', n) AS billed_customer_id, 'C' AS billed_customer_name, 'us' AS billing_entity_id,
                'UTC' AS time_zone, ['EUR', 'JPY', 'KWD', 'CLF'][1 + n % 4] AS currency, 'card' AS rate_card,
                'vat' AS tax_code, 30 AS payment_days
            FROM range(100000) AS numbers(n)
            """
        )
        book.connection.execute(
            """
            INSERT INTO billing.charge BY NAME
            SELECT concat(customer_id, '-', t) AS charge_line_id, month, billing_entity_id,
                billed_customer_id, customer_id, currency, 'usage' AS kind, 'gb' AS sku, '' AS dimension,
                t AS tier_no,
                month AS service_period_start, DATE '2026-10-01' AS service_period_end,
                'Storage' AS description,
                'rule' AS rule, 1 AS quantity, 'GB' AS unit, currency AS price_currency,
                CAST((CAST(hash(customer_id, t) % 2000000000000000000 AS HUGEINT) - 900000000000000000)
                    AS DECIMAL(22,0)) * CAST(0.000000000000001 AS DECIMAL(15,15)) AS exact_amount,
                CASE WHEN t = 1 THEN 'books' ELSE 'standard' END AS tax_class
            FROM billing.customer_terms, range(3) AS tiers(t)
            WHERE t = 0 OR hash(t, customer_id) % 8 > 0
            """
        )
        book.build(SEPTEMBER)  # and the invariants with it
        ((invoices, below_zero),) = book.ask(
            "SELECT count(*), count(*) FILTER (WHERE net < 0) FROM billing.draft"
        )
        assert invoices == 100_000
        assert 20_000 < below_zero < 80_000
        ((wrong,),) = book.ask(
            """
            SELECT count(*)
            FROM billing.draft
            JOIN (
                SELECT invoice_id, sum(amount) AS net, sum(exact_amount) AS exact,
                    max(abs(amount - exact_amount)) AS off
                FROM billing.draft_line GROUP BY invoice_id
            ) AS line USING (invoice_id)
            JOIN (SELECT invoice_id, sum(tax) AS tax FROM billing.draft_tax GROUP BY invoice_id) AS tax
                USING (invoice_id)
            JOIN reference.currency USING (currency)
            WHERE draft.net <> line.net OR draft.tax <> tax.tax OR draft.total <> line.net + tax.tax
                OR line.off >= minor_unit OR 2 * abs(line.exact - draft.net) > minor_unit
            """
        )
        assert wrong == 0


def test_a_charge_of_zero_has_no_line_unless_it_is_included(book: Books) -> None:
    """What is inside the allowance is shown at no cost; every other zero is left out."""
    book.charge(SEPTEMBER, "ann", 0)
    book.build(SEPTEMBER)
    assert book.ask("SELECT * FROM billing.invoice") == []
    book.charge(SEPTEMBER, "ann", 0, kind="included", tier_no=0, quantity=Decimal(10))
    book.build(SEPTEMBER)
    assert book.ask("SELECT kind, amount, quantity FROM billing.invoice_line") == [("included", 0, 10)]
    assert book.ask("SELECT lines, net, total FROM billing.invoice") == [(1, 0, 0)]


def test_the_tax_of_a_class_wins_over_that_of_every_class(book: Books) -> None:
    """Two classes at two rates, and tax once for each of them."""
    book.charge(SEPTEMBER, "ann", "10.10")
    book.charge(SEPTEMBER, "ann", "10.15", tier_no=2)
    book.charge(SEPTEMBER, "ann", "1.11", sku="book", tax_class="books")
    book.build(SEPTEMBER)
    assert book.ask(
        "SELECT name, category, percent, taxable, tax FROM billing.invoice_tax ORDER BY percent"
    ) == [
        ("VAT 9 %", "S", 9, Decimal("1.11"), Decimal("0.10")),
        ("VAT 21 %", "S", 21, Decimal("20.25"), Decimal("4.25")),
    ]


def test_rows_that_agree_in_category_and_percent_are_one_tax(book: Books) -> None:
    """Tax is rounded once for both classes, not once for each."""
    book.reference(tax_rate=[dict(row) | {"percent": Decimal(21)} for row in TAXES[:2]])
    book.charge(SEPTEMBER, "ann", "0.02")
    book.charge(SEPTEMBER, "ann", "0.02", sku="book", tax_class="books")
    book.build(SEPTEMBER)
    assert book.ask("SELECT taxable, tax FROM billing.invoice_tax") == [(Decimal("0.04"), Decimal("0.01"))]


def test_what_nobody_says_how_to_tax_has_no_total_and_is_not_issued(book: Books) -> None:
    """No tax is not a tax of zero."""
    book.reference(tax_rate=[TAXES[1]])
    book.charge(SEPTEMBER, "ann", 10)
    book.charge(SEPTEMBER, "ann", 10, sku="book", tax_class="books")
    book.build(SEPTEMBER)
    assert book.ask("SELECT net, tax, total FROM billing.invoice") == [(20, None, None)]
    assert blockers(book, "stops, kind, sentence, amount") == [
        (
            "issue",
            "no tax treatment",
            (
                "The invoice of Customer ann has 1 line of tax class standard that nothing says how to tax: "
                "add tax code vat with this class, or with *, to tax_rate."
            ),
            10,
        )
    ]


def test_reverse_charge_needs_the_number_of_the_customer(book: Books) -> None:
    """Without it the invoice is not issued."""
    book.connection.execute("UPDATE billing.customer_terms SET tax_code = 'reverse'")
    book.charge(SEPTEMBER, "ann", 10)
    book.build(SEPTEMBER)
    assert book.ask("SELECT category, tax, exemption_reason FROM billing.invoice_tax") == [
        ("AE", 0, "Reverse charge")
    ]
    ((sentence, customer),) = blockers(book, "sentence, billed_customer_id")
    assert "needs its VAT number" in str(sentence)
    assert customer == "ann"
    book.connection.execute("UPDATE billing.customer_terms SET tax_id = 'DE1'")
    book.build(SEPTEMBER)
    assert blockers(book, "*") == []


def test_lines_are_numbered_for_who_reads_them(book: Books) -> None:
    """First the customer's own, then of those below it; by SKU, what is for all of them last."""
    book.charge(SEPTEMBER, "ann", -1, sku="", kind="discount")
    book.charge(SEPTEMBER, "ann", 2, sku="gb", tier_no=2)
    book.charge(SEPTEMBER, "ann", 1, sku="gb", tier_no=1)
    book.charge(SEPTEMBER, "ann", 3, sku="gb", kind="minimum", tier_no=0)
    book.charge(SEPTEMBER, "ann", 0, sku="gb", kind="included", tier_no=0)
    book.charge(SEPTEMBER, "ann", 5, sku="book", kind="contract", tier_no=0)
    book.charge(SEPTEMBER, "ann", 9, customer_id="aaa", sku="book", tier_no=1)
    book.build(SEPTEMBER)
    assert book.ask("SELECT customer_id, sku, kind, tier_no FROM billing.invoice_line ORDER BY line_no") == [
        ("ann", "book", "contract", 0),
        ("ann", "gb", "included", 0),
        ("ann", "gb", "usage", 1),
        ("ann", "gb", "usage", 2),
        ("ann", "gb", "minimum", 0),
        ("ann", "", "discount", 1),
        ("aaa", "book", "usage", 1),
    ]


def test_one_invoice_for_each_currency_and_entity(book: Books) -> None:
    """Charges in two currencies never stand on one document."""
    book.charge(SEPTEMBER, "ann", 10)
    book.charge(SEPTEMBER, "ann", 2000, currency="JPY", sku="book")
    book.build(SEPTEMBER)
    assert book.ask("SELECT currency, net, tax, total FROM billing.invoice ORDER BY currency") == [
        ("EUR", 10, Decimal("2.1"), Decimal("12.1")),
        ("JPY", 2000, 420, 2420),
    ]


def status(book: Books) -> list[str]:
    return [found for (found,) in book.ask("SELECT status FROM billing.invoice ORDER BY status")]


def test_a_review_holds_for_exactly_what_was_reviewed(book: Books) -> None:
    """Any change of what the customer reads makes it a draft again; the latest review counts."""
    book.charge(SEPTEMBER, "ann", 10)
    book.build(SEPTEMBER)
    assert status(book) == ["draft"]
    ((invoice, content),) = book.ask("SELECT invoice_id, content_sha256 FROM billing.invoice")
    book.enter("review", invoice, SEPTEMBER, content_sha256=content)
    assert status(book) == ["review"]
    assert book.ask("SELECT status FROM billing.invoice_line") == [("review",)]
    book.build(SEPTEMBER)
    assert status(book) == ["review"]
    for column, value in (
        ("description", "Disk"),
        ("rule", "another"),
        ("unit_price", "2"),
        ("exact_amount", "10.001"),
    ):
        ((before,),) = book.ask(f"SELECT {column} FROM billing.charge")
        book.connection.execute(f"UPDATE billing.charge SET {column} = ?", [value])
        book.build(SEPTEMBER)
        assert status(book) == ["draft"], column
        book.connection.execute(f"UPDATE billing.charge SET {column} = ?", [before])
    book.connection.execute("UPDATE billing.customer_terms SET po_number = 'PO-1'")
    book.build(SEPTEMBER)
    assert status(book) == ["draft"]
    book.connection.execute("UPDATE billing.customer_terms SET po_number = NULL")
    book.build(SEPTEMBER)
    assert status(book) == ["review"]
    book.enter("review", invoice, SEPTEMBER, content_sha256="of something else")
    assert status(book) == ["draft"]


def test_an_issued_invoice_keeps_its_lines_and_ids_and_gets_a_number(book: Books) -> None:
    """The draft goes, the document stands in its place, whatever is charged afterwards."""
    book.charge(SEPTEMBER, "ann", "10.005", cost_amount=Decimal(4))
    book.build(SEPTEMBER)
    columns = "invoice_id, invoice_line_id, line_no, amount, exact_amount, tax_category, cost_amount, margin"
    before = book.ask(f"SELECT {columns} FROM billing.invoice_line")
    totals = book.ask("SELECT net, tax, total, cost, margin FROM billing.invoice")
    number = book.issue(SEPTEMBER, "ann")
    book.connection.execute("UPDATE billing.charge SET exact_amount = 99")
    book.build(SEPTEMBER)
    assert book.ask(f"SELECT {columns} FROM billing.invoice_line") == before
    assert book.ask("SELECT net, tax, total, cost, margin FROM billing.invoice") == totals
    assert book.ask("SELECT number, status, document_kind FROM billing.invoice_tax") == [
        (number, "issued", "invoice")
    ]
    assert book.ask("SELECT * FROM billing.draft") == []


def test_a_closed_month_has_no_drafts(book: Books) -> None:
    """And has them again when it is opened again."""
    book.charge(SEPTEMBER, "ann", 10)
    book.close(SEPTEMBER)
    book.build(SEPTEMBER)
    assert status(book) == []
    assert book.ask("SELECT month, status, closed_by FROM billing.period") == [(SEPTEMBER, "Closed", "ann")]
    book.reopen(SEPTEMBER)
    book.build(SEPTEMBER)
    assert status(book) == ["draft"]
    assert book.ask("SELECT status, closed_by, reopened_because FROM billing.period") == [
        ("Open", None, "Because")
    ]


def test_the_cost_of_an_invoice_is_not_known_while_that_of_a_line_is_not(book: Books) -> None:
    """Metered usage without a cost leaves the margin open; a contract fee costs nothing."""
    book.charge(SEPTEMBER, "ann", 10, cost_amount=Decimal(4))
    book.charge(SEPTEMBER, "ann", 5, sku="book", kind="contract")
    book.build(SEPTEMBER)
    assert book.ask("SELECT cost, margin FROM billing.invoice") == [(4, 11)]
    book.charge(SEPTEMBER, "ann", 1, tier_no=2)
    book.build(SEPTEMBER)
    assert book.ask("SELECT cost, margin FROM billing.invoice") == [(None, None)]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE billing.document_line SET amount = amount + 1", "do not sum to its net"),
        ("UPDATE billing.document SET total = total + 1", "not its net plus its taxes"),
        ("UPDATE billing.document_tax SET taxable = taxable + 1", "not the sum of the lines"),
        (
            (
                "INSERT INTO billing.document_tax SELECT * REPLACE (0 AS percent, 0 AS tax) "
                "FROM billing.document_tax"
            ),
            "not the sum of the lines",
        ),
        ("UPDATE billing.document_tax SET tax = tax + 1", "away from its percentage"),
        ("UPDATE billing.document_line SET exact_amount = exact_amount + 0.02", "away from the exact sum"),
        ("DELETE FROM billing.document_line", "an invoice has no line"),
        (
            (
                "INSERT INTO billing.document_line SELECT * REPLACE ('x' AS document_id) "
                "FROM billing.document_line LIMIT 1"
            ),
            "no invoice",
        ),
        (
            "INSERT INTO billing.document SELECT * REPLACE ('x' AS document_id) FROM billing.document",
            "two documents",
        ),
        (
            "INSERT INTO billing.document SELECT * REPLACE ('x' AS document_id) FROM billing.document",
            "both to be paid",
        ),
        ("DELETE FROM billing.draft_line WHERE line_no = 2", "not what its invoices"),
    ],
)
def test_what_does_not_add_up_is_not_published(book: Books, damage: str, sentence: str) -> None:
    """Each damage to a document or a draft breaks the invariant that is for it."""
    book.terms(SEPTEMBER, "bob")
    for customer in ("ann", "bob"):
        book.charge(SEPTEMBER, customer, 10)
        book.charge(SEPTEMBER, customer, 5, tier_no=2)
    book.build(SEPTEMBER)
    book.issue(SEPTEMBER, "ann")
    book.build(SEPTEMBER)
    book.connection.execute(damage)
    with pytest.raises(InvariantBroken, match=sentence):
        book.verify(SEPTEMBER)


def test_several_months_at_once_are_what_they_are_one_by_one() -> None:
    """What-if and a rebuild give the same drafts."""

    def drafts(*builds: tuple[object, ...]) -> list[tuple[object, ...]]:
        with books() as book:
            for month in (SEPTEMBER, OCTOBER):
                book.terms(month, "ann")
                book.land(month)
                book.charge(month, "ann", "7.775")
                book.charge(month, "ann", "7.775", tier_no=2)
            for months in builds:
                book.build(*months)  # type: ignore[arg-type]  # dates
            return book.ask("SELECT * FROM billing.draft_line ORDER BY ALL")

    assert (
        drafts((SEPTEMBER, OCTOBER)) == drafts((SEPTEMBER,), (OCTOBER,)) == drafts((OCTOBER,), (SEPTEMBER,))
    )
