from pathlib import Path

import pytest
from acme import IN_WINDOW

from connectors.clock import VARIABLE
from warehouse.landing import Landing


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """An empty home, the morning after acme's day."""
    monkeypatch.setenv(VARIABLE, IN_WINDOW)
    return Landing(tmp_path / "home" / "raw")
