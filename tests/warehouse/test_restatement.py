"""What changes after it was billed: booked in the next open month, waived with a reason, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from invoiced import DECEMBER, NOVEMBER, OCTOBER, SEPTEMBER, Books, books, next_month

from tests.reconciliation.checked import look
from warehouse.invariants import InvariantBroken

CUSTOMER = "ann"
THREE = (SEPTEMBER, OCTOBER, NOVEMBER)


@pytest.fixture
def book() -> Iterator[Books]:
    """Three landed months of one customer with terms."""
    with books() as made:
        for month in THREE:
            made.terms(month, CUSTOMER)
            made.land(month)
        yield made


def rate(book: Books, month: date, amount: int | str, quantity: int = 1, **changed: object) -> None:
    """Charge the month anew."""
    book.uncharge(month, CUSTOMER)
    book.charge(month, CUSTOMER, amount, quantity=Decimal(quantity), unit="GB", **changed)


def lines(book: Books, month: date) -> list[tuple[Any, ...]]:
    """What the draft of a month says: kind, amount and what it restates."""
    return book.ask(
        "SELECT kind, CAST(amount AS VARCHAR), restates_month, restates_number FROM billing.draft_line "
        "WHERE month = ? ORDER BY line_no",
        month,
    )


def restatements(book: Books) -> list[tuple[Any, ...]]:
    return book.ask(
        "SELECT restates_month, CAST(billed_amount AS DECIMAL(9,2)), CAST(corrected_amount AS DECIMAL(9,2)), "
        "CAST(waived_amount AS DECIMAL(9,2)), CAST(open_amount AS DECIMAL(9,2)), booked_month, status "
        "FROM billing.restatement ORDER BY restates_month"
    )


def issued(book: Books, month: date, amount: int) -> str:
    """Rate a month at so much and issue its invoice."""
    rate(book, month, amount, amount)
    book.build(*THREE)
    return book.issue(month, CUSTOMER)


def test_a_difference_stands_on_the_next_invoice_with_its_month_and_number(book: Books) -> None:
    """The line says what it corrects, by how much, and from which quantity to which."""
    number = issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110, 110, service_period_start=date(2026, 9, 5))
    rate(book, OCTOBER, 50)
    book.build(*THREE)
    assert lines(book, SEPTEMBER) == []
    assert lines(book, OCTOBER) == [
        ("usage", "50.0000", None, None),
        ("correction", "10.0000", SEPTEMBER, number),
    ]
    assert book.ask(
        "SELECT description, rule, quantity, unit, unit_price, service_period_start, service_period_end, "
        "charge_class FROM billing.draft_line WHERE kind = 'correction'"
    ) == [
        (
            f"Correction of 2026-09 (invoice {number}): Storage, 110 instead of 100 GB",
            (
                "What 2026-09 costs as it is known now, less what was billed: the quantity is another. "
                "110 less 100"
            ),
            Decimal(10),
            "GB",
            None,
            SEPTEMBER,
            OCTOBER,
            "correction",
        )
    ]


def test_a_month_restated_again_and_again_is_corrected_by_what_is_new(book: Books) -> None:
    """Corrections already issued count as billed, in whichever month they stand."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    issued(book, OCTOBER, 50)
    rate(book, SEPTEMBER, 95)
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, 10, 0, -15, NOVEMBER, "booked")]
    assert [line[:3] for line in lines(book, NOVEMBER)] == [("correction", "-15.0000", SEPTEMBER)]
    book.issue(NOVEMBER, CUSTOMER)
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, -5, 0, 0, None, "settled")]


def test_an_invoice_voided_in_an_open_month_is_a_draft_again_with_another_id(book: Books) -> None:
    """Nothing is restated: the month is billed whole, at what is rated now, under a new id."""
    number = issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    book.void(number)
    book.build(*THREE)
    assert lines(book, SEPTEMBER) == [("usage", "110.0000", None, None)]
    assert lines(book, OCTOBER) == []
    assert book.ask("SELECT status, net FROM billing.invoice ORDER BY status") == [
        ("draft", 110),
        ("voided", 100),
    ]
    assert book.ask(
        "SELECT count(DISTINCT invoice_id), count(DISTINCT invoice_line_id) FROM billing.invoice_line"
    ) == [(2, 2)]


def test_an_invoice_voided_in_a_closed_month_is_billed_whole_in_the_next(book: Books) -> None:
    """The month stays closed; the correction names the voided invoice."""
    number = issued(book, SEPTEMBER, 100)
    book.close(SEPTEMBER)
    book.void(number)
    book.build(*THREE)
    assert lines(book, SEPTEMBER) == []
    assert lines(book, OCTOBER) == [("correction", "100.0000", SEPTEMBER, number)]
    assert book.ask("SELECT cause FROM billing.restatement") == [("its invoice was voided",)]


def test_a_void_takes_its_corrections_back_too(book: Books) -> None:
    """What a voided invoice corrected is open again, and books itself where it stood."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    number = issued(book, OCTOBER, 50)
    book.void(number)
    book.build(*THREE)
    assert [line[:3] for line in lines(book, OCTOBER)] == [
        ("usage", "50.0000", None),
        ("correction", "10.0000", SEPTEMBER),
    ]


def test_a_month_billed_anew_takes_its_earlier_corrections_into_account(book: Books) -> None:
    """Corrected by 10 on another invoice, and then voided: its new draft asks for 110 less 10."""
    number = issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    issued(book, OCTOBER, 50)
    book.void(number)
    book.build(*THREE)
    assert [line[:3] for line in lines(book, SEPTEMBER)] == [
        ("usage", "110.0000", None),
        ("correction", "-10.0000", SEPTEMBER),
    ]
    book.issue(SEPTEMBER, CUSTOMER)
    book.build(*THREE)
    assert [row[-1] for row in restatements(book)] == ["settled"]


def test_a_customer_without_invoice_in_a_closed_month_is_billed_in_the_next(book: Books) -> None:
    """Late data, or a mapping that was corrected after the close."""
    book.close(SEPTEMBER)
    rate(book, SEPTEMBER, 70)
    book.build(*THREE)
    assert lines(book, OCTOBER) == [("correction", "70.0000", SEPTEMBER, None)]
    assert book.ask("SELECT cause FROM billing.restatement") == [("it was not on the invoice of that month",)]


def test_usage_that_was_another_customers_is_given_back_and_charged(book: Books) -> None:
    """A corrected mapping credits the one and charges the other, each on its next invoice."""
    issued(book, SEPTEMBER, 100)
    book.close(SEPTEMBER)
    for month in THREE:
        book.terms(month, "bob")
    book.uncharge(SEPTEMBER, CUSTOMER)
    book.charge(SEPTEMBER, "bob", 120)
    book.build(*THREE)
    found = book.ask(
        "SELECT billed_customer_id, net FROM billing.invoice WHERE month = ? ORDER BY 1", OCTOBER
    )
    assert found == [("ann", -100), ("bob", 120)]
    assert book.ask("SELECT cause FROM billing.restatement ORDER BY billed_customer_id") == [
        ("it is no longer charged to this customer",),
        ("it was not on the invoice of that month",),
    ]


def test_a_closed_month_is_skipped_on_the_way_to_the_next_open_one(book: Books) -> None:
    """Billed means an invoice, or a closed month: the correction waits for the first that is neither."""
    issued(book, SEPTEMBER, 100)
    book.close(OCTOBER)
    rate(book, SEPTEMBER, 90)
    book.build(*THREE)
    assert [line[:3] for line in lines(book, NOVEMBER)] == [("correction", "-10.0000", SEPTEMBER)]
    book.reopen(OCTOBER)
    book.build(*THREE)
    assert [line[:3] for line in lines(book, OCTOBER)] == [("correction", "-10.0000", SEPTEMBER)]
    assert lines(book, NOVEMBER) == []


def test_what_no_month_can_take_yet_is_open_and_blocks(book: Books) -> None:
    """Until a day of the month after is landed, the difference is shown as open."""
    issued(book, NOVEMBER, 100)
    rate(book, NOVEMBER, 90)
    book.build(*THREE)
    assert restatements(book) == [(NOVEMBER, 100, 0, 0, -10, None, "open")]
    look(book.connection, ["restatement_open"], THREE)
    assert book.ask("SELECT month, kind, amount FROM billing.blocker") == [(NOVEMBER, "restatement open", 10)]
    book.land(DECEMBER)
    book.build(*THREE, DECEMBER)
    look(book.connection, ["restatement_open"], THREE)
    assert restatements(book)[0][-2:] == (DECEMBER, "booked")
    assert book.ask("SELECT * FROM billing.blocker") == []


def test_a_credit_note_is_not_charged_again(book: Books) -> None:
    """What was credited for good will is no difference to what was billed."""
    number = issued(book, SEPTEMBER, 100)
    book.connection.execute(
        "INSERT INTO billing.document BY NAME SELECT * REPLACE ('c1' AS document_id, 'C1' AS number, "
        "'credit_note' AS kind, number AS reference_number, -net AS net, -tax AS tax, -total AS total) "
        "FROM billing.document WHERE number = ?",
        [number],
    )
    book.connection.execute(
        "INSERT INTO billing.document_line BY NAME SELECT * REPLACE ('c1' AS document_id, "
        "'c1-1' AS invoice_line_id, -exact_amount AS exact_amount, -amount AS amount) "
        "FROM billing.document_line"
    )
    book.connection.execute(
        "INSERT INTO billing.document_tax BY NAME SELECT * REPLACE ('c1' AS document_id, "
        "-taxable AS taxable, -tax AS tax) FROM billing.document_tax"
    )
    book.build(*THREE)
    assert restatements(book) == []
    assert book.ask("SELECT sum(net), sum(total) FROM billing.invoice") == [(0, 0)]
    assert book.ask("SELECT cost FROM billing.invoice WHERE document_kind = 'credit_note'") == [(0,)]


def open_restatement(book: Books) -> str:
    ((found,),) = book.ask("SELECT restatement_id FROM billing.restatement WHERE open_amount <> 0")
    return str(found)


def test_what_is_waived_is_not_booked(book: Books) -> None:
    """Only what is new beyond it is; and in part is in part."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    book.build(*THREE)
    book.waive(open_restatement(book), Decimal(7))
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, 0, 7, 3, OCTOBER, "booked")]
    book.waive(open_restatement(book))
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, 0, 10, 0, None, "settled")]
    rate(book, SEPTEMBER, 112)
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, 0, 10, 2, OCTOBER, "booked")]
    assert lines(book, OCTOBER)[0][:2] == ("correction", "2.0000")


@pytest.mark.parametrize(
    ("rated_now", "waived", "still_open"),
    [(110, 10, 0), (104, 4, 0), (100, 0, 0), (95, 0, -5), (130, 10, 20)],
)
def test_a_waiver_gives_nothing_away_that_is_no_longer_there(
    book: Books, rated_now: int, waived: int, still_open: int
) -> None:
    """10 over 100 were waived. When the vendor takes that back, the customer owes 100 as before."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    book.build(*THREE)
    book.waive(open_restatement(book))
    rate(book, SEPTEMBER, rated_now)
    book.build(*THREE)
    assert [row[3:5] for row in restatements(book)] == (
        [(waived, still_open)] if waived or still_open else []
    )


def test_what_was_waived_stays_waived_when_the_month_is_billed_anew(book: Books) -> None:
    """A void for another reason does not bring back what was given away."""
    number = issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    book.build(*THREE)
    book.waive(open_restatement(book))
    book.void(number)
    book.build(*THREE)
    assert [line[:2] for line in lines(book, SEPTEMBER)] == [
        ("usage", "110.0000"),
        ("correction", "-10.0000"),
    ]


def test_a_credit_that_is_waived_is_kept(book: Books) -> None:
    """A difference below zero can be waived as well: nothing is given back."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 60)
    book.build(*THREE)
    book.waive(open_restatement(book))
    book.build(*THREE)
    assert restatements(book) == [(SEPTEMBER, 100, 0, -40, 0, None, "settled")]
    assert lines(book, OCTOBER) == []


def test_a_commitment_or_percentage_that_changes_is_a_difference_like_any_other(book: Books) -> None:
    """Charges of no SKU are restated too, and so is one whose tax changed, at both taxes."""
    rate(book, SEPTEMBER, 100)
    book.charge(SEPTEMBER, CUSTOMER, 400, sku="", kind="commitment")
    book.charge(SEPTEMBER, CUSTOMER, 10, sku="book", kind="contract")
    book.build(*THREE)
    book.issue(SEPTEMBER, CUSTOMER)
    rate(book, SEPTEMBER, 130)
    book.charge(SEPTEMBER, CUSTOMER, 370, sku="", kind="commitment")
    book.charge(SEPTEMBER, CUSTOMER, 10, sku="book", kind="contract", tax_class="books")
    book.build(*THREE)
    assert book.ask(
        "SELECT sku, tax_class, amount, tax_percent FROM billing.draft_line WHERE month = ? ORDER BY ALL",
        OCTOBER,
    ) == [
        ("", "standard", -30, 21),
        ("book", "books", 10, 9),
        ("book", "standard", -10, 21),
        ("gb", "standard", 30, 21),
    ]


def test_a_price_that_changes_inside_a_month_is_no_doubled_quantity(book: Books) -> None:
    """Both halves of the month carry the quantity of the whole."""
    number = issued(book, SEPTEMBER, 100)
    book.uncharge(SEPTEMBER, CUSTOMER)
    half = date(2026, 9, 16)
    book.charge(SEPTEMBER, CUSTOMER, 55, quantity=Decimal(120), unit="GB", service_period_end=half)
    book.charge(
        SEPTEMBER,
        CUSTOMER,
        60,
        quantity=Decimal(120),
        unit="GB",
        service_period_start=half,
        charge_line_id="x",
    )
    book.build(*THREE)
    assert book.ask("SELECT description FROM billing.correction") == [
        (f"Correction of 2026-09 (invoice {number}): Storage, 120 instead of 100 GB",)
    ]


def test_a_correction_is_taxed_as_the_month_it_corrects(book: Books) -> None:
    """A rate that rose since does not reach back."""
    old = {"tax_code": "vat", "name": "VAT", "category": "S", "percent": Decimal(19), "valid_to": OCTOBER}
    new = {"tax_code": "vat", "name": "VAT", "category": "S", "percent": Decimal(21), "valid_from": OCTOBER}
    book.reference(tax_rate=[old, new])
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    rate(book, OCTOBER, 50)
    book.build(*THREE)
    assert book.ask(
        "SELECT percent, taxable, tax FROM billing.draft_tax WHERE month = ? ORDER BY percent", OCTOBER
    ) == [(19, 10, Decimal("1.9")), (21, 50, Decimal("10.5"))]


def test_who_left_is_still_corrected_under_the_old_name(book: Books) -> None:
    """No terms in the month of the correction: it is drafted all the same."""
    issued(book, SEPTEMBER, 100)
    book.uncharge(SEPTEMBER, CUSTOMER)
    book.connection.execute("DELETE FROM billing.customer_terms WHERE month > ?", [SEPTEMBER])
    book.build(*THREE)
    assert book.ask("SELECT billed_customer_name, net, tax FROM billing.invoice WHERE status = 'draft'") == [
        ("Customer ann", -100, -21)
    ]


def test_the_cost_that_changed_with_the_usage_is_corrected_with_it(book: Books) -> None:
    """What a month costs us now, less what its lines said; null when it is not known."""
    rate(book, SEPTEMBER, 100, cost_amount=Decimal(60))
    book.build(*THREE)
    book.issue(SEPTEMBER, CUSTOMER)
    rate(book, SEPTEMBER, 110, cost_amount=Decimal(66))
    book.build(*THREE)
    assert book.ask("SELECT cost_amount FROM billing.correction") == [(6,)]
    rate(book, SEPTEMBER, 110)
    book.build(*THREE)
    assert book.ask("SELECT cost_amount FROM billing.correction") == [(None,)]


def test_a_difference_that_is_booked_and_not_drafted_breaks_an_invariant(book: Books) -> None:
    """A draft that lacks what is to be booked on it is not published."""
    issued(book, SEPTEMBER, 100)
    rate(book, SEPTEMBER, 110)
    book.build(*THREE)
    book.connection.execute("DELETE FROM billing.draft_line WHERE kind = 'correction'")
    with pytest.raises(InvariantBroken, match="difference to an earlier month"):
        book.verify(OCTOBER)


def test_the_year_may_turn_between(book: Books) -> None:
    """Months are dates, not numbers in a year."""
    january = next_month(DECEMBER)
    book.land(DECEMBER, january)
    issued(book, NOVEMBER, 100)
    book.close(DECEMBER)
    rate(book, NOVEMBER, 101)
    book.build(NOVEMBER, DECEMBER, january)
    assert [line[:3] for line in lines(book, january)] == [("correction", "1.0000", NOVEMBER)]
