"""Requests run ahead of parsing and beside each other, in order and within bounds."""

import threading
from itertools import count, islice

import pytest

from connectors.transport.concurrency import FULL, gathered, ordered_map, prefetch

PATIENCE = 120  # seconds; only what hangs takes them


def test_prefetch_gives_the_same_items_in_order():
    """Running ahead changes nothing else."""
    assert list(prefetch(iter(range(100)))) == list(range(100))


def test_prefetch_makes_the_next_item_while_one_is_used():
    """The next request is on the wire before the page at hand is parsed."""
    made = [threading.Event() for _ in range(4)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    ahead = prefetch(items(), ahead=2)
    assert next(ahead) == 0
    assert made[1].wait(PATIENCE)
    assert made[2].wait(PATIENCE)
    ahead.close()


def test_prefetch_holds_no_more_than_it_may():
    """Memory is bounded however slow the consumer is."""
    made = []

    def items():
        for number in count():
            made.append(number)
            yield number

    ahead = prefetch(items(), ahead=2)
    assert list(islice(ahead, 3)) == [0, 1, 2]
    assert len(made) <= 3 + 2 + 1  # given, ready, and one in the hand of the thread
    ahead.close()


def test_prefetch_runs_further_ahead_with_small_items():
    """A thread woken for each answer of some bytes would do little else; their bytes are bounded instead."""
    made, many = [], threading.Event()

    def items():
        for number in count():
            made.append(number)
            if number == 32:
                many.set()
            yield number

    ahead = prefetch(items(), ahead=2, size=lambda _: FULL // 32)
    assert next(ahead) == 0
    assert many.wait(PATIENCE)
    ahead.close()
    assert len(made) <= 1 + 32 + 1  # given, ready, and one in the hand of the thread


def test_prefetch_raises_an_error_at_its_place():
    """What came before the failure is still delivered."""

    def items():
        yield 1
        raise OSError("gone")

    ahead = prefetch(items())
    assert next(ahead) == 1
    with pytest.raises(OSError, match="gone"):
        next(ahead)


def test_leaving_prefetch_early_ends_its_thread():
    """A failed pull leaves nothing running."""
    before = threading.active_count()
    ahead = prefetch(iter(count()))
    next(ahead)
    ahead.close()
    assert threading.active_count() == before


def test_leaving_prefetch_early_closes_what_it_reads():
    """Requests of a failed pull that are under way are given up, not forgotten."""
    closed = []

    def items():
        try:
            yield from count()
        finally:
            closed.append(True)

    ahead = prefetch(items())
    next(ahead)
    ahead.close()
    assert closed == [True]


def test_ordered_map_keeps_the_order_of_the_items():
    """A later answer that comes first waits for its turn."""
    second_is_done = threading.Event()

    def call(item):
        if item == 0:
            assert second_is_done.wait(PATIENCE)
        if item == 1:
            second_is_done.set()
        return item * 10

    assert list(ordered_map(call, range(5), in_flight=2)) == [0, 10, 20, 30, 40]


def test_ordered_map_asks_for_no_more_than_it_may_hold():
    """Ten thousand accounts do not become ten thousand results in memory."""
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = ordered_map(lambda item: item, items(), in_flight=3)
    assert next(results) == 0
    assert len(taken) == 6
    results.close()


def test_ordered_map_raises_the_first_error_at_its_place_and_starts_no_more():
    """One failed account fails the pull without asking all the others first."""
    called = []

    def call(item):
        called.append(item)
        if item == 1:
            raise OSError("gone")
        return item

    results = ordered_map(call, range(1000), in_flight=1)
    assert next(results) == 0
    with pytest.raises(OSError, match="gone"):
        list(results)
    assert len(called) <= 4


def test_a_generator_is_run_to_its_end_for_what_it_yields_and_returns():
    """Both travel out of a thread together."""

    def steps():
        yield 1
        yield 2
        return "three"

    assert gathered(steps()) == ([1, 2], "three")
