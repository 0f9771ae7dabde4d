"""The bridge of a month against the one before: each part by itself, and the sum of all, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.reconciliation.bridged import PARTS, bridge, parts, unexplained
from tests.warehouse.invoiced import NOVEMBER, OCTOBER, SEPTEMBER, Books, books, next_month

D = Decimal


@pytest.fixture
def book() -> Iterator[Books]:
    """Three months of one customer, landed."""
    with books() as made:
        for month in (SEPTEMBER, OCTOBER, NOVEMBER):
            made.terms(month, "ann")
            made.land(month)
        yield made


def use(book: Books, month: date, quantity: str, price: str = "0.5", **changed: object) -> None:
    """Usage of ann at a price."""
    figures = {"quantity": D(quantity), "unit_price": D(price), "rate_card": "card", **changed}
    book.charge(month, "ann", D(quantity) * D(price), **figures)


def both(book: Books) -> None:
    book.build(SEPTEMBER, OCTOBER)
    bridge(book, SEPTEMBER, OCTOBER)


def test_more_units_at_the_same_price_are_volume(book: Books) -> None:
    """In a tier that was there, and in one that was not."""
    use(book, SEPTEMBER, "100")
    use(book, OCTOBER, "120")
    use(book, OCTOBER, "10", "0.4", tier_no=2)
    both(book)
    assert parts(book, OCTOBER) == {"volume": D(14)}
    assert unexplained(book, SEPTEMBER, OCTOBER) == []


def test_another_price_of_a_tier_is_price_for_the_units_of_now(book: Books) -> None:
    """And the units that came are worth what a unit cost before."""
    use(book, SEPTEMBER, "100")
    use(book, OCTOBER, "120", "0.6")
    both(book)
    assert parts(book, OCTOBER) == {"price": D(12), "volume": D(10)}


def test_a_price_that_changed_inside_last_month_is_price(book: Books) -> None:
    """Each price of September stood for half of it: what October pays more for the same units is price."""
    middle = SEPTEMBER.replace(day=16)
    half = {"quantity": D(100), "rate_card": "card"}
    book.charge(SEPTEMBER, "ann", 50, unit_price=D(1), service_period_end=middle, **half)
    book.charge(
        SEPTEMBER,
        "ann",
        100,
        unit_price=D(2),
        service_period_start=middle,
        charge_line_id="later",
        **half,
    )
    use(book, OCTOBER, "100", "2")
    both(book)
    assert parts(book, OCTOBER) == {"price": D(50)}


def test_what_has_no_unit_price_follows_the_usage(book: Books) -> None:
    """A percentage, and what is missing to a minimum."""
    for month, amount in ((SEPTEMBER, 10), (OCTOBER, 13)):
        book.charge(month, "ann", amount, kind="percentage", rate_card="card")
        book.charge(month, "ann", 20 - amount, kind="minimum", rate_card="card")
    both(book)
    assert parts(book, OCTOBER) == {}
    assert book.ask("SELECT volume FROM reconciliation.bridge WHERE month = ?", OCTOBER) == [(D(0),)]


def test_another_price_list_is_price(book: Books) -> None:
    """Its tiers cannot be compared with those of the old one when they are in another currency."""
    use(book, SEPTEMBER, "100")
    use(book, OCTOBER, "100", "0.6", rate_card="dollars", price_currency="USD", fx_rate=D("0.9"))
    both(book)
    assert parts(book, OCTOBER) == {"price": D(10)}


def test_a_sku_that_comes_or_goes_is_new_or_lost(book: Books) -> None:
    """For each customer by itself, with all its lines; a contract is neither."""
    use(book, SEPTEMBER, "100")
    use(book, OCTOBER, "7", sku="book", tax_class="books")
    book.charge(OCTOBER, "ann", 30, kind="contract", sku="")
    book.charge(OCTOBER, "ann", -3, kind="discount")
    both(book)
    assert parts(book, OCTOBER) == {
        "new_business": D("3.5"),
        "lost_business": D(-50),
        "contract": D(27),
    }


def test_the_exchange_rate_of_a_price_is_fx(book: Books) -> None:
    """Prices in dollars, invoice in euro: 10 more units at the old rate, and all at the new one."""
    dollars = {"price_currency": "USD", "rate_card": "dollars"}
    book.charge(SEPTEMBER, "ann", D(45), quantity=D(100), unit_price=D("0.5"), fx_rate=D("0.9"), **dollars)
    book.charge(OCTOBER, "ann", D(44), quantity=D(110), unit_price=D("0.5"), fx_rate=D("0.8"), **dollars)
    both(book)
    assert parts(book, OCTOBER) == {"volume": D("4.5"), "fx": D("-5.5")}


@pytest.mark.parametrize("inverse", [False, True])
def test_an_invoice_in_another_currency_is_taken_into_the_books(book: Books, *, inverse: bool) -> None:
    """At the rate of its month, that of the other direction too; the change of what goes on is FX."""
    rates = [
        {
            "fx_set": "x",
            "from_currency": ("EUR", "GBP")[not inverse],
            "to_currency": ("GBP", "EUR")[not inverse],
            "rate": 1 / rate if inverse else rate,
            "source": "bank",
            "quoted_on": month,
            "valid_from": month,
            "valid_to": end,
        }
        for month, end, rate in (
            (SEPTEMBER, OCTOBER, D("1.25")),
            (OCTOBER, NOVEMBER, D("2")),
        )
    ]
    book.reference(fx_rate=rates)
    book.connection.execute("UPDATE billing.customer_terms SET currency = 'GBP'")
    pounds = {"currency": "GBP", "price_currency": "GBP"}
    use(book, SEPTEMBER, "100", **pounds)
    use(book, OCTOBER, "120", **pounds)
    use(book, OCTOBER, "1", "3", sku="book", **pounds)
    both(book)
    assert parts(book, OCTOBER) == {"volume": D("12.5"), "fx": D(45), "new_business": D(6)}
    assert set(book.ask("SELECT book_currency FROM reconciliation.bridge")) == {("EUR",)}
    assert unexplained(book, SEPTEMBER, OCTOBER) == []


def test_without_a_rate_the_invoice_keeps_its_currency(book: Books) -> None:
    """Nothing is left out, and nothing is added to euros that are none."""
    book.connection.execute("UPDATE billing.customer_terms SET currency = 'GBP'")
    use(book, OCTOBER, "10", currency="GBP", price_currency="GBP")
    both(book)
    assert book.ask("SELECT book_currency, difference FROM reconciliation.bridge") == [("GBP", D(5))]
    assert unexplained(book, SEPTEMBER, OCTOBER) == []


def test_corrections_and_credit_notes_are_no_volume(book: Books) -> None:
    """What is booked in October of September, and what is given back of October, stand by themselves."""
    use(book, SEPTEMBER, "100")
    book.build(SEPTEMBER)
    book.issue(SEPTEMBER, "ann")
    book.uncharge(SEPTEMBER, "ann")
    use(book, SEPTEMBER, "104")
    use(book, OCTOBER, "100")
    both(book)
    assert parts(book, OCTOBER) == {"correction": D(2)}
    book.issue(OCTOBER, "ann")
    book.build(OCTOBER)
    book.connection.execute(
        "INSERT INTO billing.document BY NAME SELECT * REPLACE ('note' AS document_id, 'US-9' AS number, "
        "'credit_note' AS kind, 1 AS lines, -10 AS net, -2.1 AS tax, -12.1 AS total) FROM billing.document "
        "WHERE month = ?",
        [OCTOBER],
    )
    book.connection.execute(
        "INSERT INTO billing.document_line BY NAME SELECT * REPLACE ('note' AS document_id, "
        "-10 AS amount, -10 AS exact_amount, 'credited' AS invoice_line_id) FROM billing.document_line "
        "WHERE month = ? AND kind = 'usage'",
        [OCTOBER],
    )
    bridge(book, OCTOBER)
    assert parts(book, OCTOBER) == {"correction": D(-8)}
    assert unexplained(book, OCTOBER) == []


def test_a_net_that_its_lines_do_not_explain_is_found(book: Books) -> None:
    """To the cent, for the customer it is about, in the month of the document and in the one after it."""
    use(book, SEPTEMBER, "100")
    use(book, OCTOBER, "100")
    book.build(SEPTEMBER, OCTOBER)
    book.issue(SEPTEMBER, "ann")
    book.build(SEPTEMBER, OCTOBER)
    book.connection.execute("UPDATE billing.document SET net = net + 7.03")
    bridge(book, SEPTEMBER, OCTOBER)
    in_september, in_october = unexplained(book, SEPTEMBER, OCTOBER)
    assert (in_september["month"], in_september["amount_at_risk"]) == (SEPTEMBER, D("7.03"))
    assert (in_october["month"], in_october["amount_at_risk"]) == (OCTOBER, D("7.03"))
    assert (in_october["direction"], in_october["severity"]) == ("control", "warns")
    assert in_october["difference"] == D("7.03")
    assert in_october["sentence"] == (
        "The documents of Customer ann add up to 50 EUR after 57.03 the month before, and their lines "
        "explain a change of 0 only: compare the nets of these documents with their lines "
        "(backup-billing bridge --month 2026-10 --customer ann)."
    )


def test_documents_whose_lines_are_gone_are_found(book: Books) -> None:
    """A customer that the bridge does not know is compared as well."""
    use(book, OCTOBER, "100")
    book.build(OCTOBER)
    book.issue(OCTOBER, "ann")
    book.build(OCTOBER)
    book.connection.execute("DELETE FROM billing.document_line")
    bridge(book, OCTOBER)
    (finding,) = unexplained(book, OCTOBER)
    assert (finding["billed_customer_id"], finding["amount_at_risk"]) == ("ann", D(50))


exact = st.one_of(
    st.integers(-(10**19), 10**19).map(lambda n: D(n).scaleb(-15)),
    st.integers(-2000, 2000).map(lambda n: D(n).scaleb(-3)),
).filter(bool)
lines = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["own", "below"]),
        "sku": st.sampled_from(["gb", "book", ""]),
        "kind": st.sampled_from(
            ["usage", "usage", "included", "cost_plus", "minimum", "contract", "discount"]
        ),
        "tier_no": st.integers(1, 2),
        "service_period_start": st.sampled_from([1, 11, 21]),
        "price_currency": st.sampled_from(["EUR", "USD"]),
        "rate_card": st.sampled_from(["card", "card", "other"]),
        "unit_price": st.one_of(st.none(), st.integers(-50, 10**10).map(lambda n: D(n).scaleb(-7))),
        "exact_amount": exact,
    }
)
MONTHS = (SEPTEMBER, OCTOBER, NOVEMBER)
CURRENCIES = {"EUR": ("EUR", "EUR"), "GBP": ("GBP", "EUR"), "JPY": ("EUR", "JPY"), "CHF": ("CHF", "USD")}
"""Of invoices: which way its rate is kept. From francs none leads into the books."""
customers = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(sorted(CURRENCIES)),
        "lines": st.tuples(*(st.lists(lines, max_size=8) for _ in MONTHS)),
        "september": st.sampled_from(["draft", "issued", "voided"]),
    }
)
rates = st.integers(10**5, 10**11).map(lambda n: D(n).scaleb(-9))


def write(book: Books, name: str, customer: dict[str, Any], dollars: list[Decimal]) -> None:
    """The charges of three months."""
    book.connection.execute(
        "UPDATE billing.customer_terms SET currency = ? WHERE customer_id = ?", [customer["currency"], name]
    )
    for month, rows, rate in zip(MONTHS, customer["lines"], dollars, strict=True):
        for place, row in enumerate(rows):
            changed = {
                "billed_customer_id": name,
                "currency": customer["currency"],
                "charge_line_id": f"{name}{month}{place}",
                "fx_rate": rate if row["price_currency"] == "USD" else None,
                "service_period_start": month.replace(day=row["service_period_start"]),
            }
            book.charge(month, name, row["exact_amount"], **{**row, **changed})


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    st.lists(customers, min_size=10, max_size=25),
    st.lists(rates, min_size=3, max_size=3),
    st.lists(rates, min_size=3, max_size=3),
)
def test_the_parts_always_sum_exactly(
    many: list[dict[str, Any]], dollars: list[Decimal], quoted: list[Decimal]
) -> None:
    """To the last decimal, row by row and with the documents, whatever stands on them; rounding is cents."""
    with books() as book:
        names = [f"c{n}" for n in range(len(many))]
        book.reference(
            fx_rate=[
                {
                    "fx_set": "x",
                    "from_currency": source,
                    "to_currency": target,
                    "rate": rate,
                    "source": "bank",
                }
                | {"quoted_on": month, "valid_from": month, "valid_to": next_month(month)}
                for source, target in CURRENCIES.values()
                if source != target
                for month, rate in zip(MONTHS, quoted, strict=True)
            ]
        )
        for month in MONTHS:
            book.terms(month, *names)
            book.land(month)
        for name, customer in zip(names, many, strict=True):
            write(book, name, customer, dollars)
        book.build(*MONTHS)
        for name, customer in zip(names, many, strict=True):
            if customer["september"] != "draft" and customer["lines"][0]:
                number = book.issue(SEPTEMBER, name)
                book.charge(
                    SEPTEMBER, name, D("12.345"), charge_line_id=f"late{name}", currency=customer["currency"]
                )
                if customer["september"] == "voided":
                    book.void(number)
        book.build(*MONTHS)
        bridge(book, *MONTHS)
        rows = book.ask(
            f"SELECT difference, amount_now - amount_before, {' + '.join(PARTS)} FROM reconciliation.bridge"
        )
        assert all(difference == change == total for difference, change, total in rows)
        bridged = {
            (name, month): total
            for name, month, total in book.ask(
                f"SELECT billed_customer_id, month, sum({' + '.join(PARTS)}) "
                "FROM reconciliation.bridge GROUP BY ALL"
            )
        }
        booked = {
            (currency, month): rate
            for currency, month, rate in book.ask(
                "SELECT currency, month, rate FROM reconciliation.book_rate"
            )
        }
        nets: dict[tuple[str, date], Decimal] = {}
        for name, month, currency, net in book.ask(
            "SELECT billed_customer_id, month, currency, net FROM billing.invoice WHERE status <> 'voided'"
        ):
            nets[name, month] = nets.get((name, month), D(0)) + net * booked.get((currency, month), 1)
        for before, now in pairwise(MONTHS):
            for name in names:
                assert bridged.get((name, now), 0) == nets.get((name, now), 0) - nets.get((name, before), 0)
        assert unexplained(book, *MONTHS) == []
