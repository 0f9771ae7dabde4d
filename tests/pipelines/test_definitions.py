"""The code location: what Dagster sees, when things run, and which way the rooms may look."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from connectors.vendor import vendors
from pipelines.definitions import defs
from pipelines.settings import PROJECT
from warehouse.models import models

FORBIDDEN = {
    "connectors": {"dagster", "duckdb", "warehouse", "pipelines"},
    "warehouse": {"dagster", "pipelines"},
}


def test_the_code_location_loads() -> None:
    """Every asset, job, schedule and sensor resolves."""
    dg.Definitions.validate_loadable(defs)


def test_there_is_one_asset_per_stream_and_one_per_table_that_people_read() -> None:
    """Keys are `<vendor>/<stream>` and `<schema>/<table>`, daily, in groups of vendor and schema."""
    graph = defs.resolve_asset_graph()
    streams = {dg.AssetKey([v.name, s.name]): v.name for v in vendors().values() for s in v.streams}
    tables = {dg.AssetKey(m.name.split(".")): m.name.split(".")[0] for m in models() if m.is_shown}
    assert {key: graph.get(key).group_name for key in graph.get_all_asset_keys()} == streams | tables
    assert all(graph.get(key).partitions_def for key in streams)


def test_lineage_goes_through_the_steps_that_are_not_shown() -> None:
    """An invoice hangs on usage, though tables that are no assets stand between them."""
    graph = defs.resolve_asset_graph()
    parents = graph.get(dg.AssetKey(["billing", "usage_record"])).parent_keys
    assert dg.AssetKey(["billing", "daily_usage"]) in parents
    shown = {dg.AssetKey(m.name.split(".")) for m in models() if m.is_shown}
    assert graph.get(dg.AssetKey(["billing", "invoice"])).parent_keys <= shown


def test_every_stream_has_a_completeness_check_and_a_freshness_policy() -> None:
    """What guards a stream is on its asset; a file that somebody may bring is not due."""
    graph = defs.resolve_asset_graph()
    for vendor in vendors().values():
        for stream in vendor.streams:
            key = dg.AssetKey([vendor.name, stream.name])
            assert dg.AssetCheckKey(key, "completeness") in graph.asset_check_keys
            assert (graph.get(key).freshness_policy is not None) == vendor.asked


def test_a_staged_table_depends_on_the_streams_it_is_made_of() -> None:
    """The lineage that the UI draws is read from the SQL."""
    parents = defs.resolve_asset_graph().get(dg.AssetKey(["staging", "usage_snapshot"])).parent_keys
    assert {dg.AssetKey(["infrascale", "accounts"]), dg.AssetKey(["redstor", "consumption"])} <= parents


ASKED = [vendor.name for vendor in vendors().values() if vendor.asked]


@pytest.mark.parametrize("vendor", ASKED)
def test_the_nightly_schedule_runs_the_day_that_just_ended(vendor: str) -> None:
    """At a quarter past one in the billing zone, one run of the vendor's own job."""
    schedule = defs.resolve_schedule_def(f"{vendor}_nightly")
    assert schedule.job_name == f"{vendor}_nightly"
    with dg.instance_for_test() as instance:
        context = dg.build_schedule_context(
            instance,
            scheduled_execution_time=datetime(2026, 11, 1, 1, 15, tzinfo=UTC),
            repository_def=defs.get_repository_def(),
        )
        (request,) = schedule.evaluate_tick(context).run_requests
    assert request.partition_key == "2026-10-31"


def test_dagster_runs_steps_in_the_process_of_the_run() -> None:
    """A spawned step costs fifty times an in-process one, also for runs started from the UI."""
    nightly = [f"{vendor}_nightly" for vendor in ASKED]
    jobs = [*nightly, "files_import", "warehouse_nightly", "replay", "rebuild"]
    assert {defs.resolve_job_def(job).executor_def.name for job in jobs} == {"in_process"}
    assert defs.executor is dg.in_process_executor


@pytest.mark.parametrize("room", list(FORBIDDEN))
def test_rooms_look_in_one_direction(room: str) -> None:
    """Connectors know neither storage nor schedule; the warehouse knows no schedule."""
    imported = {path: _imports(path) for path in (PROJECT / room).rglob("*.py")}
    assert room in set().union(*imported.values())
    for path, found in imported.items():
        assert not found & FORBIDDEN[room], path


STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|ATTACH|COPY|WITH|FROM)\s")
NAMED = re.compile("|".join(ASKED), re.IGNORECASE)


def test_no_sql_and_no_vendor_stands_in_pipelines() -> None:
    """What is asked of tables is written in the warehouse, what is asked of vendors in connectors."""
    paths = {path.name: path for path in (PROJECT / "pipelines").glob("*.py")}
    del paths["cli_revirt365.py"]  # a command for one vendor, who publishes no list of endpoints
    said = {(name, text) for name, path in paths.items() for text in _texts(path)}
    assert {(name, text[:18]) for name, text in said if STATEMENT.match(text)} == {
        ("printing.py", "SELECT description"),  # a sample for people to run
    }
    assert {(name, text) for name, text in said if NAMED.search(text)} == {
        ("cli.py", "revirt365"),  # what that command is called
    }
    for name, path in paths.items():
        assert not {module for module in _modules(path) if _is_of_a_vendor(module)}, name
        assert "duckdb" not in _imports(path), name


def _is_of_a_vendor(module: str) -> bool:
    return module.split(".")[:2] in [["connectors", vendor] for vendor in ASKED]


def _texts(path: Path) -> list[str]:
    """Its strings but for what documents it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [node.value for node in constants if isinstance(node.value, str) and id(node) not in documents]


def _imports(path: Path) -> set[str]:
    return {module.split(".")[0] for module in _modules(path)}


def _modules(path: Path) -> set[str]:
    """What it imports, names of modules before theirs."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
