"""Pulls laid down by hand: a rows file and a manifest, as the landing writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.vendor import vendors
from warehouse.landing import Pull, Status
from warehouse.landing.pull import encode, fingerprint
from warehouse.landing.reading import QUARANTINE
from warehouse.landing.rows import RowsFile

Rows = list[dict[str, Any]]


def land(
    home: Path,
    name: str,
    day: date,
    rows: Rows | None,
    *,
    version: int = 1,
    pages: int = 1,
    reason: str = "",
    quarantined: tuple[str, ...] = (),
    unknown_fields: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
) -> Pull:
    """Land `rows` of a stream called `vendor/stream`; None is a pull that failed for `reason`.

    Columns a row does not name are null. `leave_out` are columns the file is to lack altogether.
    `pages` are the answers with rows that the pull had.
    """
    vendor, stream_name = name.split("/")
    stream = vendors()[vendor].stream(stream_name)
    ok = rows is not None
    pull_id = fingerprint(name, day, version, reason, rows)
    folder = home / "raw" / vendor / stream_name / f"usage_date={day}"
    folder.mkdir(parents=True, exist_ok=True)
    if rows is not None:
        schema = pa.schema(
            [field.with_nullable(True) for field in stream.schema if field.name not in leave_out]
        )
        with RowsFile(folder / f"{pull_id}.rows.parquet", schema) as file:
            file.add(0, pa.RecordBatch.from_pylist(rows, schema))
            file.close()
    if quarantined:
        bad = [{"response_no": 0, "reason": "not a number", "payload": payload} for payload in quarantined]
        pq.write_table(pa.Table.from_pylist(bad, QUARANTINE), folder / f"{pull_id}.quarantine.parquet")
    path = folder.relative_to(home).as_posix()
    made_at = datetime.combine(day + timedelta(days=1), time(2), UTC) + timedelta(minutes=version)
    pull = Pull(
        pull_id=pull_id,
        vendor=vendor,
        connection="default",
        stream=stream_name,
        usage_date=day,
        version=version if ok else 0,
        status=Status.OK if ok else Status.FAILED,
        reason=reason,
        pages=pages,
        rows=len(rows or ()),
        vendor_total=None,
        quarantined=len(quarantined),
        repeated=0,
        unknown_fields=unknown_fields,
        schema="",
        started_at=made_at,
        finished_at=made_at,
        responses_path=f"{path}/{pull_id}.responses.parquet",
        rows_path=f"{path}/{pull_id}.rows.parquet" if ok else None,
        quarantine_path=f"{path}/{pull_id}.quarantine.parquet" if quarantined else None,
        sha256="",
    )
    (folder / f"{pull_id}.pull.json").write_bytes(encode(pull))
    return pull


def account(entity_id: int, username: str, **fields: Any) -> dict[str, Any]:
    """A row of infrascale/accounts without devices and space."""
    zeros = ("windows_devices_total", "android_devices_total", "mac_devices_total", "used_space_kb")
    return dict.fromkeys(zeros, 0) | {
        "parent_entity_id": 1,
        "entity_id": entity_id,
        "username": username,
        "full_name": f"Name of {username}",
        "account_size_mb": 0,
        **fields,
    }


def consumption(company_id: str, **fields: Any) -> dict[str, Any]:
    """A row of redstor/consumption of one subscription, its figures null."""
    return {
        "company_id": company_id,
        "subscription_id": f"s-{company_id}",
        "product_id": 4,
        "product_name": "M365",
        "sku": "RS-M365",
        "is_trial": False,
        **fields,
    }
