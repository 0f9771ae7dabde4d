"""Keeps the wire busy while rows are parsed, with memory bounded whatever the number of pages."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def prefetch(items: Iterator[T], ahead: int = 2) -> Generator[T]:
    """The same items in the same order; up to `ahead` are made in a thread while one is used.

    An exception of `items` is raised here, after the items before it. Leaving early ends the thread
    and closes `items`.
    """
    ready: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(maxsize=ahead)
    left = threading.Event()

    def hand_over(more: bool, item: T | BaseException | None) -> None:
        while not left.is_set():
            try:
                ready.put((more, item), timeout=0.1)
                return
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for item in items:
                hand_over(True, item)
                if left.is_set():
                    return
            hand_over(False, None)
        except BaseException as error:  # noqa: BLE001  # raised again by the consumer
            hand_over(False, error)
        finally:
            if isinstance(items, Generator):
                items.close()  # it may have threads of its own

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            more, item = ready.get()
            if isinstance(item, BaseException):
                raise item
            if not more:
                return
            yield item  # type: ignore[misc]  # more implies an item
    finally:
        left.set()
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
