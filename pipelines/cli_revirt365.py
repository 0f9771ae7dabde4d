"""`backup-billing revirt365`: a draft of the contract file from the vendor's Postman collection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from dotenv import load_dotenv

from pipelines.settings import PROJECT
from pipelines.terminal import HERE, out, refuse

app = typer.Typer(help="ReVirt365, whose vendor publishes no list of endpoints.", no_args_is_help=True)


@app.callback()
def revirt365() -> None:
    """ReVirt365, whose vendor publishes no list of endpoints."""


@app.command("import-collection")
def import_collection(
    file: Annotated[Path, typer.Argument(help="Postman's export of the vendor's collection (v2.1).")],
    section: Annotated[
        str, typer.Option(help="Take only requests under this folder: distributor or reseller.")
    ] = "",
) -> None:
    """Draft the contract file from the vendor's Postman collection, and say what a person must fill in.

    The draft is written to REVIRT365_CONTRACT, or to revirt365-contract.toml in the project's root.
    """
    from connectors.errors import NotConfigured
    from connectors.revirt365.collection import NoCollection, read_collection
    from connectors.revirt365.connection import Revirt365Connection
    from connectors.revirt365.contract_file import read_contract
    from connectors.revirt365.draft import draft

    load_dotenv(PROJECT / ".env", override=False)
    default = Revirt365Connection.model_fields["contract"].default
    target = PROJECT / (os.environ.get("REVIRT365_CONTRACT") or default)
    if target.exists():
        refuse(f"{target} is there already: move it away to have a new draft")
    try:
        text = draft(read_collection((HERE / file).read_bytes()), section)
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")
    except NoCollection as error:
        refuse(f"{file} {error}")
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        refuse(f"{target} cannot be written: {error.strerror}")
    out.print(f"wrote {target}", highlight=False)
    try:
        read_contract(target)
    except NotConfigured as unfinished:
        out.print("It is not finished:", highlight=False)
        for line in str(unfinished).splitlines():
            out.print(f"  {line}", highlight=False)
    else:
        out.print("It is complete; check it with: backup-billing doctor", highlight=False)
