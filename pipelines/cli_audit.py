"""Commands that check what was issued: verify, explain, evidence, verify-evidence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.terminal import HERE, out, refuse, settings_or_refuse


def verify(
    number: Annotated[
        str | None, typer.Argument(metavar="[NUMBER]", help="Of a document; all when left out.")
    ] = None,
) -> None:
    """Check register, reference, raw data and prices, and rate what was issued again from raw.

    What is wrong is a line each, and exit status 1.
    """
    settings = settings_or_refuse()
    from warehouse.audit.verify import verify as check
    from warehouse.invoicing.refusal import Refused

    try:
        found = check(settings.home, settings.reference, number)
    except Refused as error:
        refuse(str(error), status=1)
    if found.wrong:
        refuse(*found.wrong, status=1)
    out.print(str(found), highlight=False)


def explain(
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="Number of a document, or id of a draft or of a line.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Say why each line is what it is: price, readings of each day, raw rows and the vendor's answers."""
    settings = settings_or_refuse()
    from warehouse.audit.explain import explain as find
    from warehouse.audit.explain import to_json
    from warehouse.invoicing.refusal import Refused
    from warehouse.landing import RawDamaged
    from warehouse.reference.archive import ArchiveUnusable
    from warehouse.register import RegisterBroken

    try:
        found = find(settings.home, ref)
    except (Refused, RawDamaged, ArchiveUnusable, RegisterBroken) as error:
        refuse(str(error), status=1)
    if as_json:
        sys.stdout.buffer.write(to_json(found))
        return
    from pipelines.printing_explanation import print_explanation

    print_explanation(found, out)


def evidence(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Of an invoice, as NWE-2026-000001.")],
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The zip; NUMBER.zip when left out.")] = None,
) -> None:
    """Write a zip from which anybody with DuckDB computes an invoice again."""
    settings = settings_or_refuse()
    from warehouse.audit.evidence import evidence as write
    from warehouse.invoicing.refusal import Refused
    from warehouse.landing import RawDamaged
    from warehouse.reference.archive import ArchiveUnusable
    from warehouse.register import RegisterBroken

    path = HERE / (to or f"{number}.zip")
    try:
        files = write(settings.home, number, path)
    except (Refused, RawDamaged, ArchiveUnusable, RegisterBroken, OSError) as error:
        refuse(str(error), status=1)
    out.print(f"wrote {files} files to {path}", highlight=False)


def verify_evidence(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A zip that evidence wrote.")],
) -> None:
    """Check every byte of a zip of evidence, and compute its invoice again."""
    from warehouse.audit.verify_evidence import verify_evidence as check
    from warehouse.audit.zipped import EvidenceDamaged

    try:
        found = check(HERE / file)
    except EvidenceDamaged as damaged:
        refuse(*damaged.lines, status=1)
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}", status=1)
    if found.wrong:
        refuse(*found.wrong, status=1)
    out.print(
        f"{found.number}: {found.files} files are what was written, and {found.lines} lines are to the cent "
        f"what its readings give. Its entry in the register has the SHA-256 {found.entry_sha256}",
        highlight=False,
    )
