"""Why a command did nothing."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was written to the register; `lines` says why, a sentence each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
