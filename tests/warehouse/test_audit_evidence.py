"""A zip from which a third party computes an invoice again."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from audited import build, issue_month, land, land_month, readings

from connectors.clock import VARIABLE
from warehouse.audit.evidence import evidence
from warehouse.audit.verify_evidence import verify_evidence
from warehouse.audit.zipped import EvidenceDamaged, pack, unpack
from warehouse.invoicing.refusal import Refused
from warehouse.register import Entry

SOLO, TOP = "US-2026-000003", "US-2026-000004"
# All that a third party has: DuckDB, the unpacked files, and no project.
PLAIN = """
import duckdb, sys
connection = duckdb.connect()
for row in connection.execute(open("recompute.sql", encoding="utf-8").read()).fetchall():
    print(row[0], row[2], row[3], row[-1], sep="|")
print(connection.execute("SELECT count(*), bool_and(is_equal) FROM issued.total").fetchone())
assert not [name for name in sys.modules if name.split(".")[0] in ("warehouse", "connectors", "pipelines")]
"""


@pytest.fixture(scope="module")
def written(audited_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    evidence(audited_home, TOP, file := tmp_path_factory.mktemp("evidence") / "top.zip")
    return file


@pytest.fixture
def zipped(written: Path, tmp_path: Path) -> Path:
    """A copy of it to be changed."""
    return Path(shutil.copy(written, tmp_path))


@pytest.fixture(scope="module")
def november_home(audited_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """Two days of October told anew, then November landed and issued; and what was issued, solo's first."""
    home = Path(shutil.copytree(audited_home, tmp_path_factory.mktemp("november") / "home"))
    doubled, alone, november = date(2026, 10, 20), date(2026, 10, 12), date(2026, 11, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "2026-11-03T03:00:00+00:00")
        land(home, doubled, [(*row[:2], row[2] * 2, 9) for row in readings(doubled)])
        land(home, alone, [("cc", "server", 1, 1)])
        build(home, [doubled, alone, *land_month(home, november)])
        entries = issue_month(home, november, date(2026, 12, 1), ["solo", "top"])
    return home, sorted(entries, key=lambda entry: str(entry.content["billed_customer_id"]))


def test_the_evidence_computes_the_invoice_again(zipped: Path) -> None:
    """Pool, term, cost plus, contract and discount, from what one customer tree has."""
    found = verify_evidence(zipped)
    assert (found.number, found.wrong) == (TOP, [])
    assert found.lines == 14


def test_a_third_party_needs_nothing_but_duckdb(zipped: Path, tmp_path: Path) -> None:
    """A plain Python process computes every line from the unpacked files, to the cent."""
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "unpacked")
    document = json.loads((tmp_path / "unpacked/document.json").read_bytes())
    run = subprocess.run(
        [sys.executable, "-I", "-c", PLAIN],
        cwd=tmp_path / "unpacked",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    *lines, totals = run.stdout.splitlines()
    assert lines == [
        f"{line['line_no']}|{line['amount']}|{line['amount']}|True" for line in document["lines"]
    ]
    assert totals == "(2, True)"


def test_corrections_are_in_the_evidence(november_home: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """With the month that they restate, and what was billed for it."""
    home, (_, entry) = november_home
    assert any(line["kind"] == "correction" for line in entry.content["lines"])
    evidence(home, entry.subject, tmp_path / "november.zip")
    assert verify_evidence(tmp_path / "november.zip").wrong == []


def test_nothing_of_other_customers_is_in_it(zipped: Path, tmp_path: Path) -> None:
    """Neither readings nor raw rows, and no answer that tells of them too; the SHA-256 of it is."""
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "unpacked")
    files = sorted((tmp_path / "unpacked").rglob("*.parquet"))
    accounts = {
        account
        for path in files
        if path.name in ("staging.usage_snapshot.parquet", "files_usage.parquet")
        for (account,) in duckdb.sql(f"SELECT DISTINCT account_id FROM '{path}'").fetchall()
    }
    assert accounts == {"aa", "bb"}
    assert not any(b"solo" in path.read_bytes().lower() for path in files)
    with (tmp_path / "unpacked/responses.csv").open() as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == 60
    assert {answer["file"] for answer in answers} == {""}


def test_an_answer_that_tells_of_nobody_else_is_in_it(
    november_home: tuple[Path, list[Entry]], tmp_path: Path
) -> None:
    """To the byte, under the SHA-256 it was landed with."""
    home, (entry, _) = november_home
    evidence(home, entry.subject, tmp_path / "solo.zip")
    _, files = unpack(tmp_path / "solo.zip")
    (answer,) = [row for row in csv.DictReader(files["responses.csv"].decode().splitlines()) if row["file"]]
    assert hashlib.sha256(files[answer["file"]]).hexdigest() == answer["sha256"]
    assert b"cc,server,1,1" in files[answer["file"]]


def test_any_changed_byte_is_named(zipped: Path) -> None:
    """The file it is in, or the zip where it is in none."""
    content = zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        places = {
            info.filename: info.header_offset + 30 + len(info.filename) + 3 for info in archive.infolist()
        }
    for name, place in places.items():
        changed = bytearray(content)
        changed[place] ^= 0x01
        zipped.write_bytes(changed)
        with pytest.raises(EvidenceDamaged) as damaged:
            verify_evidence(zipped)
        assert damaged.value.lines == (f"{name} in {zipped} was changed",)
    for place in (*range(14), *range(len(content) - 80, len(content))):
        changed = bytearray(content)
        changed[place] ^= 0x01
        zipped.write_bytes(changed)
        with pytest.raises(EvidenceDamaged, match=str(zipped)):
            verify_evidence(zipped)


def test_evidence_that_was_made_to_fit_is_found_out(zipped: Path) -> None:
    """Other readings under a new manifest give other lines; an other document is not that of its entry."""
    manifest, files = unpack(zipped)
    about = {name: value for name, value in manifest.items() if name != "files"}
    told = zipped.with_name("rate.parquet")
    told.write_bytes(files["tables/reference.rate.parquet"])
    duckdb.sql(
        f"COPY (SELECT * REPLACE (unit_price + 0.01 AS unit_price) FROM '{told}') "
        f"TO '{told}.new' (FORMAT parquet)"
    )
    dearer = told.with_name("rate.parquet.new").read_bytes()
    pack(zipped, about, {**files, "tables/reference.rate.parquet": dearer})
    assert any(f"{TOP} line" in sentence for sentence in verify_evidence(zipped).wrong)
    document = files["document.json"].replace(b'"amount":"9.5000"', b'"amount":"8.5000"')
    pack(zipped, about, {**files, "document.json": document})
    with pytest.raises(EvidenceDamaged, match=r"document\.json .* is not the document of its entry"):
        verify_evidence(zipped)
    pack(zipped, about, {**files, "recompute.sql": b"SELECT 1"})
    with pytest.raises(
        EvidenceDamaged, match=r"recompute\.sql .* is not the SQL that the invoice was issued by"
    ):
        verify_evidence(zipped)


def test_there_is_evidence_of_invoices_only(issued_home: Path, tmp_path: Path) -> None:
    """An unknown number is refused in a sentence."""
    with pytest.raises(Refused, match="US-2026-000099 is no number of an issued document"):
        evidence(issued_home, "US-2026-000099", tmp_path / "none.zip")
