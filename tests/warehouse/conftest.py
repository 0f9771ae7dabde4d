import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from acme import IN_WINDOW
from audited import open_house
from shop import Shop, empty_warehouse

from connectors.clock import VARIABLE
from warehouse.landing import Landing


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """An empty home, the morning after acme's day."""
    monkeypatch.setenv(VARIABLE, IN_WINDOW)
    return Landing(tmp_path / "home" / "raw")


@pytest.fixture(scope="session")
def audited_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months issued from landed bytes; see `audited`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "2026-09-01T00:00:00+00:00")
        home = tmp_path_factory.mktemp("audited") / "home"
        open_house(home)
    return home


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes test, one has all that asks what is issued there: to issue takes long."""
    for item in items:
        if "audited_home" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("audited"))


@pytest.fixture
def issued_home(audited_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to be changed, on the day after the second issue."""
    monkeypatch.setenv(VARIABLE, "2026-11-03T00:00:00+00:00")
    return Path(shutil.copytree(audited_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def rating_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """In memory, for one shop after the other."""
    with empty_warehouse() as connection:
        yield connection


@pytest.fixture
def shop(rating_warehouse: duckdb.DuckDBPyConnection) -> Shop:
    """A shop with customers and nothing sold."""
    return Shop(rating_warehouse)
