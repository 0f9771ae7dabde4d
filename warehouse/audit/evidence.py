"""Evidence: a zip from which anybody with DuckDB computes an issued invoice again."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from pathlib import Path

import duckdb

from warehouse.as_known import decide_as_known
from warehouse.audit.as_issued import known_of, months_of, tables_as_issued
from warehouse.audit.metered import Row, rows
from warehouse.audit.raw_rows import Response, raw_rows
from warehouse.audit.recompute import file_of, recompute_sql
from warehouse.audit.slices import slices
from warehouse.audit.zipped import pack
from warehouse.calendar import set_months
from warehouse.invoicing.refusal import Refused
from warehouse.landing.responses import read_responses
from warehouse.models import quoted
from warehouse.reference.archive import load_archived
from warehouse.register import Entry, Kind, Register, encode, sha256

README = """\
EVIDENCE FOR INVOICE {number}

From the readings in this folder, the prices and the SQL every line of the invoice can be computed again,
without the program that issued it. All it takes is DuckDB (https://duckdb.org), version {duckdb} or later:

    duckdb < recompute.sql

or, in Python with the package duckdb:

    import duckdb
    for row in duckdb.sql(open("recompute.sql", encoding="utf-8").read()).fetchall():
        print(row)

Run it in the folder that this file is in. The last thing it prints is each line as it was issued and as it
was computed: `is_equal` must be true in all of them. Totals are in the view issued.total.

What is here:
    document.json     the invoice, to the byte as it was issued; its SHA-256 is
                      {document}
    entry.json        its entry in the register, whose entries are chained by SHA-256: this one is
                      {entry}
                      Ask the seller for the entry of that number, or compare with an earlier copy.
    recompute.sql     from readings to cents: the SQL of the program that issued the invoice, in its order
    tables/           what it reads: readings (staging.usage_snapshot), the complete pulls they come from
                      (ops.pull), prices, customers and contracts (reference.*), what was billed before
                      (billing.document*) and decided (billing.register_entry), one Parquet file a table
    raw/              the rows that the readings were read from, as the vendor wrote them; a reading names
                      its row by pull_id and row_no
    responses.csv     the vendor's answers that those rows stand in: request, instant, SHA-256 of the bytes
    responses/        the bytes of those answers that tell of nobody else; the others stay with the seller
    manifest.json     the SHA-256 of each file

Only what this invoice needs is here: the customers on it, their accounts, their prices. What the vendors
charge the seller is of all its customers together, so that it cannot be computed from these files: costs
and margins are left out of the comparison. Where a price is made of a cost, that cost is given, in
tables/billing.usage_cost.parquet.
"""


def evidence(home: Path, number: str, to: Path) -> int:
    """Write the evidence of an issued invoice.

    Parameters:
        home: data directory.
        number: of the invoice.
        to: the zip; one that is there is replaced.

    Returns:
        How many files are in it.

    Raises:
        Refused: there is no such invoice.
        RawDamaged, ArchiveUnusable, RegisterBroken: what it was made from is not there any more.
    """
    entry = _invoice(home, number)
    document, known = entry.content, known_of(entry.content)
    wanted = months_of(document, load_archived(home, known.reference_sha256))
    with tempfile.TemporaryDirectory() as folder, tables_as_issued(home, known, wanted) as tables:
        own = date.fromisoformat(document["month"])
        decide_as_known(tables, home, known.register_seq, wanted, drafts_of=own)
        months = _built(tables, wanted)
        files = _tables(tables, entry, months, Path(folder))
        files |= _raw(tables, home, Path(folder))
    files["document.json"] = entry.body
    files["entry.json"] = encode(_link(entry))
    files["recompute.sql"] = recompute_sql(number, months).encode()
    files["README.txt"] = README.format(
        number=number, duckdb=duckdb.__version__, document=sha256(entry.body), entry=entry.sha256
    ).encode()
    about = {
        "number": number,
        "document_sha256": sha256(entry.body),
        "entry_sha256": entry.sha256,
        "models_sha256": document["evidence"]["models_sha256"],
        "months": [month.isoformat() for month in sorted(months)],
    }
    pack(to, about, files)
    return len(files)


def _invoice(home: Path, number: str) -> Entry:
    with Register(home).reading() as ledger:
        entry = ledger.document(number)
    if entry is None:
        raise Refused(f"{number} is no number of an issued document")
    if entry.kind is Kind.CREDIT:
        raise Refused(f"{number} is a credit note: make the evidence of {entry.content['reference_number']}")
    return entry


def _built(tables: duckdb.DuckDBPyConnection, wanted: Collection[date]) -> set[date]:
    """The wanted months that anything was landed in; from here on the tables work on all of them."""
    days = tables.execute("SELECT DISTINCT usage_date FROM ops.pull").fetchall()
    months = {*wanted} & {day.replace(day=1) for (day,) in days}
    set_months(tables, months, max(day for (day,) in days))
    return months


def _tables(
    tables: duckdb.DuckDBPyConnection, entry: Entry, months: set[date], folder: Path
) -> dict[str, bytes]:
    files = {}
    for name, select in slices(tables, entry.content, months):
        path = folder / f"{name}.parquet"
        tables.execute(f"COPY ({select}) TO {quoted(str(path))} (FORMAT parquet)")
        files[file_of(name)] = path.read_bytes()
    return files


def _raw(tables: duckdb.DuckDBPyConnection, home: Path, folder: Path) -> dict[str, bytes]:
    """The raw rows of the readings in the folder, their answers, and the bytes of those that may be shown."""
    readings = quoted(str(folder / "staging.usage_snapshot.parquet"))
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE used AS SELECT DISTINCT pull_id, row_no FROM read_parquet({readings})"  # noqa: S608
    )
    found = raw_rows(tables, home, tables.execute("FROM used").fetchall())
    files = {}
    for stream in sorted({row.stream for row in found.rows.values()}):
        name = stream.replace("/", "_")
        path = folder / f"raw.{name}.parquet"
        tables.execute(
            f"COPY (SELECT raw.* FROM raw.{name} AS raw SEMI JOIN used USING (pull_id, row_no) "  # noqa: S608
            f"ORDER BY usage_date, pull_id, row_no) TO {quoted(str(path))} (FORMAT parquet)"
        )
        files[f"raw/{name}.parquet"] = path.read_bytes()
    shown = _shown(tables, home, Counter((row.pull_id, row.response_no) for row in found.rows.values()))
    for pull_id in sorted({pull_id for pull_id, _ in shown}):
        numbers = {number for of, number in shown if of == pull_id}
        kept = next(answer.file for answer in found.responses.values() if answer.pull_id == pull_id)
        for number, exchange in read_responses(home / kept):
            if number in numbers:
                files[_bytes_of(pull_id, number)] = exchange.body
    files["responses.csv"] = _listed(tables, list(found.responses.values()), files, folder)
    return files


def _shown(
    tables: duckdb.DuckDBPyConnection, home: Path, used: Counter[tuple[str, int]]
) -> list[tuple[str, int]]:
    """The answers all of whose rows are used: they tell of nobody else."""
    whole = defaultdict[str, dict[int, int]](dict)
    found = rows(
        tables,
        "SELECT pull_id, rows_path, quarantined FROM ops.pull WHERE list_contains(?, pull_id)",
        sorted({pull_id for pull_id, _ in used}),
    )
    for pull in found:
        if not pull["quarantined"]:
            counted = "SELECT response_no, count(*) FROM read_parquet(?) GROUP BY response_no"
            path = str(home / pull["rows_path"])
            whole[pull["pull_id"]] = dict(tables.execute(counted, [path]).fetchall())
    return [
        (pull_id, number) for (pull_id, number), count in used.items() if whole[pull_id].get(number) == count
    ]


def _listed(
    tables: duckdb.DuckDBPyConnection, answers: list[Response], files: dict[str, bytes], folder: Path
) -> bytes:
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE answer (pull_id VARCHAR, response_no INTEGER, operation VARCHAR, "
        "request VARCHAR, status INTEGER, received_at TIMESTAMPTZ, sha256 VARCHAR, file VARCHAR)"
    )
    listed = [
        (
            *_columns(answer),
            name if (name := _bytes_of(answer.pull_id, answer.response_no)) in files else None,
        )
        for answer in answers
    ]
    if listed:
        tables.executemany("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", listed)
    path = folder / "responses.csv"
    tables.execute(f"COPY answer TO {quoted(str(path))} (FORMAT csv, HEADER)")
    return path.read_bytes()


def _columns(answer: Response) -> tuple[object, ...]:
    return (
        answer.pull_id,
        answer.response_no,
        answer.operation,
        answer.request,
        answer.status,
        answer.received_at,
        answer.sha256,
    )


def _bytes_of(pull_id: str, response_no: int) -> str:
    return f"responses/{pull_id}-{response_no}.bin"


def _link(entry: Entry) -> Row:
    """An entry without its body: what is chained, in the form whose SHA-256 is the entry's."""
    return {
        "seq": entry.seq,
        "prev_sha256": entry.prev_sha256,
        "kind": entry.kind.value,
        "subject": entry.subject,
        "refers_to": entry.refers_to,
        "at": entry.at,
        "by_person": entry.by_person,
        "body_sha256": sha256(entry.body),
    }
