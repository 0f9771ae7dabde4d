import shutil
from pathlib import Path

import pytest
from acme import IN_WINDOW
from audited import open_house

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


@pytest.fixture
def issued_home(audited_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to be changed, on the day after the second issue."""
    monkeypatch.setenv(VARIABLE, "2026-11-03T00:00:00+00:00")
    return Path(shutil.copytree(audited_home, tmp_path / "home"))
