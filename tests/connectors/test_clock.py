"""The billing clock: the machine's, unless a replay or a test moves it."""

from datetime import UTC, datetime

import pytest

from connectors import clock


def test_without_override_it_is_the_machines_clock(monkeypatch):
    """Nothing to configure for a nightly run."""
    monkeypatch.delenv(clock.VARIABLE, raising=False)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_the_override_is_read_at_every_call(monkeypatch):
    """One process can bill many nights."""
    for day in ("2026-11-02", "2026-11-03"):
        monkeypatch.setenv(clock.VARIABLE, f"{day}T02:00:00+01:00")
        assert clock.now() == datetime.fromisoformat(f"{day}T01:00:00+00:00")
        assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "not an ISO 8601 instant"),
        ("2026-11-02T02:00:00", "has no offset"),
        ("2026-11-02", "has no"),
    ],
)
def test_a_time_that_could_mean_two_things_is_refused(monkeypatch, text, reason):
    """The line names the variable, the value and an example."""
    monkeypatch.setenv(clock.VARIABLE, text)
    with pytest.raises(
        ValueError, match=f"BACKUP_BILLING_NOW is '{text}', .*{reason}.*for example"
    ) as caught:
        clock.now()
    assert "\n" not in str(caught.value)
