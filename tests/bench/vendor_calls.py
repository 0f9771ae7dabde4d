"""A vendor that is asked one call a customer: every answer takes 20 ms, and next to no CPU.

One thread for all connections, and the answer is made while its time runs: the vendor's own work does not
stand in the way on shared cores.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from selectors import SelectSelector
from typing import Any

DELAY = 0.020  # seconds
CUSTOMERS = 10_000
GIB = 2**30


def customer(number: int) -> dict[str, Any]:
    """A row of GetCustomers."""
    return {
        "id": number,
        "resellerId": 1,
        "name": f"customer-{number}",
        "email": f"office@customer-{number}.example",
        "status": "ACTIVATED",
        "subscription": {
            "id": number,
            "name": "XCE100GB",
            "number": f"4-2026-{number:015}",
            "status": "ORDER_STATUS_CURRENT",
            "type": "PRODUCT_TYPE_FULL",
        },
        "customText": None,
        "shortNote": None,
        "parameters": {
            "hosts": 2147483647,
            "capacity": str(100 * GIB),
            "users": 2147483647,
            "status": "ACTIVE",
            "name": "XCE100GB",
            "type": "PRODUCT_VERSION_STD",
            "isTrial": False,
            "hasBriefcase": True,
            "validFrom": "2026-04-22T08:40:32+02:00",
            "validTo": "2027-04-22T08:40:32+02:00",
        },
        "personalData": {"firstName": "Anna", "lastName": "Wrona", "street": "Ulica 7", "city": "Miasto"},
    }


def usage(number: int) -> dict[str, Any]:
    """GetCustomerUsage: the customer's own account and one user's."""
    accounts = [
        {"id": n, "name": f"account-{n}", "capacity": str(50 * GIB), "usedSpace": str(7 * n)}
        for n in (number, number + CUSTOMERS)
    ]
    used = sum(int(account["usedSpace"]) for account in accounts)
    return {
        "account": accounts,
        "assignedCapacity": str(100 * GIB),
        "capacity": str(100 * GIB),
        "usedSpace": str(used),
    }


def answer(asked: dict[str, Any]) -> Any:
    """The `data` of any answer."""
    match asked.get("function"):
        case "GetPartners":
            return []
        case "GetCustomers":
            start = asked["data"]["offset"] + 1
            return [customer(n) for n in range(start, min(CUSTOMERS + 1, start + asked["data"]["limit"]))]
        case "GetCustomerUsage":
            return usage(asked["data"])
        case "ForgetToken":
            return True
    return {
        "token": "5f0c2e1a-bench",
        "validTo": (datetime.now(UTC) + timedelta(minutes=15)).isoformat(),
    }


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered `DELAY` after it came."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # it is a stream's
        self._received = b""

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + DELAY
        self._received += data
        head, _, body = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if b"\r\n\r\n" in self._received and len(body) >= length:
            self._received = b""
            loop.call_at(due, self._transport.write, answered(json.loads(body)))


def answered(asked: dict[str, Any]) -> bytes:
    """The whole answer, with its head."""
    body = json.dumps({"success": True, "data": answer(asked)}).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    return head + body


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def served() -> Generator[str]:
    """The vendor's base URL, while its process runs."""
    command = [sys.executable, "-m", "tests.bench.vendor_calls"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/api/v2"
        finally:
            process.terminate()


if __name__ == "__main__":
    # epoll waits whole milliseconds, rounded up: every answer would be half of one late.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(SelectSelector())) as runner:
        runner.run(_serve())
