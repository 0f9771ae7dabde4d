"""What a vendor invoices and nobody used or agreed to, and what it forgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.plants.estates import redstor_subscription, steady
from connectors.sandbox.plants.estates.redstor import GOOGLE
from connectors.sandbox.plants.plant import Finding, InvoiceLine, Lines, Plant, money
from connectors.sandbox.plants.prices import cost
from connectors.sandbox.plants.subject import Subject

Change = Callable[[Lines, date], Lines]


def plants(month: date) -> Iterator[Plant]:
    """Of Redstor's invoice of the month."""
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
