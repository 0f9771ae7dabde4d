"""The checks as data: each SELECT in `sql/reconciliation/discrepancy` says in its header what it is.

    R-09, R-10 ...    the codes that its rows bear, each with its title
    stops             what a finding stops: `issue` (and with it the close), `close`, or `no`
    direction         leak (we bill too little), over_bill (too much), cost (the vendor charges too much),
                      control, or `each row` where the rows say it
    tolerance         up to which amount, percent and count a row is no finding
    guards            the table that it is an asset check of
    vendors, not_for  whom it applies to, and why not to others

Codes that another part of the program sees to are in `elsewhere.toml`, with where and why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.models import SQL, parse

CODE = r"R-\d\d"
ELSEWHERE = Path(__file__).parent / "elsewhere.toml"
TOLERANCES = ("tolerance_amount", "tolerance_percent", "tolerance_count")
CATALOGUE = pa.schema(
    [
        *((name, pa.string()) for name in ("code", "title", "check_name", "meaning", "stops", "direction")),
        *((name, pa.decimal128(20, 6)) for name in TOLERANCES),
        *((name, pa.string()) for name in ("guards", "vendors", "not_for")),
    ]
)


@dataclass(frozen=True, slots=True)
class Check:
    """One SELECT that looks for discrepancies.

    Attributes:
        name: of its file.
        codes: title by code, of every kind of finding that it can have.
        meaning: for finance.
        stops, direction, vendors, not_for: as the header has them.
        tolerance: amount, percent and count; 0 for none.
        guards: `schema.table`.
        sql: the SELECT.
    """

    name: str
    codes: dict[str, str]
    meaning: str
    stops: str
    direction: str
    vendors: str
    not_for: str | None
    tolerance: tuple[Decimal, Decimal, Decimal]
    guards: str
    sql: str


@cache
def checks() -> tuple[Check, ...]:
    """Every check, by name."""
    folder = SQL / "reconciliation" / "discrepancy"
    return tuple(_check(path) for path in sorted(folder.glob("*.sql")))


def _check(path: Path) -> Check:
    header, (sql,) = parse(path)
    figures = dict(part.split() for part in header["tolerance"].split(","))
    return Check(
        name=path.stem,
        codes={word: text for word, text in header.items() if re.fullmatch(CODE, word)},
        meaning=header["meaning"],
        stops=header["stops"],
        direction=header["direction"],
        vendors=header["vendors"],
        not_for=header.get("not_for"),
        tolerance=(Decimal(figures["amount"]), Decimal(figures["percent"]), Decimal(figures["count"])),
        guards=header["guards"],
        sql=sql,
    )


def fill_catalogue(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `reconciliation.check_catalogue`."""
    connection.register("incoming", pa.Table.from_pylist(list(_rows()), CATALOGUE))
    connection.execute("DELETE FROM reconciliation.check_catalogue")
    connection.execute("INSERT INTO reconciliation.check_catalogue BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def _rows() -> Iterator[dict[str, object]]:
    """The columns of `reconciliation.check_catalogue` for each code."""
    for check in checks():
        for code, title in check.codes.items():
            yield {
                "code": code,
                "title": title,
                "check_name": check.name,
                "meaning": check.meaning,
                "stops": check.stops,
                "direction": check.direction,
                **dict(zip(TOLERANCES, check.tolerance, strict=True)),
                "guards": check.guards,
                "vendors": check.vendors,
                "not_for": check.not_for,
            }
    for code, told in tomllib.loads(ELSEWHERE.read_text(encoding="utf-8")).items():
        yield {
            "code": code,
            "title": told["title"],
            "meaning": told["why"],
            "stops": "no",
            "direction": "control",
            **dict.fromkeys(TOLERANCES, Decimal(0)),
            "vendors": "all",
        }
