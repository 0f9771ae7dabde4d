"""Xopero, through WebAPI 2.0 (see README.md)."""

from connectors.vendor import Vendor
from connectors.xopero.client import open_client, probe
from connectors.xopero.connection import XoperoConnection
from connectors.xopero.streams import STREAMS

VENDOR = Vendor(
    name="xopero",
    title="Xopero",
    protocol="rest",
    connection=XoperoConnection,
    open=open_client,
    probe=probe,
    streams=STREAMS,
)
