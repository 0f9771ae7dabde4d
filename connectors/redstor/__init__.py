"""Redstor, through RedAPI versions 1 and 2.0 (see README.md)."""

from connectors.redstor.client import open_client, probe
from connectors.redstor.connection import RedstorConnection
from connectors.redstor.streams import STREAMS
from connectors.vendor import Vendor

VENDOR = Vendor(
    name="redstor",
    title="Redstor",
    protocol="rest",
    connection=RedstorConnection,
    open=open_client,
    probe=probe,
    streams=STREAMS,
)
