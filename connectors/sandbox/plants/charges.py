"""Faults in billing what was used: the draft of the last month is made of charges that were altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from connectors.sandbox.plants.machines import (
    MACHINES,
    SKU,
    charge_again,
    machines,
    own_price,
    recharge,
    uncharge,
)
from connectors.sandbox.plants.plant import Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject, add
from connectors.sandbox.rate_cards import sell_card


def plants(month: date) -> Iterator[Plant]:
    """Quantities, then prices."""
    yield from _quantities(month)
    yield from _prices(month)


def _quantities(month: date) -> Iterator[Plant]:
    price = sell(SKU, 1, month)

    def of_machines(kind: str, quantity: int) -> str:
        return recharge(kind, month, f"quantity = {quantity}, exact_amount = {quantity * price}")

    kind = "usage-not-billed"
    yield machines(
        kind,
        "R-14",
        "Twenty machines that no line bills.",
        Finding("R-14", "leak", month, money(MACHINES * price)),
        uncharge(kind, month),
    )
    kind = "too-few-billed"
    yield machines(
        kind,
        "R-15",
        "Twelve machines are billed where twenty are used.",
        Finding("R-15", "leak", month, money(8 * price)),
        of_machines(kind, 12),
    )
    kind = "too-many-billed"
    yield machines(
        kind,
        "R-15",
        "Twenty-five machines are billed where twenty are used.",
        Finding("R-15", "over_bill", month, money(5 * price)),
        of_machines(kind, 25),
    )
    azure = sell("RS-AZURE", 3, month)
    kind = "billed-without-usage"
    yield machines(
        kind,
        "R-16",
        "Three virtual machines are billed to a customer that has none.",
        Finding("R-16", "over_bill", month, money(azure)),
        charge_again(kind, month, sku="'RS-AZURE'", quantity=3, unit_price=azure / 3, exact_amount=azure),
    )


def _prices(month: date) -> Iterator[Plant]:
    price = sell(SKU, 1, month)
    kind = "price-of-no-list"
    yield machines(
        kind,
        "R-26",
        "Machines are billed at a price that the list never had.",
        Finding("R-26", "over_bill", month, money(MACHINES * Decimal("0.25"))),
        recharge(
            kind, month, "unit_price = unit_price + 0.25, exact_amount = exact_amount + quantity * 0.25"
        ),
    )
    kind = "list-price-in-place-of-its-own"
    yield machines(
        kind,
        "R-30",
        "A customer with a price of its own is billed at that of the list.",
        Finding("R-30", "over_bill", month, money(MACHINES * (price - 4))),
        recharge(kind, month, f"unit_price = {price}, exact_amount = {MACHINES * price}"),
        reference=_priced(kind, "4", month),
    )
    kind = "price-of-zero"
    yield machines(
        kind,
        "R-30",
        "A customer's own price is 0 from this month on.",
        Finding("R-30", "leak", month, money(MACHINES * price)),
        reference=_priced(kind, "0", month),
    )
    kind = "line-of-other-figures"
    yield machines(
        kind,
        "R-28",
        "A line asks for ten euro more than its quantity and price give.",
        Finding("R-28", "over_bill", month, money("10")),
        recharge(kind, month, "exact_amount = exact_amount + 10"),
    )
    kind = "below-the-floor"
    yield machines(
        kind,
        "R-29",
        "Machines are sold in London for less than they cost.",
        Finding("R-29", "leak", month, money(MACHINES * Decimal("1.5"))),
        reference=_in_london(kind, "1.5"),
    )
    kind = "rate-of-no-set"
    yield machines(
        kind,
        "R-41",
        "A price in dollars is converted at a rate that is not the frozen one.",
        Finding("R-41", "over_bill", month, money(MACHINES * 5 * Decimal("0.1"))),
        recharge(kind, month, f"fx_rate = fx_rate + 0.1, exact_amount = {MACHINES * 5} * (fx_rate + 0.1)"),
        reference=_in_dollars(kind, "5"),
    )


def _priced(kind: str, price: str, since: date) -> Callable[[Tables], None]:
    """The customer has a price of its own."""

    def reference(tables: Tables) -> None:
        subject = Subject(kind)
        subject.of("redstor")(tables)
        own_price(tables, sell_card("EUR"), subject.customer_id, price, since)

    return reference


def _in_london(kind: str, price: str) -> Callable[[Tables], None]:
    """The customer is billed by the entity that has a margin floor, at a price of its own in pounds."""

    def reference(tables: Tables) -> None:
        subject, card = Subject(kind), sell_card("GBP")
        market = {"billing_entity_id": "NW-UK", "tax_code": "UK-STANDARD", "country": "GB", "tax_id": ""}
        subject.sign_up(tables, currency="GBP", rate_card=card, **market)
        subject.map(tables, "redstor")
        own_price(tables, card, subject.customer_id, price)

    return reference


def _in_dollars(kind: str, price: str) -> Callable[[Tables], None]:
    """The customer's prices are in another currency than its invoice."""

    def reference(tables: Tables) -> None:
        subject, card = Subject(kind), "USD-2024"
        add(tables, "rate_card", rate_card=card, name="In dollars", side="sell", currency="USD")
        own_price(tables, card, "", price)
        subject.sign_up(tables, rate_card=card)
        subject.map(tables, "redstor")

    return reference
