"""Credit notes mirror the invoice, never take back more than it has, and draw from the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.clock import VARIABLE
from warehouse.invoicing.credit import credit
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.void import void
from warehouse.register import DOCUMENTS, Content, Kind, Register

CENT = Decimal("0.01")
REGISTERED = "2026-12-01T09:00:00Z"
Taxed = tuple[int, int]
"""Cents of a line, and its percent."""
EXAMPLE: list[Taxed] = [(1000, 21), (333, 21), (-200, 21), (1999, 9), (0, 21)]


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def invoice(number: str, lines: list[Taxed]) -> Content:
    """An invoice of these lines."""
    amounts = [CENT * cents for cents, _ in lines]
    taxes = []
    for percent in sorted({percent for _, percent in lines}):
        taxable = sum((CENT * cents for cents, its in lines if its == percent), Decimal(0))
        taxes.append(
            {
                "name": f"VAT {percent} %",
                "category": "S",
                "percent": Decimal(percent),
                "taxable": taxable,
                "tax": rounded(taxable * percent / 100),
            }
        )
    net, tax = sum(amounts, Decimal(0)), sum((row["tax"] for row in taxes), Decimal(0))
    return {
        "document_id": f"id of {number}",
        "kind": "invoice",
        "number": number,
        "month": date(2026, 10, 1),
        "billing_entity_id": "us",
        "billed_customer_id": "acme",
        "currency": "EUR",
        "minor_unit": CENT,
        "seller": {"invoice_prefix": "US", "time_zone": "UTC"},
        "issued_by": "Bob",
        "lines": [
            {
                "line_no": line_no,
                "description": "Storage",
                "quantity": Decimal(2),
                "exact_amount": amount,
                "amount": amount,
                "tax_category": "S",
                "tax_percent": Decimal(percent),
            }
            for line_no, (amount, (_, percent)) in enumerate(zip(amounts, lines, strict=True), start=1)
        ],
        "taxes": taxes,
        "net": net,
        "tax": tax,
        "total": net + tax,
    }


def issue(home: Path, *invoices: list[Taxed]) -> None:
    with Register(home).writing() as transaction:
        for lines in invoices:
            number = f"US-2026-{transaction.numbers('US-2026') + 1:06}"
            transaction.append(
                Kind.ISSUE, number, "Bob", invoice(number, lines), refers_to=f"{home}/{number}"
            )


@pytest.fixture(autouse=True, scope="module")
def _clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, REGISTERED)
        yield


@contextmanager
def home_with(*invoices: list[Taxed]) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        issue(Path(folder), *invoices)
        yield Path(folder)


def give(home: Path, reason: str = "late", **named: Any) -> Content:
    return credit(home, "US-2026-000001", "cy", "dan", reason, **named).content


def refusal(home: Path, reason: str = "late", **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        give(home, reason, **named)
    return str(caught.value)


def test_a_whole_credit_note_is_the_mirror_image() -> None:
    """Every line, tax and total with the other sign, and nothing is left then."""
    with home_with(EXAMPLE) as home:
        original, note = invoice("US-2026-000001", EXAMPLE), give(home)
        assert [Decimal(line["amount"]) for line in note["lines"]] == [
            -line["amount"] for line in original["lines"]
        ]
        assert {Decimal(line["quantity"]) for line in note["lines"]} == {Decimal(-2)}
        assert [(Decimal(tax["taxable"]), Decimal(tax["tax"])) for tax in note["taxes"]] == [
            (-tax["taxable"], -tax["tax"]) for tax in original["taxes"]
        ]
        assert Decimal(note["total"]) == -original["total"]
        assert (note["number"], note["reference_number"]) == ("US-2026-000002", "US-2026-000001")
        assert (note["prepared_by"], note["issued_by"], note["reason"]) == ("cy", "dan", "late")
        assert refusal(home, "more") == "nothing is left of US-2026-000001: it is credited whole"


def test_lines_are_credited_whole_or_in_part_at_their_own_rates() -> None:
    """A part has no quantity; the tax is of the rate of the line."""
    with home_with(EXAMPLE) as home:
        note = give(home, lines={1: Decimal("2.50"), 4: None})
        assert [(line["credited_line_no"], line["amount"], line["quantity"]) for line in note["lines"]] == [
            (1, "-2.50", None),
            (4, "-19.99", "-2"),
        ]
        assert [(tax["percent"], tax["taxable"], tax["tax"]) for tax in note["taxes"]] == [
            ("9", "-19.99", "-1.80"),
            ("21", "-2.50", "-0.53"),
        ]
        assert note["total"] == "-24.82"
        assert [line["amount"] for line in give(home, lines={1: None})["lines"]] == ["-7.50"]


def test_an_amount_is_shared_out_to_the_lines_to_the_cent() -> None:
    """By what is left of each, with the largest remainders; the lines sum to the amount."""
    with home_with([(100, 21), (100, 21), (100, 21)]) as home:
        note = give(home, amount=Decimal("1.00"))
        assert [line["amount"] for line in note["lines"]] == ["-0.34", "-0.33", "-0.33"]
        assert (note["net"], note["tax"]) == ("-1.00", "-0.21")


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"lines": {9: None}}, "line 9 of US-2026-000001 does not exist: it has lines 1 to 5"),
        (
            {"lines": {1: Decimal("10.01")}},
            "line 1 of US-2026-000001 cannot be credited with 10.01: 10.00 is left",
        ),
        (
            {"lines": {1: Decimal(-1)}},
            "line 1 of US-2026-000001 cannot be credited with -1: 10.00 is left of it",
        ),
        ({"lines": {5: None}}, "line 5 of US-2026-000001 cannot be credited with 0.00: 0.00 is left of it"),
        ({"lines": {3: None}}, "US-2026-000001 has 11.33 at VAT 21 % and 0 of it is credited: another -2.00"),
        (
            {"lines": {1: None, 2: None}},
            "US-2026-000001 has 11.33 at VAT 21 % and 0 of it is credited: another 13.33",
        ),
        (
            {"amount": Decimal("31.33")},
            "US-2026-000001 cannot be credited with 31.33: 31.32 net is left of it",
        ),
        ({"amount": Decimal(0)}, "US-2026-000001 cannot be credited with 0: 31.32 net is left of it"),
        ({"amount": Decimal("0.001")}, "0.001 EUR is no amount: its smallest is 0.01"),
    ],
)
def test_more_than_there_is_cannot_be_credited(named: dict[str, Any], sentence: str) -> None:
    """Not of a line, not of a tax, not of the whole."""
    with home_with(EXAMPLE) as home:
        assert refusal(home, **named).startswith(sentence.format("US-2026-000001"))
        assert Register(home).head().seq == 1


def test_the_same_credit_twice_needs_another_reason() -> None:
    """A command that was stopped behind its commit is not done twice by doing it again."""
    with home_with(EXAMPLE) as home:
        give(home, amount=Decimal(5))
        assert refusal(home, "LATE", amount=Decimal(5)) == (
            "US-2026-000001 was credited with 5.00 for that reason already, as US-2026-000002; where this is "
            "another credit, give another reason"
        )
        assert give(home, "and again", amount=Decimal(5))["number"] == "US-2026-000003"


def test_a_credit_note_and_a_void_invoice_are_not_credited() -> None:
    """Both say why."""
    with home_with(EXAMPLE, EXAMPLE) as home:
        note = give(home)["number"]
        with pytest.raises(Refused, match=f"{note} is a credit note itself: void it"):
            credit(home, note, "cy", "dan", "x")
        void(home, "US-2026-000002", "eve", "x")
        with pytest.raises(Refused, match="US-2026-000002 was voided by eve"):
            credit(home, "US-2026-000002", "cy", "dan", "x")


LINES = st.lists(st.tuples(st.integers(-5_000, 100_000), st.sampled_from((0, 9, 21))), min_size=1, max_size=5)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("issue", "void", "whole", "line", "part", "amount")),
        st.integers(1, 12),
        st.integers(1, 5),
        st.integers(-3_000, 60_000),
    ),
    min_size=1,
    max_size=14,
)


def do(home: Path, step: int, act: str, which: int, line: int, cents: int, lines: list[Taxed]) -> None:
    number, people = f"US-2026-{which:06}", ("cy", "dan", f"reason {step}")
    if act == "issue":
        issue(home, lines)
    elif act == "void":
        void(home, number, "eve", "x")
    elif act == "whole":
        credit(home, number, *people)
    elif act == "amount":
        credit(home, number, *people, amount=CENT * cents)
    else:
        credit(home, number, *people, lines={line: CENT * cents if act == "part" else None})


@settings(max_examples=100, deadline=None)
@given(invoices=st.lists(LINES, min_size=1, max_size=3), steps=STEPS)
def test_whatever_is_done_numbers_have_no_gaps_and_credits_stay_within(
    invoices: list[list[Taxed]], steps: list[tuple[str, int, int, int]]
) -> None:
    """After any sequence, refused steps among it: chain, numbers, sums, and what is left of each invoice."""
    with home_with(*invoices) as home:
        for step, values in enumerate(steps):
            head = Register(home).head()
            try:
                do(home, step, *values, invoices[0])
            except Refused:
                assert Register(home).head() == head
        Register(home).verify()
        entries = list(Register(home).entries())
        void_ones = {entry.subject for entry in entries if entry.kind is Kind.VOID}
        documents = [entry.content for entry in entries if entry.kind in DOCUMENTS]
        assert [document["number"] for document in documents] == [
            f"US-2026-{n:06}" for n in range(1, len(documents) + 1)
        ]
        for document in documents:
            check_sums(document)
            if document["kind"] == "invoice":
                notes = [
                    note
                    for note in documents
                    if note.get("reference_number") == document["number"] and note["number"] not in void_ones
                ]
                check_within(document, notes)


def check_sums(document: Content) -> None:
    """Lines sum to net, taxes to tax, both to the total."""
    net, tax, total = (Decimal(document[name]) for name in ("net", "tax", "total"))
    assert sum(Decimal(line["amount"]) for line in document["lines"]) == net
    assert sum(Decimal(row["taxable"]) for row in document["taxes"]) == net
    assert sum(Decimal(row["tax"]) for row in document["taxes"]) == tax
    assert net + tax == total


def check_within(document: Content, notes: list[Content]) -> None:
    """What was given back of each line, tax and total lies between nothing and all of it; whole is whole."""

    def within(back: Decimal, of: Decimal) -> bool:
        return min(of, Decimal(0)) <= -back <= max(of, Decimal(0))

    given_back: dict[int, Decimal] = {}
    for line in document["lines"]:
        back = sum(
            (
                Decimal(row["amount"])
                for note in notes
                for row in note["lines"]
                if row["credited_line_no"] == line["line_no"]
            ),
            Decimal(0),
        )
        given_back[line["line_no"]] = back
        assert within(back, Decimal(line["amount"]))
    for row in document["taxes"]:
        of = [each for note in notes for each in note["taxes"] if each["percent"] == row["percent"]]
        for name in ("taxable", "tax"):
            assert within(sum((Decimal(each[name]) for each in of), Decimal(0)), Decimal(row[name]))
    assert within(sum((Decimal(note["net"]) for note in notes), Decimal(0)), Decimal(document["net"]))
    if all(given_back[line["line_no"]] == -Decimal(line["amount"]) for line in document["lines"]) and notes:
        assert sum(Decimal(note["total"]) for note in notes) == -Decimal(document["total"])
