"""Commands that check what was issued: verify, explain, evidence, verify-evidence."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipelines.terminal import out, refuse, settings_or_refuse


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
