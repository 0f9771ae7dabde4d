"""Where Dagster keeps its records here: its own SQLite storage, with connections that stay open.

Dagster opens and closes the file for each of a night's three hundred events, which costs more than
all the SQL of the warehouse. The files and their tables are Dagster's: without this class in
dagster.yaml the same history is read and written, more slowly.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

KEPT_OPEN = 8  # files: the index over all runs, and the runs of late
WAITS_FOR_OTHERS = 30  # seconds until a file that another process writes counts as locked


class OpenEventLog(SqliteEventLogStorage):
    """The events, one file a run and one index over all."""

    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        # The file of a run before its first event. It is the same for every run, and making its tables
        # one by one takes longer than writing all that will be in them.
        self._beginning: bytes | None = None
        super().__init__(base_dir)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table; it keeps those it has."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None) or _engine(self.conn_string_for_shard(shard))
        self._engines[shard] = engine  # the last used is the last
        if len(self._engines) > KEPT_OPEN:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        path = Path(str(engine.url.database))
        is_new = not path.exists()
        if is_new and self._beginning and _put(self._beginning, path):
            return
        super()._initdb(engine, for_index_shard)
        if is_new and not for_index_shard:
            with closing(sqlite3.connect(path)) as file:
                self._beginning = file.serialize()

    def wipe(self) -> None:
        """Delete every event, and forget the files that are deleted."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close everything."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


class OpenRuns(SqliteRunStorage):
    """The runs, one file."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine = _engine(conn_string)
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection with a transaction, committed at the end."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engine.dispose()


class OpenRecords(DagsterSqliteStorage):
    """Runs, events and schedules under one directory, laid out as Dagster does."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = OpenRuns.from_local(f"{base_dir}/history/")
        self._event_log_storage = OpenEventLog(f"{base_dir}/history/runs/")

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> OpenRecords:
        """As dagster.yaml has it."""
        return cls.from_local(inst_data=inst_data, **config_value)


def _put(content: bytes, path: Path) -> bool:
    """Make a file in one step; False when another process was quicker."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _engine(url: str) -> Engine:
    # Connections of a file are pooled, and handed from thread to thread.
    engine = create_engine(url, connect_args={"timeout": WAITS_FOR_OTHERS})
    event.listen(engine, "connect", _sync_at_checkpoints)
    return engine


def _sync_at_checkpoints(connection: sqlite3.Connection, _record: Any) -> None:
    """Let SQLite sync its write-ahead log at checkpoints, not at each of a night's thousand events.

    A crash of the process loses nothing; a power cut can lose the last events of the run history,
    which is no source of any figure.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
