"""Checks a zip of evidence: whether it is whole, and whether its SQL computes the invoice that is in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.audit.metered import rows
from warehouse.audit.recompute import in_folder, recompute_sql
from warehouse.audit.zipped import EvidenceDamaged, unpack
from warehouse.models import version
from warehouse.publish import SETTINGS
from warehouse.register import decode, sha256


@dataclass(frozen=True, slots=True)
class Checked:
    """What a zip of evidence amounts to.

    Attributes:
        number: of the invoice.
        entry_sha256: of its entry in the register, to be compared with the seller's.
        files: how many.
        lines: of the invoice.
        wrong: a sentence for each line or total that is another one when it is computed again.
    """

    number: str
    entry_sha256: str
    files: int
    lines: int
    wrong: list[str]


def verify_evidence(path: Path) -> Checked:
    """Check every byte of a zip of evidence, and compute its invoice again in an empty DuckDB.

    Parameters:
        path: the zip. Its SQL can read the files of the zip and nothing else.

    Raises:
        FileNotFoundError: there is none.
        EvidenceDamaged: with each file that is not what was written.
    """
    manifest, files = unpack(path)
    _bound(path, manifest, files)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            target = Path(folder) / name
            if not target.resolve().is_relative_to(Path(folder).resolve()):
                raise EvidenceDamaged(f"{name} in {path} leads out of it")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        with duckdb.connect(config=SETTINGS) as connection:
            connection.execute(f"SET allowed_directories = ['{folder}']")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            try:
                connection.execute(in_folder(files["recompute.sql"].decode(), folder))
                lines = rows(connection, "SELECT * FROM issued.comparison ORDER BY line_no")
                totals = rows(connection, "SELECT what, issued, computed, is_equal FROM issued.total")
            except duckdb.Error as error:
                raise EvidenceDamaged(
                    f"recompute.sql in {path} cannot be run: {' '.join(str(error).split())}"
                ) from None
    number = str(manifest["number"])
    wrong = [*_unequal_lines(number, lines), *_unequal_totals(number, totals)]
    return Checked(number, str(manifest["entry_sha256"]), len(files), len(lines), wrong)


def _bound(path: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Make sure that document, entry and SQL belong together, whoever wrote the manifest."""
    wrong = []
    try:
        entry, document = decode(files["entry.json"]), decode(files["document.json"])
        is_bound = entry["body_sha256"] == sha256(files["document.json"])
        if not is_bound or sha256(files["entry.json"]) != manifest["entry_sha256"]:
            wrong.append(f"document.json in {path} is not the document of its entry in the register")
        if entry["subject"] != manifest["number"] or document["number"] != manifest["number"]:
            wrong.append(f"manifest.json in {path} is of another document")
        months = [date.fromisoformat(month) for month in manifest["months"]]
        ours = document["evidence"]["models_sha256"] == version()
        if ours and files["recompute.sql"].decode() != recompute_sql(manifest["number"], months):
            wrong.append(f"recompute.sql in {path} is not the SQL that the invoice was issued by")
    except (KeyError, TypeError, ValueError):
        wrong.append(f"{path} lacks parts that evidence has")
    if wrong:
        raise EvidenceDamaged(*wrong)


def _unequal_lines(number: str, lines: list[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        if not line["is_equal"]:
            yield (
                f"{number} line {line['line_no']} ({line['description']}): was issued with {line['issued']} "
                f"(exactly {line['issued_exactly']}), and its readings give {line['computed']} (exactly "
                f"{line['computed_exactly']})"
            )


def _unequal_totals(number: str, totals: list[dict[str, Any]]) -> Iterator[str]:
    for total in totals:
        if not total["is_equal"]:
            yield (
                f"{number}, {total['what']}: was issued as {total['issued']}, and its readings give "
                f"{total['computed']}"
            )
