"""The README's table of what is covered is what a night of the sandbox fills."""

from __future__ import annotations

from tests.contract import coverage


def test_the_readme_says_which_stream_fills_what():
    """Every vendor, stream, staging table and meter; `python -m tests.contract.coverage` writes it anew."""
    assert coverage.in_readme() == coverage.table()
