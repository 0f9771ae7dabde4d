"""Who opens the published file finds a whole version of it, whatever happens to a builder."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from warehouse.publish import read, rewrite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A published file whose table says 1."""
    path = tmp_path / "warehouse.duckdb"
    with rewrite(path) as connection:
        connection.execute("CREATE TABLE version AS SELECT 1 AS n")
    return path


def version(path: Path) -> int:
    with read(path) as connection:
        (n,) = connection.execute("SELECT n FROM version").fetchone() or (0,)
        return int(n)


def leftovers(path: Path) -> set[str]:
    return {found.name for found in path.parent.iterdir()} - {path.name, "warehouse.lock"}


def test_readers_keep_reading_while_it_is_rewritten(path: Path) -> None:
    """The old version is whole until the new one is, and no reader is locked out."""
    with rewrite(path) as connection:
        connection.execute("UPDATE version SET n = 2")
        assert version(path) == 1
    assert version(path) == 2
    assert not leftovers(path)


def test_a_draft_has_no_log_to_sync_at_each_statement(path: Path) -> None:
    """What a killed builder leaves is thrown away, so that there is nothing to repair it from."""
    with rewrite(path) as connection:
        connection.execute("UPDATE version SET n = 2")
        assert leftovers(path) == {"warehouse.draft.duckdb"}
    assert version(path) == 2


def test_what_does_not_fit_into_memory_is_spilled_beside_the_draft(path: Path) -> None:
    """And goes with it."""
    with rewrite(path) as connection:
        connection.execute("SET memory_limit = '100MB'; SET threads = 1")
        # Texts that differ everywhere: what compresses well would fit.
        connection.execute(
            "CREATE TEMP TABLE hashes AS SELECT sha256(range::VARCHAR) AS hash FROM range(2000000)"
        )
        assert list(path.parent.glob("warehouse.draft.duckdb.tmp/*"))
    assert not leftovers(path)


def test_a_reader_that_stays_connected_keeps_its_version(path: Path) -> None:
    """Replacing the file does not disturb who has it open."""
    with read(path) as connection:
        with rewrite(path) as draft:
            draft.execute("UPDATE version SET n = 2")
        assert connection.execute("SELECT n FROM version").fetchall() == [(1,)]


def test_a_failing_body_changes_nothing_and_leaves_no_lock(path: Path) -> None:
    """The error comes through; while its traceback lives the next builder can work."""
    with pytest.raises(duckdb.CatalogException) as caught, rewrite(path) as connection:
        connection.execute("UPDATE version SET n = 2; SELECT * FROM nowhere")
    assert version(path) == 1
    with rewrite(path) as connection:
        connection.execute("UPDATE version SET n = 3")
    assert version(path) == 3
    assert not leftovers(path)
    assert caught.traceback


KILLED = """
import sys
from pathlib import Path
from warehouse.publish import rewrite
with rewrite(Path(sys.argv[1])) as connection:
    connection.execute("UPDATE version SET n = 2")
    connection.execute("CREATE TABLE more AS SELECT range AS n FROM range(100000)")
    connection.begin()
    connection.execute("DELETE FROM version")
    print("inside", flush=True)
    sys.stdin.read()
"""


def test_a_kill_leaves_the_published_file_and_the_next_run_cleans_up(path: Path) -> None:
    """SIGKILL inside a transaction: the old version stands, its lock is gone, its draft is swept."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"inside\n"
        process.send_signal(signal.SIGKILL)
    assert leftovers(path)
    assert version(path) == 1
    with rewrite(path) as connection:
        assert connection.execute("SELECT n FROM version").fetchall() == [(1,)]
        assert connection.execute("SHOW TABLES").fetchall() == [("version",)]
    assert not leftovers(path)


def test_a_log_of_another_draft_is_not_replayed(path: Path) -> None:
    """An earlier version kept one, and may have been killed."""
    draft = path.with_suffix(".draft.duckdb")
    draft.write_bytes(path.read_bytes())
    with duckdb.connect(draft, config={"checkpoint_threshold": "1GB"}) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("DELETE FROM version")
    assert Path(f"{draft}.wal").exists()
    with rewrite(path) as connection:
        assert connection.execute("SELECT n FROM version").fetchall() == [(1,)]
    assert not leftovers(path)


def test_builders_queue(path: Path) -> None:
    """Ten at once lose no update."""

    def add_one() -> None:
        with rewrite(path) as connection:
            connection.execute("UPDATE version SET n = n + 1")

    builders = [threading.Thread(target=add_one) for _ in range(10)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert version(path) == 11


def test_a_fresh_start_replaces_everything(path: Path) -> None:
    """What the old file held is not in the new one."""
    with rewrite(path, fresh=True) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
        connection.execute("CREATE TABLE version AS SELECT 5 AS n")
    assert version(path) == 5


def test_nothing_is_downloaded_and_time_is_utc(path: Path) -> None:
    """An extension that is not in the wheel fails at once."""
    with rewrite(path) as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
        with pytest.raises(duckdb.Error, match="excel"):
            connection.execute("SELECT * FROM read_xlsx('x.xlsx')")
