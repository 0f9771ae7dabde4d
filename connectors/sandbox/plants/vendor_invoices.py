"""What vendors invoice and nobody used or agreed to, what they forget, and orders that were never charged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.plants.estates import redstor_subscription, resellerclub_order, steady
from connectors.sandbox.plants.estates.redstor import GOOGLE
from connectors.sandbox.plants.plant import Finding, InvoiceLine, Lines, Plant, before, money
from connectors.sandbox.plants.prices import cost, in_euro, sell
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.resellerclub.estate import PLANS, ResellerClubDay, Transaction, costs_on

Change = Callable[[Lines, date], Lines]


def plants(month: date) -> Iterator[Plant]:
    """Of Redstor's invoice of the month, and of ResellerClub's charges in it."""
    yield _invoiced(
        "invoiced-more-than-used",
        "R-34",
        "Redstor invoices fifteen machines where twelve were protected.",
        Finding("R-34", "cost", month, money(cost("redstor", "RS-MACHINE", 3, month))),
        _line(quantity=Decimal(15), amount=cost("redstor", "RS-MACHINE", 15, month)),
        count=12,
    )
    yield _invoiced(
        "invoiced-less-than-billed",
        "R-34",
        "Redstor invoices four machines where nine were protected, and billed by us.",
        Finding("R-34", "over_bill", month, money(cost("redstor", "RS-MACHINE", 5, month))),
        _line(quantity=Decimal(4), amount=cost("redstor", "RS-MACHINE", 4, month)),
        count=9,
    )
    yield _invoiced(
        "invoiced-in-gibibytes",
        "R-34",
        "Redstor counts a thousand gigabytes beyond fair use as if they were gibibytes.",
        Finding(
            "R-34",
            "cost",
            month,
            money(money(cost("redstor", "RS-OVERAGE", "1073.741824", month)) - Decimal(30)),
        ),
        _line(
            sku="RS-OVERAGE",
            quantity=Decimal("1073.741824"),
            amount=money(cost("redstor", "RS-OVERAGE", "1073.741824", month)),
        ),
        count=4,
        overage_bytes=1000 * 10**9,
    )
    yield _invoiced(
        "invoiced-for-half-the-month",
        "R-34",
        "Redstor invoices ten machines for the first fifteen days alone.",
        Finding(
            "R-34",
            "over_bill",
            month,
            money(cost("redstor", "RS-MACHINE", 10, month))
            - _half(month, cost("redstor", "RS-MACHINE", 10, month)),
        ),
        _line(
            service_end=month + timedelta(days=15),
            amount=_half(month, cost("redstor", "RS-MACHINE", 10, month)),
        ),
        count=10,
    )
    yield _invoiced(
        "invoiced-at-another-price",
        "R-33",
        "Redstor invoices ten Google seats at ten cents more than the cost card has.",
        Finding("R-33", "cost", month, money("1.00")),
        _line(amount=cost("redstor", "RS-GOOGLE", 10, month) + 1, unit_price=Decimal("1.1")),
        product=GOOGLE,
        count=10,
    )
    yield _invoiced(
        "left-out-by-the-vendor",
        "R-32",
        "Redstor's invoice has no line for eight machines.",
        Finding("R-32", "control", month, money(cost("redstor", "RS-MACHINE", 8, month))),
        lambda _: (),
        count=8,
    )
    yield _invoiced_for_nothing(month)
    yield _unknown_product(month)
    yield _without_accounts(month)
    yield _order_overcharged(month)
    yield _order_without_charge(month)
    yield _charge_without_order(month)
    yield _order_past_its_end(month)


def _invoiced(
    kind: str,
    code: str,
    meaning: str,
    finding: Finding,
    change: Callable[[InvoiceLine], tuple[InvoiceLine, ...]],
    **figures: Any,
) -> Plant:
    """A customer at Redstor whose lines of the invoice are others."""
    subject = Subject(kind)

    def invoice(lines: Lines, _: date) -> Lines:
        return tuple(
            other
            for line in lines
            for other in (change(line) if line.account_id == subject.redstor else (line,))
        )

    return Plant(
        kind=kind,
        vendor="redstor",
        code=code,
        meaning=meaning,
        findings=(finding,),
        redstor=steady(redstor_subscription, subject, **figures),
        reference=subject.of("redstor"),
        invoice=invoice,
    )


def _line(sku: str = "", **cells: Any) -> Callable[[InvoiceLine], tuple[InvoiceLine, ...]]:
    """Changes the line of a SKU, or every one."""
    return lambda line: (line._replace(**cells) if sku in {"", line.sku} else line,)


def _half(month: date, amount: Decimal) -> Decimal:
    """Of an amount what is for the first fifteen days of a month."""
    days = (month + timedelta(days=31)).replace(day=1) - month
    return money(amount * 15 / days.days)


def _added(vendor_line: Callable[[Lines, date], InvoiceLine]) -> Change:
    return lambda lines, month: (*lines, vendor_line(lines, month))


def _invoiced_for_nothing(month: date) -> Plant:
    subject = Subject("invoiced-for-nothing")

    def line(lines: Lines, of: date) -> InvoiceLine:
        return lines[0]._replace(
            account_id=subject.redstor,
            product="Machine",
            sku="RS-MACHINE",
            quantity=Decimal(7),
            unit="workloads",
            unit_price=Decimal("2.9"),
            amount=cost("redstor", "RS-MACHINE", 7, of),
        )

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-32",
        meaning="Redstor invoices seven machines of a company that nobody knows.",
        findings=(Finding("R-32", "cost", month, money(cost("redstor", "RS-MACHINE", 7, month))),),
        invoice=_added(line),
    )


def _unknown_product(month: date) -> Plant:
    subject = Subject("invoiced-as-something-new")

    def line(lines: Lines, _: date) -> InvoiceLine:
        return lines[0]._replace(
            account_id=subject.redstor,
            product="Archive",
            sku="",
            quantity=Decimal(3),
            unit="TB",
            unit_price=Decimal(15),
            amount=Decimal(45),
        )

    return Plant(
        kind=subject.kind,
        vendor="redstor",
        code="R-34",
        meaning="Redstor invoices an archive that is sold as nothing.",
        findings=(Finding("R-34", "leak", month, money("45")),),
        redstor=steady(redstor_subscription, subject, count=2),
        reference=subject.of("redstor"),
        invoice=_added(line),
    )


def _without_accounts(month: date) -> Plant:
    def invoice(lines: Lines, of: date) -> Lines:
        azure = [line for line in lines if line.sku == "RS-AZURE"]
        quantity = sum((line.quantity for line in azure), Decimal(5))
        whole = azure[0]._replace(
            account_id="", quantity=quantity, amount=money(cost("redstor", "RS-AZURE", quantity, of))
        )
        return (*(line for line in lines if line.sku != "RS-AZURE"), whole)

    return Plant(
        kind="invoiced-more-in-all",
        vendor="redstor",
        code="R-31",
        meaning="Redstor invoices Azure machines in one line for all companies, five more than there were.",
        findings=(Finding("R-31", "cost", month, money(cost("redstor", "RS-AZURE", 5, month))),),
        invoice=invoice,
    )


def _price(months: int, on: date) -> Decimal:
    """What a term of the plan of all plants costs."""
    return costs_on(PLANS[0], on)[months]


def _euro(dollars: Decimal, on: date) -> Decimal:
    return money(in_euro("resellerclub", money(dollars), on))


def _order_overcharged(month: date) -> Plant:
    subject, day = Subject("order-overcharged"), month + timedelta(days=4)
    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-33",
        meaning="ResellerClub charged four dollars more for an order than its price list says.",
        findings=(Finding("R-33", "cost", month, _euro(Decimal(4), month)),),
        resellerclub=steady(
            resellerclub_order, subject, gib=50, created_on=day, paid=_price(12, day) + Decimal(4)
        ),
        reference=subject.of("resellerclub"),
    )


def _order_without_charge(month: date) -> Plant:
    subject, day = Subject("order-without-charge"), month + timedelta(days=8)

    def change(shown: ResellerClubDay, on: date) -> ResellerClubDay:
        told = resellerclub_order(shown, on, subject, gib=50, created_on=day)
        return replace(told, transactions=shown.transactions)

    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="An order at ResellerClub that our account was not charged for.",
        findings=(Finding("R-56", "control", month, _euro(_price(12, day), month)),),
        resellerclub=change,
        reference=subject.of("resellerclub"),
    )


def _charge_without_order(month: date) -> Plant:
    subject, day = Subject("charge-without-order"), month + timedelta(days=10)
    charged = Transaction(
        700_000_000 + subject.number,
        datetime.combine(day, time(9), UTC),
        "invoice",
        700_000_000 + subject.number,
        PLANS[0].product_key,
        Decimal("-19.990"),
        "Addition: Acronis Backup Personal",
    )

    def change(shown: ResellerClubDay, on: date) -> ResellerClubDay:
        if on < day:
            return shown
        rows = (*shown.transactions, charged)
        return replace(shown, transactions=tuple(sorted(rows, key=lambda row: (row.at, row.transaction_id))))

    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="ResellerClub charged our account for an order that it does not list.",
        findings=(Finding("R-56", "cost", month, _euro(Decimal("19.99"), month)),),
        resellerclub=change,
    )


def _order_past_its_end(month: date) -> Plant:
    subject, day = Subject("order-past-its-end"), before(month) + timedelta(days=9)
    after = (month + timedelta(days=31)).replace(day=1)
    unpaid = (after - (month + timedelta(days=9))).days
    worth = sell("RC-STORAGE", 100, month) * unpaid / (after - month).days
    return Plant(
        kind=subject.kind,
        vendor="resellerclub",
        code="R-56",
        meaning="An order at ResellerClub that ended on the tenth and is active all the same.",
        findings=(Finding("R-56", "leak", month, money(worth)),),
        resellerclub=steady(resellerclub_order, subject, gib=100, created_on=day, months=1),
        reference=subject.of("resellerclub"),
    )
