"""A vendor that costs next to nothing: pages rendered once, served by a process of its own.

`GET /<delay ms>/<rows>/json?page=N` has 1000 usage rows as RedAPI writes them, `POST .../soap` 5000
history events as Infrascale does. Rows are distinct: the page number is part of their ids.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bench.extract import JSON_ROWS, SOAP_ROWS

TEMPLATES = 16  # further apart than zstd's window, so that a repeated one costs what a new one does
NUMBER, TOTAL, NEXT = b"#PAGENO#", b"#TOTAL#", b'"#NEXT#"'

_NIL = 'xsi:nil="true" '


def json_page(chance: random.Random) -> bytes:
    """1000 usage rows of some companies, 430 bytes each."""

    def guid(last: str) -> str:
        return f"{chance.getrandbits(32):08x}-{chance.getrandbits(16):04x}-4000-8000-{last}"

    rows = []
    while len(rows) < JSON_ROWS:
        company, parent = guid(f"{chance.getrandbits(48):012x}"), "1f0a7b9e-51aa-4000-8000-0242ac120002"
        rows += [
            {
                "companyId": company,
                "companyName": f"Customer {chance.randrange(10**6)} GmbH",
                "parentCompanyId": parent,
                "subscriptionId": guid(f"{NUMBER.decode()}{len(rows) + n:04x}"),
                "productId": chance.randrange(1, 9),
                "productName": chance.choice(["Backup for Servers", "Backup for Microsoft 365", "Archiving"]),
                "sku": f"RS-{chance.randrange(40)}",
                "isTrial": chance.random() < 0.05,
                "totalDataProtectedInBytes": chance.randrange(10**13),
                "totalDataProtectedInBytesExternal": 0,
                "fupOverageInBytes": 0,
                "activeSeats": chance.randrange(200),
                "inactiveSeats": chance.randrange(9),
                "sharedSeats": chance.randrange(9),
                "activeWorkloads": chance.randrange(30),
                "licensedUsers": chance.choice([None, chance.randrange(200)]),
            }
            for n in range(4)
        ]
    answer = {"results": rows, "totalCount": "#TOTAL#", "nextPageToken": "#NEXT#"}
    return json.dumps(answer, separators=(",", ":")).encode().replace(b'"#TOTAL#"', TOTAL)


def soap_page(chance: random.Random) -> bytes:
    """5000 history events, 1000 bytes each."""

    def event(number: int) -> str:
        def figure(name: str) -> str:
            return (
                f"<{name} {_NIL}/>"
                if chance.random() < 0.1
                else f"<{name}>{chance.randrange(10**9)}</{name}>"
            )

        figures = "".join(
            figure(f"{kind}Files{what}")
            for kind in ("Total", "Error", "Uploaded", "Unchanged")
            for what in ("Count", "Size")
        )
        return (
            f"<HistoryEvent><Indicator>{chance.choice(['Ok', 'Warning', 'Error'])}</Indicator>"
            f"<EventType>BackupCompleted</EventType><AccountName>user{chance.randrange(10**5)}</AccountName>"
            f"<AccountType>BackupAccount</AccountType><SystemName>PC-{NUMBER.decode()}-{number}</SystemName>"
            f"<ClientDate>2026-11-01T{chance.randrange(24):02}:{chance.randrange(60):02}:00</ClientDate>"
            f"<IsScheduled>true</IsScheduled>{figures}<BackupDuration>{chance.randrange(9000)}</BackupDuration>"
            "<EventBackupType>Online</EventBackupType>"
            "<BackupSummary>The daily backup of &lt;C:&gt; &amp; &lt;D:&gt; with the system state is "
            "complete; every file was read to its end and compared with the one that is kept: "
            f"{chance.randrange(10**6)} files</BackupSummary>"
            f"<EntityId>{chance.randrange(10**6)}</EntityId></HistoryEvent>"
        )

    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope '
        'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>'
        '<GetHistoryEventsResponse xmlns="sosonlinebackup.com"><GetHistoryEventsResult>'
        "<Result><Result>0</Result></Result><HistoryEventsData>"
        + "".join(map(event, range(SOAP_ROWS)))
        + f"</HistoryEventsData><TotalRecords>{TOTAL.decode()}</TotalRecords></GetHistoryEventsResult>"
        "</GetHistoryEventsResponse></soap:Body></soap:Envelope>"
    ).encode()


class _Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: dict[str, list[bytes]]

    def do_GET(self) -> None:
        page = int(self.path.partition("page=")[2] or 1)
        self._answer("json", page, JSON_ROWS, "application/json")

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        found = re.search(rb"PageIndex>(\d+)<", asked)
        assert found, "the request names no page"
        self._answer("soap", int(found[1]), SOAP_ROWS, "text/xml; charset=utf-8")

    def _answer(self, kind: str, page: int, size: int, content_type: str) -> None:
        asked_at = time.perf_counter()
        delay, rows = map(int, self.path.split("/")[1:3])
        templates = self.pages[kind]
        more = b'"%d"' % (page + 1) if page * size < rows else b"null"
        body = templates[page % TEMPLATES].replace(NUMBER, b"%08x" % page)
        body = body[:-400] + body[-400:].replace(NEXT, more).replace(TOTAL, b"%d" % rows)
        time.sleep(max(0.0, asked_at + delay / 1000 - time.perf_counter()))
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


def serve() -> None:
    """Serve until the process is ended; the first line printed is the port."""
    chance = random.Random(2026)  # figures, no secrets
    _Vendor.pages = {
        "json": [json_page(chance) for _ in range(TEMPLATES)],
        "soap": [soap_page(chance) for _ in range(TEMPLATES)],
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Vendor)
    print(server.server_port, flush=True)
    server.serve_forever()


@contextmanager
def served() -> Generator[str]:
    """The vendor's base URL, while its process runs."""
    command = [sys.executable, "-m", "tests.bench.vendor_pages"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    serve()
