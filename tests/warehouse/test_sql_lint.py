"""The SQL stays inside the subset that gives the same cents on every engine: see scale and money rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.build import create
from warehouse.models import SQL, Model, macros, models, nodes, statement
from warehouse.raw import define_for_days, streams

FORBIDDEN_FUNCTIONS = {
    "/": "DECIMAL / DECIMAL is a DOUBLE",
    **dict.fromkeys(("avg", "mean", "median", "stddev", "fsum", "kahan_sum"), "an inexact aggregate"),
    **dict.fromkeys(
        ("round", "round_even", "roundbankers", "ceil", "floor", "trunc"), "rounds in its own way"
    ),
    **dict.fromkeys(
        ("arg_max", "arg_min", "max_by", "min_by", "first", "last", "any_value"), "no total order"
    ),
    **dict.fromkeys(("percentile_cont", "quantile_cont"), "other numbers on other engines"),
    **dict.fromkeys(("timezone", "isodow", "dayname", "len"), "not portable"),
    **dict.fromkeys(("now", "current_timestamp", "random", "uuid"), "another answer every time"),
}
RANKINGS = {
    "WINDOW_ROW_NUMBER",
    "WINDOW_RANK",
    "WINDOW_FIRST_VALUE",
    "WINDOW_LAST_VALUE",
    "WINDOW_LAG",
    "WINDOW_LEAD",
}
WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
FORBIDDEN_DDL = r"PRIMARY KEY|UNIQUE|ENUM|SEQUENCE|INDEX|CHECK|FOREIGN KEY|DOUBLE|FLOAT|REAL\b"


def bodies() -> dict[str, str]:
    """What every macro stands for, as a SELECT."""
    found = {}
    for macro in macros():
        head, body = re.split(r"\)\s+AS\b", macro, maxsplit=1)
        found[re.findall(r"MACRO (\S+)\(", head)[0]] = f"SELECT {body}"
    return found


def queries() -> dict[str, str]:
    """Every SELECT of the warehouse by where it stands."""
    found = {f"{model.name}#{n}": select for model in models() for n, select in enumerate(model.selects)}
    found |= {model.name: model.ddl.split(" AS\n", 1)[1] for model in models() if model.is_view}
    return found | {
        path.stem: path.read_text().split("\n", 1)[1] for path in sorted((SQL / "invariant").glob("*.sql"))
    }


def without_intervals(tree: Any) -> Any:
    """The tree less what INTERVAL 1 DAY stands for, which has a harmless float in it."""
    if isinstance(tree, list):
        return [without_intervals(branch) for branch in tree]
    if not isinstance(tree, dict):
        return tree
    if str(tree.get("function_name")).startswith("to_"):
        return None
    return {key: without_intervals(branch) for key, branch in tree.items()}


def faults(sql: str) -> Iterator[str]:
    for node in nodes(without_intervals(statement(sql))):
        name = node.get("function_name", "")
        if name in FORBIDDEN_FUNCTIONS:
            yield f"{name}: {FORBIDDEN_FUNCTIONS[name]}"
        if name == "*":
            yield from product_faults(node["children"])
        if node.get("class") == "CAST" and node["cast_type"]["id"] in {"DOUBLE", "FLOAT"}:
            yield "a cast to a float"
        if node.get("class") == "CONSTANT" and node["value"]["type"]["id"] in {"DOUBLE", "FLOAT"}:
            yield "a float literal"
        if str(node.get("type")) in RANKINGS and not node["orders"]:
            yield "a ranking without order"
        if node.get("ref_type") == "ASOF" or node.get("type") == "PIVOT":
            yield "ASOF or PIVOT"


def product_faults(operands: list[dict[str, Any]]) -> Iterator[str]:
    """Both sides are cast; decimals keep their scale in 38 digits, of more than 18 one has as many itself."""
    kinds = [kind(operand) for operand in operands]
    if None in kinds:
        yield "a product of something that is not cast"
        return
    widths = [width for width in kinds if width]
    if widths and (len(widths) == 1 or sum(widths) > 38 or max(widths) <= 18 < sum(widths)):
        yield f"a product of DECIMAL widths {widths}"


def kind(operand: dict[str, Any]) -> int | None:
    """Width of a cast to DECIMAL, 0 for a whole number, None for what is not cast."""
    if operand.get("function_name") == "*":
        inner = [kind(child) for child in operand["children"]]
        return 0 if inner == [0, 0] else None
    if operand.get("class") != "CAST":
        return None
    if operand["cast_type"]["id"] in WHOLE:
        return 0
    return (
        int(operand["cast_type"]["type_info"]["width"]) if operand["cast_type"]["id"] == "DECIMAL" else None
    )


@pytest.mark.parametrize("where", queries() | bodies())
def test_a_query_stays_inside_the_portable_subset(where: str) -> None:
    """No division but of whole numbers, no float, no inexact or unordered function, every product cast."""
    assert list(faults((queries() | bodies())[where])) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a / b FROM t",
        "SELECT avg(a) FROM t",
        "SELECT round(a, 2) FROM t",
        "SELECT arg_max(a, b) FROM t",
        "SELECT a * CAST(b AS DECIMAL(17,9)) FROM t",
        "SELECT CAST(a AS DECIMAL(17,9)) * CAST(b AS DECIMAL(10,0)) FROM t",
        "SELECT CAST(a AS DECIMAL(28,9)) * CAST(b AS DECIMAL(20,9)) FROM t",
        "SELECT a::DOUBLE FROM t",
        "SELECT 1e3 FROM t",
        "SELECT row_number() OVER (PARTITION BY a) FROM t",
        "SELECT * FROM t ASOF JOIN u ON t.a = u.a AND t.b >= u.b",
        "WITH x AS (SELECT a / b AS c FROM t) SELECT * FROM x WHERE c > (SELECT avg(c) FROM x)",
    ],
)
def test_the_rules_catch_what_they_are_for(sql: str) -> None:
    """Each of these gave other cents, or none, on some engine."""
    assert list(faults(sql))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create(connection, None)
        define_for_days(connection, Path(), streams(), [date(2026, 10, 1)])
        yield connection


# Not on the money path: INTERVAL 1 DAY has a float in its plan.
MONEY = [where for where in queries() if not where.startswith(("staging.history_event", "ops."))]


@pytest.mark.parametrize("where", MONEY)
def test_no_engine_would_turn_a_number_into_a_float(where: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    """The bound plan, with every implicit cast in it, knows no DOUBLE: `//` divides whole numbers only."""
    warehouse.execute("PRAGMA explain_output = 'all'")
    plan = warehouse.execute(f"EXPLAIN {queries()[where].rstrip(';')}").fetchall()
    assert "DOUBLE" not in str(plan)


def test_the_plan_shows_an_implicit_float(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Dividing decimals with // is what the test above is for."""
    warehouse.execute("PRAGMA explain_output = 'all'")
    plan = warehouse.execute("EXPLAIN SELECT net // tax FROM billing.invoice").fetchall()
    assert "DOUBLE" in str(plan)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_a_table_explains_itself(model: Model) -> None:
    """Meaning, grain, key and source stand in the header; the key's columns exist."""
    assert model.header["meaning"]
    assert {"grain", "key", "source"} <= model.header.keys()
    if not model.is_view:
        assert model.header["partition"] in {"usage_date", "month", "none"}
        assert set(model.key) <= set(re.findall(r"^    (\w+)", model.ddl, flags=re.MULTILINE))
        assert not re.search(FORBIDDEN_DDL, model.ddl)
    if model.selects:
        assert model.header["rebuilds"] == "month" or re.fullmatch(
            r"-?\d+\.\.-?\d+", model.header["rebuilds"]
        )
    if any("DECIMAL" in line for line in model.ddl.splitlines()) and model.selects:
        assert "rounding" in model.header or model.name == "staging.subscription"


def test_models_stand_after_what_they_read() -> None:
    """The order is taken from the SQL itself; only what a table reads of itself is not before it."""
    place = {model.name: n for n, model in enumerate(models())}
    assert all(
        place[name] < place[model.name]
        for model in models()
        for name in model.reads - {model.name}
        if name in place
    )
    assert "raw.infrascale_accounts" in next(m for m in models() if m.name == "staging.usage_snapshot").reads


def test_the_version_is_the_same_in_every_process() -> None:
    """Else each process would build all tables anew, and refuse to issue from those of another."""
    versions = {
        subprocess.run(
            [sys.executable, "-c", "from warehouse.models import version; print(version())"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(versions) == 1
