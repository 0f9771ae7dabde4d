"""Keeps the wire busy while rows are parsed, with memory bounded whatever the number of pages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


FULL = 1 << 18  # bytes; to wake a thread for a small answer can cost more than to parse it


def prefetch(items: Iterator[T], ahead: int = 2, size: Callable[[T], int] = lambda _: FULL) -> Generator[T]:
    """The same items in the same order; `ahead` or more are made in a thread while one is used.

    An exception of `items` is raised here, after the items before it. Leaving early ends the thread
    and closes `items`.

    Parameters:
        ahead: so many wait at most, and as many more as are `FULL` bytes together.
        size: bytes of an item.
    """
    ready: deque[tuple[T, int]] = deque()
    turn = threading.Condition()
    waiting = 0  # bytes
    has_left = has_ended = False
    failure: BaseException | None = None

    def has_room() -> bool:
        return has_left or len(ready) < ahead or waiting < FULL

    def produce() -> None:
        nonlocal waiting, has_ended, failure
        try:
            for item in items:
                weight = size(item)
                with turn:
                    turn.wait_for(has_room)
                    if has_left:
                        return
                    ready.append((item, weight))
                    waiting += weight
                    turn.notify()
        except BaseException as error:  # noqa: BLE001  # raised again by the consumer
            failure = error
        finally:
            if isinstance(items, Generator):
                items.close()  # it may have threads of its own
            with turn:
                has_ended = True
                turn.notify()

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            with turn:
                turn.wait_for(lambda: ready or has_ended)
                if not ready:
                    break
                item, weight = ready.popleft()
                waiting -= weight
                turn.notify()
            yield item
        if failure:
            raise failure
    finally:
        with turn:
            has_left = True
            turn.notify()
        thread.join()


def ordered_map(call: Callable[[T], R], items: Iterable[T], in_flight: int) -> Generator[R]:
    """`call(item)` for each item, `in_flight` at once in threads, results in the order of `items`.

    Never holds more than `2 * in_flight` results. The first exception is raised at its place; what
    has not started by then is not started. Whoever leaves early closes it: threads are its own.
    """
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(in_flight, thread_name_prefix="vendor") as pool:
        try:
            for item in items:
                pending.append(pool.submit(call, item))
                if len(pending) >= 2 * in_flight:
                    pending[in_flight - 1].exception()  # one wait for all of them: wake-ups cost most here
                    for _ in range(in_flight):
                        yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def gathered(steps: Generator[T, None, R]) -> tuple[list[T], R]:
    """A generator run to its end, as `ordered_map` needs it: all that it yields, and what it returns."""
    found: list[T] = []
    while True:
        try:
            found.append(next(steps))
        except StopIteration as end:
            return found, end.value
