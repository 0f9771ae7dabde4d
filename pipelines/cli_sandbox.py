"""The commands `backup-billing sandbox`: the stand-in vendors, and what can be planted in their world."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.sandbox import CUSTOMERS
from pipelines.terminal import month_of, out, refuse, settings_or_refuse

if TYPE_CHECKING:
    from connectors.sandbox.plants.plant import Plant

Kinds = Annotated[
    list[str] | None,
    typer.Option(help="A discrepancy to plant, by kind; all for every one. Can be given more than once."),
]

app = typer.Typer(help="Stand-in vendors over one made-up world, for trying and testing.")


@app.command("serve")
def serve_vendors(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8700,
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="Size of the world.")] = CUSTOMERS,
    plant: Kinds = None,
) -> None:
    """Serve the stand-in vendors on 127.0.0.1 until Ctrl-C; their clock follows BACKUP_BILLING_NOW.

    The variables that point the connectors here are written to sandbox/sandbox.env in the data directory.
    With --plant the reference tables that go with the world are written beside them.
    """
    settings = settings_or_refuse()
    from connectors.sandbox.server import serve

    serve(
        port=port,
        customers=customers,
        zone=settings.zone,
        environment_file=settings.home / "sandbox" / "sandbox.env",
        plants=_served(plant, month_of(None)),
    )


@app.command("plants")
def list_plants() -> None:
    """List the discrepancies that can be planted: kind, vendor, the check that must find it, what it is."""
    from rich.table import Table

    from connectors.sandbox.plants.registry import plants

    table = Table("kind", "vendor", "check", "meaning", box=None, pad_edge=False)
    for plant in plants(month_of(None)).values():
        only_books = "" if plant.is_served else " (only in tests)"
        table.add_row(plant.kind, plant.vendor or "our books", plant.code, plant.meaning + only_books)
    out.print(table)


@app.command("invoices")
def invoices(
    month: Annotated[str | None, typer.Argument(help="As 2026-10; the last full month by default.")] = None,
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="Size of the world.")] = CUSTOMERS,
    plant: Kinds = None,
) -> None:
    """Write the invoices that the stand-in vendors send for a month, and how each is imported."""
    settings = settings_or_refuse()
    from connectors.sandbox.invoices import write_invoices
    from connectors.sandbox.world import World
    from warehouse.calendar import month_days

    first = month_of(month)
    folder = settings.home / "sandbox" / "invoices"
    world = World(customers, zone=settings.zone, plants=_served(plant, first))
    for written in write_invoices(world, first, folder):
        out.print(
            f"backup-billing import {written.file} --mapping {written.mapping.stem} "
            f"--date {month_days(first)[-1]} --sum {written.total}",
            highlight=False,
            soft_wrap=True,
        )


def _served(kinds: list[str] | None, month: date) -> tuple[Plant, ...]:
    """The plants of these kinds, wrong in that month."""
    from connectors.sandbox.plants.registry import served

    try:
        return served(kinds or (), month)
    except ValueError as error:
        refuse(str(error))
