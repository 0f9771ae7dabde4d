"""Faults in billing what was agreed: a desk at 80 a month, and a commitment."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.plants.machines import MACHINES, SKU, charge_again, machines, recharge, uncharge
from connectors.sandbox.plants.plant import Finding, Plant, Tables, money
from connectors.sandbox.plants.prices import sell
from connectors.sandbox.plants.subject import Subject, add

DESK = Decimal(80)
LONG_AGO = date(2025, 1, 1)
CONTRACT = "kind = 'contract'"


def plants(month: date) -> Iterator[Plant]:
    """Of the last month, which is a draft."""
    kind = "contract-that-ended"
    yield machines(
        kind,
        "R-17",
        "The service desk is billed for a month before which its contract ended.",
        Finding("R-17", "over_bill", month, money(DESK)),
        f"UPDATE reference.contract SET valid_to = DATE '{month}' WHERE contract_id = '{_number(kind)}'",
        reference=_contract(kind),
    )
    kind = "billed-twice"
    yield machines(
        kind,
        "R-21",
        "The service desk stands on an invoice twice.",
        Finding("R-21", "over_bill", month, money(DESK)),
        charge_again(kind, month, CONTRACT),
        reference=_contract(kind),
    )
    kind = "month-left-out"
    yield machines(
        kind,
        "R-22",
        "The service desk is on no invoice for a month.",
        Finding("R-22", "leak", month, money(DESK)),
        uncharge(kind, month, CONTRACT),
        reference=_contract(kind),
    )
    kind = "part-charged-whole"
    _, days = monthrange(month.year, month.month)
    yield machines(
        kind,
        "R-37",
        "A contract that began on the sixteenth is charged for the whole month.",
        Finding("R-37", "over_bill", month, money(DESK * 15 / days)),
        recharge(kind, month, f"exact_amount = {DESK}, rule = split_part(rule, ';', 1)", CONTRACT),
        reference=_contract(kind, since=month + timedelta(days=15)),
    )
    kind = "commitment-not-made-up"
    yield machines(
        kind,
        "R-36",
        "What is missing to a commitment of 200 a month is not charged.",
        Finding("R-36", "leak", month, money(200 - sell(SKU, MACHINES, month))),
        uncharge(kind, month, "kind = 'commitment'"),
        reference=_commitment(kind, "200"),
    )


def _number(kind: str) -> str:
    return f"K-{kind}"


def _contract(kind: str, since: date = LONG_AGO) -> Callable[[Tables], None]:
    """The customer has a contract of one item."""

    def reference(tables: Tables) -> None:
        own = _agree(tables, kind, since)
        figures = {"quantity": "1", "unit_price": str(DESK), "billed": "arrears", "proration": "actual"}
        add(tables, "contract_item", item_id="desk", sku="SERVICE-DESK", **figures, **own)

    return reference


def _commitment(kind: str, amount: str) -> Callable[[Tables], None]:
    """The customer has committed itself to an amount each month."""

    def reference(tables: Tables) -> None:
        own = _agree(tables, kind, LONG_AGO)
        add(tables, "commitment", commitment_id="month", sku="*", amount=amount, period="month", **own)

    return reference


def _agree(tables: Tables, kind: str, since: date) -> dict[str, str]:
    """A contract with the customer; what its parts have in common."""
    subject = Subject(kind)
    subject.of("redstor")(tables)
    own = {"contract_id": _number(kind), "valid_from": since.isoformat()}
    add(tables, "contract", customer_id=subject.customer_id, name="Care", **own)
    return own
