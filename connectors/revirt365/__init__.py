"""ReVirt365, as far as its vendor publishes it; the rest is in the user's contract file (see README.md)."""

from connectors.revirt365.client import open_client, probe
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.streams import STREAMS, as_of
from connectors.vendor import Vendor

VENDOR = Vendor(
    name="revirt365",
    title="ReVirt365",
    protocol="rest",
    connection=Revirt365Connection,
    open=open_client,
    probe=probe,
    streams=STREAMS,
    as_of=as_of,
)
