"""Drafts, documents and the register's order: each finding with its money, and the cases beside it."""

from __future__ import annotations

import pytest

from tests.reconciliation.sold import Sold
from tests.warehouse.invoiced import NOVEMBER, OCTOBER

SUMS, LINE, TAX = "document_arithmetic", "line_recomputed", "tax_treatment"
SERIES, CREDIT, OPEN = "document_series", "credit_note", "restatement_open"
EVERY = (SUMS, LINE, TAX, SERIES, CREDIT, OPEN)
NOTE = """
INSERT INTO billing.document BY NAME
SELECT * REPLACE (
    concat('n', {place}) AS document_id, concat('US-2026-00000', {place}) AS number, 1000 + {place} AS seq,
    'credit_note' AS kind, {reference} AS reference_number, 'Too much' AS reason, 1 AS lines,
    -{amount} AS net, -{amount} * 0.21 AS tax, -{amount} * 1.21 AS total
)
FROM billing.document WHERE number = 'US-2026-000001'
"""
NOTE_LINE = """
INSERT INTO billing.document_line BY NAME
SELECT line.* REPLACE (
    concat('n', {place}) AS document_id, NULL AS quantity, NULL AS unit_price, NULL AS price_currency,
    -{amount} AS exact_amount, -{amount} AS amount, 'line 1, in part' AS rule
)
FROM billing.document_line AS line
INNER JOIN billing.document AS document ON document.document_id = line.document_id
WHERE document.number = 'US-2026-000001' AND line.line_no = 1
"""
NOTE_TAX = """
INSERT INTO billing.document_tax BY NAME
SELECT tax.* REPLACE (concat('n', {place}) AS document_id, -{amount} AS taxable, -{amount} * 0.21 AS tax)
FROM billing.document_tax AS tax
INNER JOIN billing.document AS document ON document.document_id = tax.document_id
WHERE document.number = 'US-2026-000001'
"""


@pytest.fixture
def shop(shop: Sold) -> Sold:
    """Two months at 50 net each: October is issued, November a draft."""
    shop.price(unit_price="0.5")
    shop.used("100")
    shop.used("100", month=NOVEMBER)
    shop.bill()
    shop.issue(OCTOBER)
    return shop


def credit(shop: Sold, place: int, amount: str, reference: str = "'US-2026-000001'") -> None:
    """A note over a part of the first line of the invoice."""
    for statement in (NOTE, NOTE_LINE, NOTE_TAX):
        shop.alter(statement.format(place=place, amount=amount, reference=reference))


def test_what_adds_up_is_no_finding(shop: Sold) -> None:
    """Invoices, a draft, and a note over a part of an invoice."""
    credit(shop, 2, "20")
    assert [finding for check in EVERY for finding in shop.finds(check)] == []


@pytest.mark.parametrize(
    ("change", "direction", "amount"),
    [
        ("net = 49, total = 49 + tax", "leak", "1"),
        ("total = 61", "over_bill", "0.5"),
        ("tax = 10, total = net + 10", "leak", "0.5"),
    ],
)
def test_a_document_that_does_not_add_up_says_by_how_much(
    shop: Sold, change: str, direction: str, amount: str
) -> None:
    """50 net, 10.50 tax and 60.50 in total."""
    shop.alter(f"UPDATE billing.document SET {change}")
    assert shop.finds(SUMS) == [("R-27", direction, 10, amount)]


def test_a_draft_that_does_not_add_up_is_found(shop: Sold) -> None:
    """It states more than its lines."""
    shop.alter("UPDATE billing.draft SET net = 53, total = 53 + tax")
    assert shop.finds(SUMS) == [("R-27", "over_bill", 11, "3")]
    assert shop.look(SUMS)[0]["stops"] == "issue"


def test_a_line_that_is_gone_from_a_document_is_found(shop: Sold) -> None:
    """And its tax is of no lines."""
    shop.alter("DELETE FROM billing.document_line")
    assert shop.finds(SUMS) == [("R-27", "over_bill", 10, "50")]
    assert shop.finds(TAX) == [("R-42", "over_bill", 10, "10.5")]


def abroad(shop: Sold) -> None:
    """Ann buys in dollars, and is billed in euro at 0.9."""
    shop.reference["rate_card"][0]["currency"] = "USD"
    shop.has(
        "fx_rate",
        fx_set="S",
        from_currency="USD",
        to_currency="EUR",
        rate="0.9",
        source="Bank",
        quoted_on=OCTOBER,
    )
    shop.alter("DELETE FROM billing.document; DELETE FROM billing.document_line")
    shop.alter("DELETE FROM billing.register_entry; DELETE FROM billing.document_tax")
    shop.bill()
    assert [finding for check in EVERY for finding in shop.finds(check)] == []


def test_another_rate_than_the_frozen_one_is_money(shop: Sold) -> None:
    """50 USD at 0.92 are 46 EUR, at 0.9 they are 45."""
    abroad(shop)
    shop.recharge("fx_rate = 0.92, exact_amount = 46", "month = DATE '2026-11-01'")
    assert shop.finds(SUMS) == [("R-41", "over_bill", 11, "1")]
    assert shop.finds(LINE) == []


def test_a_rate_that_nobody_froze_is_found(shop: Sold) -> None:
    """All of the line's money hangs on it."""
    abroad(shop)
    shop.alter("DELETE FROM reference.fx_rate")
    assert shop.finds(SUMS) == [("R-41", "control", 10, "45"), ("R-41", "control", 11, "45")]


def test_an_amount_finer_than_its_currency_is_found(shop: Sold) -> None:
    """Half a cent."""
    shop.alter("UPDATE billing.document_line SET amount = 50.005, exact_amount = 50.005")
    shop.alter("UPDATE billing.document SET net = 50.005, total = 50.005 + tax")
    assert ("R-41", "control", 10, "0.01") in shop.finds(SUMS)


@pytest.mark.parametrize("table", ["document_line", "draft_line"])
def test_a_line_that_its_own_figures_do_not_give_is_found(shop: Sold, table: str) -> None:
    """100 at 0.5 are 50, and not 48."""
    shop.alter(f"UPDATE billing.{table} SET exact_amount = 48, amount = 48")
    assert shop.finds(LINE) == [("R-28", "leak", 10 if table == "document_line" else 11, "2")]


def test_cents_that_are_not_those_of_the_exact_amount_are_found(shop: Sold) -> None:
    """Whoever rounds takes less than a cent."""
    shop.alter("UPDATE billing.document_line SET amount = 50.01")
    assert shop.finds(LINE) == [("R-28", "over_bill", 10, "0.01")]


def test_every_kind_of_line_is_worked_out_by_its_rule(shop: Sold) -> None:
    """Each is 1 more than its rule says."""
    shop.price("tape", "percentage", percent="10", basis="disk", minimum="7.25")
    shop.price("care", "cost_plus", percent="20", maximum="4")
    shop.cost("care", unit_price="2")
    shop.used("3", "care", month=NOVEMBER)
    shop.has("discount", customer_id="ann", discount_id="d", sku="*", percent="5", reason="Loyalty")
    shop.has("contract", contract_id="k", customer_id="ann", name="Care")
    shop.has("contract_item", contract_id="k", item_id="i", sku="care", quantity="2", unit_price="3")
    shop.has("commitment", contract_id="k", commitment_id="c", sku="*", amount="900", period="month")
    shop.land(OCTOBER, "2026-12-01")
    shop.usage[0]["quantity"] += 20
    shop.bill()
    kinds = shop.connection.execute(
        "SELECT DISTINCT kind FROM billing.draft_line WHERE month = DATE '2026-11-01' ORDER BY kind"
    ).fetchall()
    assert [kind for (kind,) in kinds] == [
        *("commitment", "contract", "correction", "cost_plus", "discount"),
        *("maximum", "minimum", "percentage", "usage"),
    ]
    assert shop.finds(LINE) == []
    shop.alter("UPDATE billing.draft_line SET exact_amount = exact_amount + 1, amount = amount + 1")
    found = shop.finds(LINE)
    assert len(found) == len(shop.connection.execute("FROM billing.draft_line").fetchall())
    assert set(found) == {("R-28", "over_bill", 11, "1")}


def test_a_line_whose_figures_cannot_be_read_is_found(shop: Sold) -> None:
    """All of its money hangs on its rule, whatever it comes to."""
    shop.has("discount", customer_id="ann", discount_id="d", sku="*", percent="5", reason="Loyalty")
    shop.bill()
    discount = "kind = 'discount' AND month = DATE '2026-11-01'"
    shop.recharge("rule = 'Loyalty'", discount)
    (finding,) = shop.look(LINE)
    assert "ann has -2.5 EUR, and its own figures cannot be read (Loyalty): build" in finding["sentence"]
    assert shop.finds(LINE) == [("R-28", "control", 11, "2.5")]
    shop.recharge("exact_amount = -40", discount)
    assert shop.finds(LINE) == [("R-28", "control", 11, "40")]


@pytest.mark.parametrize(("change", "direction"), [("tax = 10.51", "over_bill"), ("tax = 10.49", "leak")])
def test_a_tax_that_is_not_its_percentage_is_found(shop: Sold, change: str, direction: str) -> None:
    """21 % of 50."""
    shop.alter(f"UPDATE billing.document_tax SET {change}")
    assert shop.finds(TAX) == [("R-42", direction, 10, "0.01")]


def test_lines_that_nothing_says_how_to_tax_are_stopped(shop: Sold) -> None:
    """With what they are worth."""
    shop.reference["tax_rate"] = []
    shop.bill()
    (finding,) = shop.look(TAX)
    assert (finding["code"], finding["amount_at_risk"], finding["stops"]) == ("R-42", 50, "issue")
    assert "add tax code NL with this class" in finding["sentence"]


def test_reverse_charge_without_a_number_is_stopped(shop: Sold) -> None:
    """Until the customer has one."""
    shop.reference["tax_rate"][0] |= {"category": "AE", "percent": 0 * shop.usage[0]["quantity"]}
    shop.reference["tax_rate"][0] |= {"exemption_reason": "Reverse charge"}
    shop.bill()
    (finding,) = shop.look(TAX)
    assert "needs its VAT number" in finding["sentence"]
    shop.reference["customer"][0]["tax_id"] = "NL1"
    shop.bill()
    assert shop.finds(TAX) == []


@pytest.mark.parametrize(
    ("place", "change", "what"),
    [
        (3, "number = 'US-2026-000002'", "The number before US-2026-000002 is none"),
        (1, "po_number = '1'", "US-2026-000001 was given twice"),
        (2, "issue_date = DATE '2026-11-05'", "before US-2026-000001 of 2026-11-05"),
    ],
)
def test_a_series_has_no_gap_no_number_twice_and_goes_by_day(
    shop: Sold, place: int, change: str, what: str
) -> None:
    """The first is 000001, of 2 November; a note of that day follows it."""
    credit(shop, place, "20")
    shop.alter(f"UPDATE billing.document SET {change} WHERE kind = 'invoice'")
    (finding,) = shop.look(SERIES)
    assert (finding["code"], finding["direction"], finding["stops"]) == ("R-40", "control", "close")
    assert what in finding["sentence"]


def test_an_invoice_for_a_closed_month_is_found(shop: Sold) -> None:
    """A note for it may be given."""
    credit(shop, 2, "20")
    assert shop.finds(SERIES) == []
    shop.alter("UPDATE billing.document SET seq = 2000 WHERE kind = 'invoice'")
    assert shop.finds(SERIES) == [("R-43", "control", 10, "50")]


def test_a_draft_in_a_closed_month_is_found(shop: Sold) -> None:
    """November was closed behind its back."""
    shop.alter(
        f"INSERT INTO billing.register_entry SELECT * REPLACE (seq + 500 AS seq, DATE '{NOVEMBER}' AS month) "
        "FROM billing.register_entry WHERE kind = 'close'"
    )
    assert shop.finds(SERIES) == [("R-43", "control", 11, "50")]


@pytest.mark.parametrize(
    ("body", "found"), [("{}", 1), ('{"approved_by": "cleo"}', 1), ('{"approved_by": "Dan"}', 0)]
)
def test_a_month_is_opened_again_by_two(shop: Sold, body: str, found: int) -> None:
    """Cleo wants it; she cannot approve it herself."""
    shop.alter(
        "INSERT INTO billing.register_entry SELECT * REPLACE (seq + 500 AS seq, 'reopen' AS kind, ? AS body) "
        "FROM billing.register_entry WHERE kind = 'close'",
        body,
    )
    assert [finding["code"] for finding in shop.look(SERIES)] == ["R-43"] * found


def test_more_than_a_line_is_not_to_be_given_back(shop: Sold) -> None:
    """20 and 35 of 50; a note that was voided does not count."""
    credit(shop, 2, "20")
    credit(shop, 3, "35")
    assert shop.finds(CREDIT) == [("R-45", "leak", 10, "5")]
    shop.alter(
        "INSERT INTO billing.register_entry SELECT * REPLACE (seq + 500 AS seq, 'void' AS kind, "
        "'n3' AS subject) FROM billing.register_entry WHERE kind = 'close'"
    )
    assert shop.finds(CREDIT) == []


@pytest.mark.parametrize("reference", ["NULL", "'US-2020-000009'"])
def test_a_note_names_an_invoice_that_stands(shop: Sold, reference: str) -> None:
    """All that it gives back is at risk."""
    credit(shop, 2, "20", reference)
    assert shop.finds(CREDIT) == [("R-45", "leak", 10, "20")]


def test_the_same_reason_again_and_again_has_a_cause(shop: Sold) -> None:
    """Three in a year are borne, the fourth is told."""
    for place in (2, 3, 4):
        credit(shop, place, "5")
    assert shop.finds(CREDIT) == []
    credit(shop, 5, "5")
    assert shop.finds(CREDIT) == [("R-45", "control", 10, "5")]


def test_a_difference_that_no_month_can_take_is_open(shop: Sold) -> None:
    """20 more at 0.5, while both months are issued; as soon as another is landed it is booked there."""
    shop.issue(OCTOBER, NOVEMBER)
    shop.usage[0]["quantity"] += 20
    shop.bill()
    (finding,) = shop.look(OPEN)
    assert (finding["code"], finding["direction"], finding["amount_at_risk"]) == ("R-24", "leak", 10)
    assert (finding["expected"], finding["actual"], finding["stops"]) == (120, 100, "close")
    shop.land(NOVEMBER.replace(month=12))
    assert shop.finds(OPEN) == []
