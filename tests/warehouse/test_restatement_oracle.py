"""Years of a few customers in random steps, against an account kept in fractions by other means."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from invoiced import DECEMBER, NOVEMBER, OCTOBER, SEPTEMBER, Books, books

MONTHS = (SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER)
CUSTOMERS = tuple(f"c{n:02}" for n in range(16))
NIGHTS = 14
SKUS = ("gb", "book", "")
Group = tuple[str, str]
"""Customer and SKU."""
Opened = dict[tuple[str, date], list[tuple[str, str, Decimal, Decimal]]]
"""Id, SKU, open and rated amount, by customer and restated month."""


@dataclass(frozen=True)
class Step:
    """What happens to one customer: other charges for a month, or a document."""

    customer: str
    month: date
    what: str
    amounts: tuple[Decimal, ...]


@dataclass
class Account:
    """What is rated, issued and waived, as a list of what happened."""

    rated: dict[tuple[date, str], dict[str, Fraction]] = field(default_factory=dict)
    invoices: list[Issued] = field(default_factory=list)
    closed: set[date] = field(default_factory=set)
    waivers: dict[tuple[date, Group], list[tuple[Fraction, Fraction]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def live(self, customer: str, month: date) -> Issued | None:
        found = [i for i in self.invoices if not i.voided and (i.customer, i.month) == (customer, month)]
        return found[0] if found else None

    def is_billed(self, customer: str, month: date) -> bool:
        return month in self.closed or self.live(customer, month) is not None

    def chargeable(self, month: date, group: Group) -> Fraction:
        """What is rated, less those parts of it that were given away (or kept) by somebody."""
        now = self.rated.get((month, group[0]), {}).get(group[1], Fraction(0))
        left = now
        for rated_then, waived in self.waivers[month, group]:
            rest = rated_then - waived
            low, high = min(rest, rated_then), max(rest, rated_then)
            reach = min(max(now, low), high)  # where in the waived part the amount now lies
            left -= reach - rest
        return left

    def charged(self, month: date, group: Group) -> Fraction:
        """By invoices that hold, for a month: its own and the corrections."""
        return sum(
            (
                amount
                for invoice in self.invoices
                if not invoice.voided and invoice.customer == group[0]
                for (of_month, sku), amount in invoice.lines
                if of_month == month and sku == group[1]
            ),
            Fraction(0),
        )

    def draft(self, customer: str, month: date) -> dict[tuple[date, str, bool], Fraction]:
        """Amount by month, SKU and whether it is a correction."""
        if self.is_billed(customer, month):
            return {}
        lines = {
            (month, sku, False): amount
            for sku, amount in self.rated.get((month, customer), {}).items()
            if amount
        }
        for earlier in MONTHS[: MONTHS.index(month) + 1]:
            if any(not self.is_billed(customer, between) for between in MONTHS if earlier <= between < month):
                continue  # an earlier month takes it
            for sku in SKUS:
                own = lines.get((month, sku, False), Fraction(0)) if earlier == month else Fraction(0)
                owed = (
                    self.chargeable(earlier, (customer, sku)) - self.charged(earlier, (customer, sku)) - own
                )
                if owed:
                    lines[earlier, sku, True] = owed
        return lines


@dataclass
class Issued:
    customer: str
    month: date
    number: str
    lines: list[tuple[tuple[date, str], Fraction]]
    voided: bool = False


def amounts(chance: random.Random) -> tuple[Decimal, ...]:
    """One amount for each SKU."""
    return tuple(
        chance.choice([Decimal(chance.randrange(-(10**9), 10**9)).scaleb(-6), Decimal(0), Decimal("0.005")])
        for _ in SKUS
    )


def night(chance: random.Random) -> list[Step]:
    """What happens between two builds: something to each customer, or a month that closes or opens."""
    if chance.random() < 0.2:
        return [Step("", chance.choice(MONTHS), chance.choice(["close", "reopen"]), ())]
    return [
        Step(
            customer,
            chance.choice(MONTHS),
            chance.choice(["rate", "rate", "issue", "issue", "issue", "void", "waive", "waive half"]),
            amounts(chance),
        )
        for customer in CUSTOMERS
    ]


def opened(book: Books) -> Opened:
    """The restatements that are not settled. Nothing but its own step of a night changes a customer's."""
    found: Opened = defaultdict(list)
    for customer, month, *told in book.ask(
        "SELECT billed_customer_id, restates_month, restatement_id, sku, open_amount, rated_amount "
        "FROM billing.restatement WHERE open_amount <> 0"
    ):
        found[customer, month].append(tuple(told))
    return found


def happen(book: Books, account: Account, step: Step, restatements: Opened) -> None:
    """Do a step in both, where it can be done."""
    live = account.live(step.customer, step.month)
    if step.what == "rate":
        book.uncharge(step.month, step.customer)
        account.rated[step.month, step.customer] = {}
        for sku, amount in zip(SKUS, step.amounts, strict=True):
            if amount:
                book.charge(step.month, step.customer, amount, sku=sku)
                account.rated[step.month, step.customer][sku] = Fraction(amount)
    elif step.what == "issue" and (lines := account.draft(step.customer, step.month)):
        number = book.issue(step.month, step.customer)
        issued = [((month, sku), amount) for (month, sku, _), amount in lines.items()]
        account.invoices.append(Issued(step.customer, step.month, number, issued))
    elif step.what == "void" and live:
        book.void(live.number)
        live.voided = True
    elif step.what == "close" and step.month not in account.closed:
        book.close(step.month)
        account.closed.add(step.month)
    elif step.what == "reopen" and step.month in account.closed:
        book.reopen(step.month)
        account.closed.remove(step.month)
    elif step.what.startswith("waive"):
        for found, sku, owed, rated in restatements[step.customer, step.month]:
            amount = owed if step.what == "waive" else (owed / 2).quantize(Decimal("0.000001"))
            book.waive(found, amount)
            account.waivers[step.month, (step.customer, sku)].append((Fraction(rated), Fraction(amount)))


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 10**9))
def test_whatever_happens_nobody_pays_twice_or_not_at_all(seed: int) -> None:
    """Charges, issues, voids, waivers, closes in any order: every draft is what the account says."""
    chance = random.Random(seed)
    with books() as book:
        account = Account()
        for month in MONTHS:
            book.terms(month, *CUSTOMERS)
            book.land(month)
            for customer in CUSTOMERS:
                happen(book, account, Step(customer, month, "rate", amounts(chance)), {})
        for _ in range(NIGHTS):
            book.build(*MONTHS)
            found = {
                (customer, month, restates or month, sku, restates is not None): Fraction(amount)
                for customer, month, restates, sku, amount in book.ask(
                    "SELECT billed_customer_id, month, restates_month, sku, exact_amount "
                    "FROM billing.draft_line"
                )
            }
            assert found == {
                (customer, month, *line): amount
                for customer in CUSTOMERS
                for month in MONTHS
                for line, amount in account.draft(customer, month).items()
            }
            restatements = opened(book)
            for step in night(chance):
                happen(book, account, step, restatements)
