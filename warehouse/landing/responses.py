"""The responses file: every request and answer of a pull, kept for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.stream import Exchange, Role
from warehouse.landing.records import RecordFile

RESPONSES = pa.schema(
    [
        pa.field("response_no", pa.int32(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("operation", pa.string(), nullable=False),
        pa.field("request", pa.string(), nullable=False),
        pa.field("context", pa.string(), nullable=False),  # JSON object
        pa.field("status", pa.int32(), nullable=False),
        pa.field("content_type", pa.string(), nullable=False),
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("body", pa.binary(), nullable=False),
    ]
)


class RawDamaged(Exception):
    """A landed file is not what it was when its pull was committed."""


class ResponsesFile(RecordFile):
    """Keeps exchanges in the order in which they came, each after the attempts it took."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, RESPONSES)

    def keep(self, exchange: Exchange) -> int:
        """Append an exchange and its rejected attempts; returns its `response_no`, from 0."""
        for attempt in exchange.rejected:
            self.keep(attempt)
        self.add(
            {
                "response_no": self.count,
                "role": exchange.role.value,
                "operation": exchange.operation,
                "request": exchange.request,
                "context": context_json(exchange),
                "status": exchange.status,
                "content_type": exchange.content_type,
                "received_at": exchange.received_at,
                "reason": exchange.reason,
                "sha256": exchange.sha256,
            },
            exchange.body,
        )
        return self.count - 1


def context_json(exchange: Exchange) -> str:
    """The facts of the request as one JSON object, keys sorted."""
    return json.dumps(dict(exchange.context), sort_keys=True, ensure_ascii=False)


def identity(exchange: Exchange) -> bytes:
    """What an accepted answer adds to the hash of its pull."""
    parts = (exchange.role.value, exchange.operation, context_json(exchange), exchange.sha256)
    return "\n".join((*parts, "")).encode()


def accepted_sha256(path: Path) -> str:
    """Hex SHA-256 of the accepted answers of a responses file, as in the manifest of its pull.

    Raises:
        RawDamaged: as `read_responses`.
    """
    content = hashlib.sha256()
    for _, exchange in read_responses(path):
        if exchange.role is not Role.REJECTED:
            content.update(identity(exchange))
    return content.hexdigest()


def read_responses(path: Path) -> Iterator[tuple[int, Exchange]]:
    """Every stored exchange with its `response_no`, each body checked against its SHA-256.

    Raises:
        RawDamaged: the file is missing or cannot be read, or a body is not the one received.
    """
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        if file.schema_arrow != RESPONSES:
            raise RawDamaged(
                f"{path} does not have the columns of a responses file; restore it from a backup"
            )
        for group in range(file.num_row_groups):
            for record in file.read_row_group(group).to_pylist():
                yield record["response_no"], _exchange(path, record)
    except FileNotFoundError:
        raise RawDamaged(f"{path} is missing: restore it from a backup of the raw folder") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RawDamaged(f"{path} cannot be read, restore it from a backup: {error}") from None


def _exchange(path: Path, record: dict[str, Any]) -> Exchange:
    exchange = Exchange(
        operation=record["operation"],
        request=record["request"],
        status=record["status"],
        content_type=record["content_type"],
        body=record["body"],
        received_at=record["received_at"],
        context=json.loads(record["context"]),
        role=Role(record["role"]),
        reason=record["reason"],
    )
    if exchange.sha256 != record["sha256"]:
        raise RawDamaged(
            f"{path}: response {record['response_no']} is not the one received, its SHA-256 is "
            f"{exchange.sha256} and not {record['sha256']}; restore the file from a backup"
        )
    return exchange
