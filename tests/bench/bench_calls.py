"""One call a customer: 10,000 of them at 20 ms each, 8 in flight, from the wire to landed Parquet.

No client can make more than 8 calls in 20 ms. How near a bare one comes (sockets, no rows) is measured
beside ours: on cores that others use too, that is what 8 calls in flight allow there.
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from connectors.stream import Exchange, UsageDay
from connectors.xopero import VENDOR
from connectors.xopero.client import USAGE
from tests.bench.vendor_calls import CUSTOMERS, DELAY, served
from warehouse.landing import Landing

IN_FLIGHT = 8
GOAL = 0.9
DAY = UsageDay(date(2026, 10, 15), ZoneInfo("UTC"))


@dataclass(frozen=True)
class Run:
    """Calls made, and what they took: seconds of wall and of this process's CPU."""

    calls: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.wall


def main(out: Console) -> None:
    """Run both and print a table."""
    with served() as url:
        bare, ours = sockets(url), landed(url)
    allowed = IN_FLIGHT / DELAY
    title = f"GetCustomerUsage, {CUSTOMERS} customers, {1000 * DELAY:.0f} ms each, {IN_FLIGHT} in flight"
    table = Table("", "calls/s", f"of {allowed:.0f}/s", "goal", "of bare", "CPU us/call", title=title)
    for name, run, goal in (("bare sockets", bare, ""), ("landed", ours, f">= {GOAL:.0%}")):
        shares = (f"{run.rate / allowed:.0%}", goal, f"{run.rate / bare.rate:.0%}")
        table.add_row(name, f"{run.rate:.0f}", *shares, f"{run.cpu / run.calls * 1e6:.0f}")
    out.print(table)


def sockets(url: str) -> Run:
    """The calls alone, by the standard library, a connection a thread."""
    address = urlsplit(url)
    share = CUSTOMERS // IN_FLIGHT

    def call(first: int) -> None:
        connection = http.client.HTTPConnection(address.netloc)
        for number in range(first, first + share):
            body = json.dumps({"token": "t", "function": "GetCustomerUsage", "data": number})
            connection.request("POST", f"{address.path}/endpoint", body)
            connection.getresponse().read()

    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(call, range(1, CUSTOMERS + 1, share)))
    return Run(CUSTOMERS, time.perf_counter() - began, time.process_time() - cpu)


def landed(url: str) -> Run:
    """The stream as it is landed; timed from the first customer's call to the end, without the walk."""
    connection = VENDOR.connection(
        base_url=url, login="bench", password="bench-password", max_in_flight=IN_FLIGHT
    )
    stream = VENDOR.stream("customer_usage")
    began: list[tuple[float, float]] = []

    os.environ["BACKUP_BILLING_NOW"] = DAY.ends_at.isoformat()
    with tempfile.TemporaryDirectory() as home, VENDOR.open(connection, Path(home)) as client:
        call = client.call

        def timed(function: str, *args: Any, **kwargs: Any) -> tuple[Exchange, Any]:
            if function == USAGE and not began:
                began.append((time.perf_counter(), time.process_time()))
            return call(function, *args, **kwargs)  # type: ignore[no-any-return]

        client.call = timed
        pull = Landing(Path(home) / "raw").land(stream, "default", DAY, lambda: stream.fetch(client, DAY))
        wall, cpu = time.perf_counter() - began[0][0], time.process_time() - began[0][1]
    assert pull.pages == CUSTOMERS
    assert pull.quarantined == 0
    return Run(CUSTOMERS, wall, cpu)


if __name__ == "__main__":
    main(Console())
