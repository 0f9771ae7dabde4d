"""Are the landed files of a pull what they were when it was committed? What is not is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from warehouse.landing import Pull, RawDamaged, Status
from warehouse.landing.pull import fingerprint, is_sealed
from warehouse.landing.responses import accepted_sha256

RESTORE = "restore it from a backup of the raw folder"


def pulls_in_use(pulls: Iterable[Pull]) -> list[Pull]:
    """Of complete pulls of the same day the latest version, as `ops.current_pull`; in order of their ids."""
    found: dict[tuple[object, ...], Pull] = {}
    for pull in pulls:
        whose = (pull.vendor, pull.connection, pull.stream, pull.usage_date)
        known = found.get(whose)
        if pull.status is Status.OK and (
            known is None or (-pull.version, pull.pull_id) < (-known.version, known.pull_id)
        ):
            found[whose] = pull
    return sorted(found.values(), key=lambda pull: pull.pull_id)


def damages(home: Path, pull: Pull) -> Iterator[str]:
    """What is wrong with the files of a complete pull, a sentence each.

    The id of a pull is the hash of what it is and of its rows, and the register knows the ids that an
    invoice was made from: no other rows can be put in their place.

    Parameters:
        home: data directory.
        pull: as its manifest tells it.
    """
    if pull.rows_path is None or pull.responses_path is None:
        yield f"pull {pull.pull_id} of {pull.vendor}/{pull.stream} is complete and names no files: {RESTORE}"
        return
    rows, responses = home / pull.rows_path, home / pull.responses_path
    manifest = rows.with_name(f"{pull.pull_id}.pull.json")
    whose = (pull.vendor, pull.connection, pull.stream, pull.usage_date)
    is_named = manifest.exists() and fingerprint(*whose, pull.version, pull.rows_sha256) == pull.pull_id
    if not is_named or not is_sealed(manifest.read_bytes()):
        yield f"{manifest} is not the manifest that was written: {RESTORE}"
        return
    quarantine = [home / pull.quarantine_path] if pull.quarantine_path else []
    if missing := [path for path in (rows, responses, *quarantine) if not path.exists()]:
        yield from (f"{path} is missing: {RESTORE}" for path in missing)
        return
    if _sha256(rows, *quarantine) != pull.rows_sha256:
        names = " or ".join(map(str, (rows, *quarantine)))
        yield f"{names} was changed after it was landed: {RESTORE}"
    yield from _answers(responses, pull)


def _answers(path: Path, pull: Pull) -> Iterator[str]:
    try:
        if accepted_sha256(path) != pull.sha256:
            yield f"{path} does not hold the answers of pull {pull.pull_id}: {RESTORE}"
        elif pull.responses_sha256 and _sha256(path) != pull.responses_sha256:
            yield f"{path} was changed after it was landed, though no answer in it was: {RESTORE}"
    except RawDamaged as damaged:
        yield str(damaged)


def _sha256(*paths: Path) -> str:
    content = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                content.update(part)
    return content.hexdigest()
