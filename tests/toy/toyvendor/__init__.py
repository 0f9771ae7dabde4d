"""Toy Backup: customers and what they use, from one small API."""

from pathlib import Path

from connectors.vendor import Vendor
from toyvendor.client import ToyConnection, open_client, probe
from toyvendor.streams import STREAMS

VENDOR = Vendor(
    name="toy",
    title="Toy Backup",
    protocol="rest",
    connection=ToyConnection,
    open=open_client,
    probe=probe,
    streams=STREAMS,
    staging=Path(__file__).with_name("staging"),
)
