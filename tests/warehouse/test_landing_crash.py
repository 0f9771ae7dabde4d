"""Law twelve: killed at any moment and run again, the landing has the same bytes."""

import multiprocessing
import signal
from itertools import count
from pathlib import Path

import pytest
from acme import stream
from killing import land

from warehouse.landing import Landing

WHOLE, SHORT = "whole", "short"
NEVER = 10**6
PATIENCE = 120  # seconds
FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture(autouse=True)
def _fast_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that forks finds the module it imports beforehand."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    FORKS.set_forkserver_preload(["killing"])


def run(home: Path, step: int, looks: list[str]) -> int:
    """The exit code of a process that lands and is killed at that step."""
    process = FORKS.Process(target=land, args=(home, step, looks))
    process.start()
    process.join(PATIENCE)
    process.kill()
    assert process.exitcode is not None, f"it has not ended within {PATIENCE} seconds"
    return process.exitcode


def files(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("looks", "code"),
    [([WHOLE], 0), ([SHORT, WHOLE], 0), ([SHORT, SHORT, SHORT], 1)],
    ids=["landed", "landed at the second look", "failed"],
)
def test_killed_at_any_step_and_run_again_gives_the_same_bytes(
    tmp_path: Path, looks: list[str], code: int
) -> None:
    """At every step a kill leaves only whole pulls to be seen; the next run ends as if nothing had been."""
    assert run(tmp_path / "undisturbed", NEVER, looks) == code
    expected = files(tmp_path / "undisturbed")
    for step in count():
        home = tmp_path / f"killed-at-{step}"
        if run(home, step, looks) == code:
            break
        landing = Landing(home / "raw")
        for pull in landing.current():
            assert landing.replay(stream(), pull) == pull
        assert {pull.pull_id for pull in landing.pulls()} <= {
            Path(name).name.split(".")[0] for name in expected
        }
        assert run(home, NEVER, looks) == code
        assert files(home) == expected, f"killed at step {step}"
    assert step > 10
    assert files(home) == expected


def test_a_kill_is_a_kill(tmp_path: Path) -> None:
    """The first step kills: nothing of the home is there yet."""
    assert run(tmp_path / "home", 0, [WHOLE]) == -signal.SIGKILL
    assert files(tmp_path / "home") == {}
