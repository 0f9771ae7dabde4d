"""Lands acme's pull in a process that kills itself at one of its steps.

A step is an audit event of the interpreter that is about to change the disk (a folder made, a file
written, renamed or removed) or an answer that arrives. So the product needs no hook to be killed.
"""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from acme import DAY, IN_WINDOW, answers, page, pages, readings, stream

from connectors.clock import VARIABLE
from connectors.errors import VendorError
from connectors.stream import Exchange
from warehouse.landing import Landing

CHANGES = {"os.mkdir", "os.rename", "os.remove"}
UNTYPED = {"accountId": "account-x", "usedBytes": "a lot"}


def land(home: Path, step: int, looks: list[str]) -> None:
    """Land, with a `short` or `whole` answer at each look, and be killed at step number `step`."""
    os.environ[VARIABLE] = IN_WINDOW
    walks = {
        # A page, then a page that repeats a row of it and has one for the quarantine.
        "whole": answers(pages(2, 2)[0], page([*readings(2, 1), UNTYPED], 4)),
        "short": answers(page(readings(2), 9)),
    }
    taken = iter(looks)

    def fetch() -> Iterator[Exchange]:
        return walks[next(taken)]()

    steps = iter(range(step))

    def watch(event: str, args: tuple[object, ...]) -> None:
        change = event in CHANGES or (event == "open" and str(args[1]).startswith("w"))
        if (event == "acme.answer" or (change and str(home) in str(args[0]))) and next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    try:
        Landing(home / "raw").land(stream(), "default", DAY, fetch)
    except VendorError:
        sys.exit(1)
