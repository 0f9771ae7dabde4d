"""Commands that check what was issued: verify, explain, evidence, verify-evidence, rebuild --as-known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import Settings
from pipelines.terminal import HERE, out, refuse, settings_or_refuse

AsKnown = Annotated[
    str | None,
    typer.Option("--as-known", help="As it was known at this instant, as 2026-11-03T09:00:00+01:00."),
]
To = Annotated[Path | None, typer.Option("--to", help="The file for --as-known.")]


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


def rebuild_as_known(settings: Settings, instant: str | None, to: Path | None) -> None:
    """Write a warehouse file with what was known at an instant."""
    from connectors.clock import parse_instant
    from warehouse.as_known import rebuild_as_known as build
    from warehouse.invariants import InvariantBroken
    from warehouse.reference.archive import ArchiveUnusable
    from warehouse.register import RegisterBroken

    if instant is None or to is None:
        refuse("--as-known and --to go together: an instant, and the file to write")
    path = HERE / to
    if path.resolve() == settings.warehouse.resolve():
        refuse(f"{to} is the published warehouse: name another file")
    try:
        at = parse_instant(instant)
    except ValueError:
        refuse(f"--as-known is {instant!r}, not an instant; for example 2026-11-03T09:00:00+01:00")
    try:
        build(settings.home, at, path)
    except (ArchiveUnusable, RegisterBroken, InvariantBroken, OSError) as error:
        refuse(str(error), status=1)
    out.print(f"wrote {path}, as it was known at {at.isoformat()}", highlight=False)
