"""What a credit note takes back: amounts of lines and taxes, never more than is left of the invoice.

Amounts are seen from the invoice: of a line of 10.00, taking back 10.00 is all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

from warehouse.invoicing.refusal import Refused
from warehouse.register import Content

ZERO = Decimal(0)
Group = tuple[str, Decimal]
"""Category and percent of a tax."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is taken back of one line.

    Attributes:
        row: the invoice's line.
        amount: net, of the sign of the line.
        is_whole: whether it is all of a line of which nothing was taken back before.
    """

    row: Content
    amount: Decimal
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Tax:
    """What is taken back of one tax of the invoice, whose `row` it is."""

    row: Content
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """What a credit note takes back of an invoice."""

    lines: list[Line]
    taxes: list[Tax]

    @property
    def net(self) -> Decimal:
        """Before tax."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """Of all categories."""
        return sum((tax.tax for tax in self.taxes), ZERO)


def credit_all(invoice: Content, earlier: Sequence[Content]) -> Credit:
    """All that is left of every line."""
    left = _left(invoice, earlier)
    if earlier and not any(left.values()):
        raise Refused(f"nothing is left of {invoice['number']}: it is credited whole")
    return _credit(invoice, earlier, {line: amount for line, amount in left.items() if amount or not earlier})


def credit_lines(invoice: Content, earlier: Sequence[Content], lines: Mapping[int, Decimal | None]) -> Credit:
    """An amount, or all that is left, of some lines.

    Raises:
        Refused: there is no such line, or less is left of it.
    """
    left = _left(invoice, earlier)
    taken = {}
    for number, amount in sorted(lines.items()):
        where = f"line {number} of {invoice['number']}"
        if number not in left:
            raise Refused(f"{where} does not exist: it has lines 1 to {len(left)}")
        taken[number] = left[number] if amount is None else amount
        _in_units(taken[number], invoice)
        if not taken[number] or not _within(taken[number], left[number]):
            raise Refused(f"{where} cannot be credited with {taken[number]}: {left[number]} is left of it")
    return _credit(invoice, earlier, taken)


def credit_amount(invoice: Content, earlier: Sequence[Content], amount: Decimal) -> Credit:
    """A net amount, shared out to the lines by what is left of them, by largest remainder.

    Raises:
        Refused: less is left of the invoice.
    """
    left = _left(invoice, earlier)
    whole = sum(left.values(), ZERO)
    _in_units(amount, invoice)
    if not amount or not _within(amount, whole):
        raise Refused(f"{invoice['number']} cannot be credited with {amount}: {whole} net is left of it")
    unit = Decimal(invoice["minor_unit"])
    with localcontext(prec=60):
        # Each line's share is amount x line / whole units: whole numbers until the end.
        shares = {number: int(amount / unit) * int(line / unit) for number, line in left.items()}
        parts = int(whole / unit)
    if parts < 0:
        shares, parts = {number: -share for number, share in shares.items()}, -parts
    units = {number: share // parts for number, share in shares.items()}
    over = int(amount / unit) - sum(units.values())
    for number in sorted(shares, key=lambda number: (-(shares[number] % parts), number))[:over]:
        units[number] += 1
    return _credit(invoice, earlier, {number: unit * n for number, n in units.items() if n})


def _credit(invoice: Content, earlier: Sequence[Content], taken: Mapping[int, Decimal]) -> Credit:
    rows = {row["line_no"]: row for row in invoice["lines"]}
    before = {line["credited_line_no"] for note in earlier for line in note["lines"]}
    lines = [
        Line(rows[number], amount, number not in before and amount == Decimal(rows[number]["amount"]))
        for number, amount in taken.items()
    ]
    credit = Credit(lines, list(_taxes(invoice, earlier, lines)))
    so_far = sum((-Decimal(note["net"]) for note in earlier), ZERO)
    if not _within(so_far + credit.net, Decimal(invoice["net"])):
        raise Refused(
            f"{invoice['number']} is of {invoice['net']} net and {so_far} of it is credited: another "
            f"{credit.net} would be more than all of it"
        )
    return credit


def _taxes(invoice: Content, earlier: Sequence[Content], lines: Iterable[Line]) -> Iterable[Tax]:
    """The tax of what is taken back.

    All that was taken back of a category and percent is taxed together, and what earlier notes had of it
    is left out: so rounding never adds up to more than the invoice's tax, and whole is whole.
    """
    taxable = defaultdict[Group, Decimal](Decimal)
    before = defaultdict[Group, Decimal](Decimal)
    taxed = defaultdict[Group, Decimal](Decimal)
    for line in lines:
        taxable[line.row["tax_category"], Decimal(line.row["tax_percent"])] += line.amount
    for note in earlier:
        for row in note["taxes"]:
            before[_group(row)] -= Decimal(row["taxable"])
            taxed[_group(row)] -= Decimal(row["tax"])
    for row in invoice["taxes"]:
        group = _group(row)
        if group not in taxable:
            continue
        of_invoice, so_far = Decimal(row["taxable"]), before[group] + taxable[group]
        if not _within(so_far, of_invoice):
            raise Refused(
                f"{invoice['number']} has {of_invoice} at {row['name']} and {before[group]} of it is "
                f"credited: another {taxable[group]} would be more than all of it"
            )
        due = Decimal(row["tax"]) if so_far == of_invoice else _tax(so_far, group[1], invoice)
        # After a note was voided, the others may have had more of the rounding than their own.
        yield Tax(row, taxable[group], _step(taxed[group], due, Decimal(row["tax"])))


def _tax(taxable: Decimal, percent: Decimal, invoice: Content) -> Decimal:
    unit = Decimal(invoice["minor_unit"])
    with localcontext(prec=60):
        units = (taxable * percent / 100 / unit).quantize(Decimal(1), ROUND_HALF_UP)
    return units * unit


def _step(taxed: Decimal, due: Decimal, whole: Decimal) -> Decimal:
    """From what is taxed to what is due, toward the invoice's tax and not beyond it."""
    if whole < 0:
        return -_step(-taxed, -due, -whole)
    return max(min(due, whole) - taxed, ZERO)


def _group(row: Content) -> Group:
    return row["category"], Decimal(row["percent"])


def _left(invoice: Content, earlier: Sequence[Content]) -> dict[int, Decimal]:
    """What is left of each line, by its number."""
    left = {row["line_no"]: Decimal(row["amount"]) for row in invoice["lines"]}
    for note in earlier:
        for row in note["lines"]:
            left[row["credited_line_no"]] += Decimal(row["amount"])
    return left


def _within(part: Decimal, whole: Decimal) -> bool:
    """Whether an amount lies between nothing and the whole, whichever sign that has."""
    return min(whole, ZERO) <= part <= max(whole, ZERO)


def _in_units(amount: Decimal, invoice: Content) -> None:
    unit = Decimal(invoice["minor_unit"])
    if not amount.is_finite() or amount != (amount / unit).to_integral_value(ROUND_FLOOR) * unit:
        raise Refused(f"{amount} {invoice['currency']} is no amount: its smallest is {unit.normalize()}")
