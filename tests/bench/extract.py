"""The contenders of bench_extract.py; one runs in one process, and prints what it cost as JSON.

Usage: extract.py CONTENDER URL ROWS
"""

from __future__ import annotations

import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

JSON_ROWS, SOAP_ROWS = 1000, 5000  # rows of a page
DAY = date(2026, 11, 1)
RESULT = "GetHistoryEventsResponse/GetHistoryEventsResult"
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<GetHistoryEvents xmlns="sosonlinebackup.com"><request><EntityId>1</EntityId>'
    "<Filter><PageIndex>{}</PageIndex></Filter></request></GetHistoryEvents></soap:Body></soap:Envelope>"
)
NEXT_PAGE = re.compile(rb'"nextPageToken":"(\d+)"\}$')
JSON_FIELDS = """
company_id companyId text
company_name companyName text
parent_company_id parentCompanyId text
subscription_id subscriptionId text
product_id productId int
product_name productName text
sku sku text
is_trial isTrial flag
protected_bytes totalDataProtectedInBytes int
external_bytes totalDataProtectedInBytesExternal int
overage_bytes fupOverageInBytes int
active_seats activeSeats int
inactive_seats inactiveSeats int
shared_seats sharedSeats int
active_workloads activeWorkloads int
licensed_users licensedUsers int?
"""
SOAP_FIELDS = """
indicator Indicator text
event_type EventType text
account_name AccountName text
account_type AccountType text
system_name SystemName text
client_date ClientDate time?
is_scheduled IsScheduled flag?
total_files_count TotalFilesCount int?
total_files_size TotalFilesSize int?
error_files_count ErrorFilesCount int?
error_files_size ErrorFilesSize int?
uploaded_files_count UploadedFilesCount int?
uploaded_files_size UploadedFilesSize int?
unchanged_files_count UnchangedFilesCount int?
unchanged_files_size UnchangedFilesSize int?
backup_duration BackupDuration int?
event_backup_type EventBackupType text
backup_summary BackupSummary text
entity_id EntityId int
"""

Run = Callable[[Path], int]
"""Pulls and lands below a directory; the number of rows."""


def ours_json(url: str, rows: int) -> Run:
    """Connector transport, typed JSON rows, landing."""
    from connectors.transport.json_rows import JsonRows

    columns = tuple(field(*line.split()) for line in JSON_FIELDS.strip().splitlines())
    shape = JsonRows(columns, "results", frozenset({"totalCount", "nextPageToken"}), "totalCount")

    def fetch(transport: Any) -> Iterator[Any]:
        page = "1"
        while page:
            exchange = transport.send("List", "GET", f"{url}/json", params={"page": page})
            yield exchange
            found = NEXT_PAGE.search(exchange.body, len(exchange.body) - 100)
            page = found[1].decode() if found else ""

    return landed(columns, ("subscription_id",), fetch, shape.read)


def ours_soap(url: str, rows: int) -> Run:
    """Connector transport, typed XML rows, landing."""
    from connectors.transport.xml_answer import frame, text_at
    from connectors.transport.xml_rows import XmlRows

    columns = tuple(field(*line.split()) for line in SOAP_FIELDS.strip().splitlines())
    known = frozenset({"Result", "TotalRecords"})
    shape = XmlRows(columns, f"{RESULT}/HistoryEventsData/HistoryEvent", known)

    def parse(exchange: Any) -> Any:
        total = text_at(frame(exchange.body, "HistoryEvent"), f"{RESULT}/TotalRecords")
        return replace(shape.parse(exchange.body), vendor_total=int(total or -1))

    def fetch(transport: Any) -> Iterator[Any]:
        for page in range(1, rows // SOAP_ROWS + 1):
            content = ENVELOPE.format(page).encode()
            yield transport.send("GetHistoryEvents", "POST", f"{url}/soap", content=content)

    return landed(columns, (), fetch, parse)


def field(column: str, source: str, kind: str) -> Any:
    """A declared column; a `?` says that it may be null."""
    import pyarrow as pa

    from connectors.stream import Field, Presence

    types = {"text": pa.string(), "int": pa.int64(), "flag": pa.bool_(), "time": pa.timestamp("us")}
    presence = Presence.NULLABLE if kind.endswith("?") else Presence.REQUIRED
    return Field(column, source, types[kind.rstrip("?")], presence)


def landed(columns: tuple[Any, ...], key: tuple[str, ...], fetch: Any, parse: Any) -> Run:
    """Land one pull; the number of rows."""
    from connectors.completeness import equals_total
    from connectors.connection import Connection
    from connectors.stream import AsOf, Stream, UsageDay
    from connectors.transport.http import HttpTransport
    from warehouse.landing import Landing

    stream = Stream(
        vendor="bench", name="rows", description="", as_of=AsOf.DATED, key=key, paging="", control_total="",
        fields=columns, fetch=lambda client, day: iter(()), parse=parse, prove=equals_total,
    )  # fmt: skip

    def run(home: Path) -> int:
        with HttpTransport(Connection(), frozenset({"List", "GetHistoryEvents"})) as transport:
            pull = Landing(home / "raw").land(
                stream, "default", UsageDay(DAY, ZoneInfo("UTC")), lambda: fetch(transport)
            )
        return pull.rows

    return run


def bytes_json(url: str, rows: int) -> Run:
    """The floor: the answers are received and thrown away."""
    return lambda _: sum(JSON_ROWS for _ in received(url, rows // JSON_ROWS, "GET", "/json?page={}", ""))


def bytes_soap(url: str, rows: int) -> Run:
    """The floor: the answers are received and thrown away."""
    return lambda _: sum(SOAP_ROWS for _ in received(url, rows // SOAP_ROWS, "POST", "/soap", ENVELOPE))


def received(url: str, pages: int, method: str, path: str, body: str) -> Iterator[bytes]:
    """Every answer through the standard library's client."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    for page in range(1, pages + 1):
        connection.request(method, parts.path + path.format(page), body.format(page) or None)
        yield connection.getresponse().read()


def naive_json(url: str, rows: int) -> Run:
    """What one writes first: requests, a list of dicts, a data frame, Parquet."""
    import pandas as pd
    import requests

    def run(home: Path) -> int:
        found, page = [], "1"
        with requests.Session() as session:
            while page:
                answer = session.get(f"{url}/json", params={"page": page}, timeout=60).json()
                found += answer["results"]
                page = answer["nextPageToken"]
        pd.DataFrame(found).to_parquet(home / "rows.parquet")
        return len(found)

    return run


def naive_soap(url: str, rows: int) -> Run:
    """What one writes first: zeep's own objects, not even written to a file."""
    import zeep

    import connectors.infrascale

    wsdl = Path(connectors.infrascale.__file__).parent / "wsdl" / "EntityMonitoringService.wsdl"
    client = zeep.Client(str(wsdl))
    service = client.create_service("{sosonlinebackup.com}EntityMonitoringServiceSoap", f"{url}/soap")
    nothing = {"int": 0, "boolean": False, "dateTime": DAY}
    wanted = {
        name: nothing.get(element.type.name, "Any")
        for name, element in client.get_type("{sosonlinebackup.com}EventsFilter").elements
    }

    def run(_: Path) -> int:
        found = 0
        for page in range(1, rows // SOAP_ROWS + 1):
            answer = service.GetHistoryEvents({"EntityId": 1, "Filter": {**wanted, "PageIndex": page}})
            found += len(answer.HistoryEventsData.HistoryEvent)
        return found

    return run


if __name__ == "__main__":
    contender, url, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = globals()[contender](url, rows)
    with tempfile.TemporaryDirectory() as home:
        began, cpu = time.perf_counter(), time.process_time()
        received_rows = run(Path(home))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert received_rows == rows, f"{contender} has {received_rows} of {rows} rows"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak}))
