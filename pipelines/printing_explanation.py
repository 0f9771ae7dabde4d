"""Where a line comes from, for people: rule, days, readings, raw rows and the answers they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from warehouse.audit.basis import Basis
from warehouse.audit.explain import Explanation, LineExplained
from warehouse.audit.metered import Usage
from warehouse.audit.raw_rows import Raw


def print_explanation(found: Explanation, out: Console) -> None:
    """Print each line as a tree of what it is made of, and then every answer of a vendor once."""
    document = found.document
    name = document["number"] or f"Draft {document['invoice_id']}"
    whose = f"{document['billed_customer_id']}, {str(document['month'])[:7]}"
    out.print(
        f"{name}: {whose}, net {_plain(document['net'])} {document['currency']}",
        style="bold",
        highlight=False,
    )
    answers = {key: place for place, key in enumerate(found.raw.responses, start=1)}
    told: dict[str, int] = {}
    for line in found.lines:
        out.print(_line(line, found.raw, answers, told), highlight=False)
    for text in _answers(found.raw, answers) if answers else ():
        out.print(text, highlight=False)


def _line(
    explained: LineExplained, raw: Raw, answers: dict[tuple[str, int], int], told: dict[str, int]
) -> Tree:
    """One line; usage that another line has `told` is not told again."""
    line = explained.line
    name = (f"Line {line['line_no']}", "bold")
    tree = Tree(Text.assemble(name, f"  {_plain(line['amount'])}  {line['description']}"))
    exact = f"exactly {_plain(line['exact_amount'])}"
    if line["quantity"] is not None:
        exact += f", for {_plain(line['quantity'])} {line['unit'] or ''}"
    tree.add(f"Rule: {line['rule']}; {exact}")
    tree.add(f"Line id: {line['invoice_line_id']}")
    for part in explained.basis:
        tree.add(f"From {part.what}").add(_rows(part))
    for usage in explained.usage:
        first = told.setdefault(usage.usage_record_id, line["line_no"])
        branch = tree.add(_usage_in_words(usage))
        if first == line["line_no"]:
            branch.add(_days(usage, raw, answers))
        else:
            branch.add(f"its days are told at line {first}")
    return tree


def _usage_in_words(usage: Usage) -> str:
    """How the quantity was metered, in a line."""
    filled = f", {usage.days_filled} filled ({usage.gap_policy})" if usage.days_filled else ""
    return (
        f"{_plain(usage.quantity)} of {usage.customer_id}: {usage.aggregation} of {usage.meter}, "
        f"{usage.vendor} ({usage.connection}), {usage.days_reported} of {usage.days_expected} days{filled}"
    )


def _days(usage: Usage, raw: Raw, answers: dict[tuple[str, int], int]) -> Table:
    table = Table(show_edge=False)
    table.add_column("day", no_wrap=True)
    table.add_column("day's figure", justify="right", no_wrap=True)
    table.add_column("from", overflow="fold")
    table.add_column("reading", justify="right", no_wrap=True)
    for column in ("account, resource", "quality", "raw row", "pull", "answer"):
        table.add_column(column, overflow="fold")
    for day in usage.days:
        cells = [str(day.usage_date), "" if day.quantity is None else _plain(day.quantity), day.how]
        for reading in day.readings:
            row = raw.rows[reading.pull_id, reading.row_no]
            of_row = f"{row.stream} {row.row_no}"
            answer = answers[reading.pull_id, row.response_no]
            what = f"{reading.account_id}, {reading.resource_id}"
            figure = f"{_plain(reading.quantity)} {reading.unit}"
            own = [figure, what, reading.quality, of_row, reading.pull_id, f"[{answer}]"]
            table.add_row(*cells, *own)
            cells = ["", "", ""]
        if not day.readings:
            table.add_row(*cells)
    return table


def _rows(part: Basis) -> Table:
    table = Table(show_edge=False)
    columns = list(dict.fromkeys(name for row in part.rows for name in row))
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in part.rows:
        table.add_row(*(_plain(row.get(name)) for name in columns))
    return table


def _answers(raw: Raw, answers: dict[tuple[str, int], int]) -> Iterator[str]:
    """Plain lines: a hash is to be copied."""
    yield "Answers of the vendors, by the SHA-256 of their bytes"
    for key, place in answers.items():
        answer = raw.responses[key]
        at = answer.received_at.isoformat(timespec="seconds")
        yield f"[{place}] {answer.sha256}  received {at}"
        yield f"    {answer.request}"
        yield f"    response {answer.response_no} of {answer.file}"


def _plain(cell: Any) -> str:
    """A cell as people write it; a number of the register is text."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, str) and cell.replace(".", "", 1).lstrip("-").isdecimal():
        return _plain(Decimal(cell))
    return str(cell)
