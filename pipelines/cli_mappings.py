"""`backup-billing mappings`: help with whose usage a vendor account is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.terminal import HERE, out, refuse, settings_or_refuse

app = typer.Typer(help="Whose usage a vendor account is.", no_args_is_help=True)


@app.callback()
def mappings() -> None:
    """Whose usage a vendor account is."""


@app.command()
def propose(
    vendor: Annotated[str | None, typer.Option(help="Only accounts of this vendor.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="CSV to write: a row for account_mapping.csv for each likeliest customer."),
    ] = None,
) -> None:
    """Propose customers for vendor accounts that nobody is mapped to, with a score and the reasons.

    Nothing is accepted: look at each, then add the rows that are right to account_mapping yourself.
    """
    import csv

    from rich.table import Table

    from connectors.vendor import vendors
    from warehouse.query import QueryRefused
    from warehouse.reconciliation.proposals import proposals

    if vendor is not None and vendor not in vendors():
        refuse(f"--vendor is {vendor!r}; there are {', '.join(vendors())}")
    try:
        found = proposals(settings_or_refuse().warehouse, vendor)
    except QueryRefused as error:
        refuse(str(error))
    if not found:
        out.print("Every vendor account is mapped or excluded.")
        return
    table = Table(title="Vendor accounts without a mapping")
    for name in ("account", "name", "usage", "customer", "its name", "score", "why"):
        table.add_column(name, justify="right" if name == "score" else "left", overflow="fold")
    for proposal in found:
        vendor_name, connection, account_id = proposal.account.key
        of = vendor_name if connection == "default" else f"{vendor_name} {connection}"
        shown = [f"{of} {account_id}", proposal.account.name, "yes" if proposal.account.is_used else ""]
        if not proposal.candidates:
            table.add_row(*shown, "", "", "", "nobody that it resembles")
        for candidate in proposal.candidates:
            likely = [
                candidate.customer_id,
                candidate.name,
                str(candidate.score),
                "; ".join(candidate.reasons),
            ]
            table.add_row(*shown, *likely)
            shown = ["", "", ""]
    out.print(table)
    if to is None:
        return
    from warehouse.reference.schema import TABLES

    (columns,) = (
        [column.name for column in each.columns] for each in TABLES if each.name == "account_mapping"
    )
    sure = [(each.account, each.best) for each in found if each.best]
    try:
        with (HERE / to).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            for account, best in sure:
                names = dict(zip(("vendor", "connection", "account_id"), account.key, strict=True))
                row = {**names, "state": "mapped", "customer_id": best.customer_id}
                writer.writerow({**row, "valid_from": account.first_day})
    except OSError as error:
        refuse(f"{to} cannot be written: {error.strerror}")
    out.print(
        f"{len(sure)} of {len(found)} written to {to}: check each before it goes into account_mapping.csv"
    )
