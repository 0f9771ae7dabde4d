"""Commands on the register in processes of their own, killed at one of their system calls, or run at once.

From its first entry on, a command is traced: it stops at each system call it makes, SQLite's among them,
so that it can be killed between any two of its changes to the disk.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
from invoiced import NOVEMBER, OCTOBER

from connectors.clock import VARIABLE
from warehouse import models
from warehouse.invoicing.close import close
from warehouse.invoicing.credit import credit
from warehouse.invoicing.issue import issue
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.void import void
from warehouse.invoicing.waive import waive
from warehouse.register import Entry, Register, Transaction

NOW = "2026-12-01T09:00:00Z"
TRACE_ME, NEXT_SYSTEM_CALL = 0, 24  # of ptrace(2)
ENDED, REFUSED = 0, 3

COMMANDS: dict[str, Callable[[Path], object]] = {
    "issue": lambda home: issue(home, OCTOBER, "Bob"),
    "void": lambda home: void(home, "US-2026-000002", "cy", "wrong address"),
    "credit": lambda home: credit(home, "US-2026-000001", "cy", "dan", "late", amount=Decimal(5)),
    "credit for a reason of its own": lambda home: credit(
        home, "US-2026-000001", "cy", "dan", f"late {os.getpid()}", amount=Decimal(5)
    ),
    "restate": lambda home: issue(home, NOVEMBER, "Bob"),
    "waive": lambda home: waive(home, the_restatement(home), "eve", "small"),
    "close": lambda home: close(home, OCTOBER, "eve"),
}


def the_restatement(home: Path) -> str:
    return (home / "restatement").read_text()


def warm() -> None:
    """Have read and imported what every command does, and leave no thread behind."""
    os.environ[VARIABLE] = NOW
    models.version()
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SELECT CAST(? AS TIMESTAMPTZ)", [NOW]).fetchall()
    models._parser.cache_clear()


def entries(home: Path) -> list[Entry]:
    return list(Register(home).entries())


def fork(command: Callable[[], object]) -> int:
    """Run a command in a child of this process; returns its process id."""
    if pid := os.fork():
        return pid
    try:
        command()
        os._exit(ENDED)
    except Refused as refused:
        print(refused, file=sys.stderr)
        os._exit(REFUSED)
    except BaseException as error:  # noqa: BLE001  # whatever it is, the child ends here
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)


def ended(pid: int) -> int:
    """The exit code of a child."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def traced(command: Callable[[], object]) -> None:
    """Run a command, and let the parent trace it from its first entry on."""
    append = Transaction.append

    def append_traced(*values: Any, **named: Any) -> Entry:
        Transaction.append = append  # type: ignore[method-assign]
        ctypes.CDLL(None).ptrace(TRACE_ME, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        return append(*values, **named)

    Transaction.append = append_traced  # type: ignore[method-assign]
    command()


def killed_at(command: Callable[[], object], call: int | None) -> tuple[int, int]:
    """Kill a command at a system call; returns how many it made, and its exit code."""
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    pid, made = fork(partial(traced, command)), 0
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return made, os.waitstatus_to_exitcode(status)
        made += 1
        if made == call:
            os.kill(pid, signal.SIGKILL)
        elif trace(NEXT_SYSTEM_CALL, pid, 0, 0):
            raise OSError(ctypes.get_errno(), "this machine lets nobody trace a process")


def kill(name: str, template: Path, place: Path, times: int, answer: Connection) -> None:
    """Kill a command at random system calls; `answer` gets what was wrong and how many kills.

    Parameters:
        name: of `COMMANDS`.
        template: a home in which it can be done.
        place: where to try.
        times: how many kills.
    """
    warm()
    before = entries(template)
    undisturbed = copied(template, place / f"{name}-undisturbed")
    calls, code = killed_at(partial(COMMANDS[name], undisturbed), None)
    expected = entries(undisturbed)
    wrong = [] if code == ENDED and len(expected) > len(before) else [f"undisturbed it ends with {code}"]
    chosen, kills, written = random.Random(name), 0, 0
    while kills < times and not wrong:
        home = copied(template, place / f"{name}-{kills}")
        command = partial(COMMANDS[name], home)
        # One from each part of the command, so that it is killed everywhere.
        call = 1 + int((kills + chosen.random()) * calls / times)
        made, code = killed_at(command, call)
        if code == ENDED:  # it made fewer calls than the first, which may have compiled what it imports
            calls = made
        elif code != -signal.SIGKILL:
            wrong.append(f"to be killed at call {call} it ends with {code}")
        else:
            kills += 1
            Register(home).verify()
            found = entries(home)
            written += found == expected
            code = ended(fork(command))
            if found not in (before, expected) or code != (REFUSED if found == expected else ENDED):
                wrong.append(f"killed at call {call}: {len(found)} entries; done again: {code}")
            elif Register(home).verify() != expected[-1].head:
                wrong.append(f"killed at call {call} and done again: {entries(home)[-1]}")
        shutil.rmtree(home)
    answer.send((wrong, kills, written))


def copied(template: Path, home: Path) -> Path:
    """A home of its own register; what is only read is shared."""
    shutil.copytree(template, home, copy_function=os.link)
    shutil.rmtree(home / "register")
    shutil.copytree(template / "register", home / "register")
    return home


def at_once(name: str, times: int, home: Path, answer: Connection) -> None:
    """Run a command several times at once on one home; `answer` gets the exit codes."""
    warm()
    gate = os.pipe()

    def wait() -> None:
        os.close(gate[1])
        os.read(gate[0], 1)  # until all are there
        COMMANDS[name](home)

    children = [fork(wait) for _ in range(times)]
    os.close(gate[1])
    answer.send([ended(child) for child in children])
