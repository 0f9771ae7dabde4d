"""Infrascale, through the SOS Online Backup Web API (see README.md)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.infrascale.connection import InfrascaleConnection
from connectors.infrascale.streams import STREAMS
from connectors.vendor import Vendor

if TYPE_CHECKING:
    from connectors.infrascale.client import InfrascaleClient


def _open(connection: InfrascaleConnection, cache: Path) -> AbstractContextManager[InfrascaleClient]:
    from connectors.infrascale.client import connect  # noqa: PLC0415  # zeep is slow to import

    return connect(connection, cache)


def _probe(client: InfrascaleClient) -> str:
    return client.probe()


VENDOR = Vendor(
    name="infrascale",
    title="Infrascale",
    protocol="soap",
    connection=InfrascaleConnection,
    open=_open,
    probe=_probe,
    streams=STREAMS,
)
