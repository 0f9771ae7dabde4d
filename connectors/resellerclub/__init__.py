"""ResellerClub's Acronis Backup orders, through the LogicBoxes HTTP API (see README.md)."""

from connectors.resellerclub.client import open_client, probe
from connectors.resellerclub.connection import ResellerClubConnection
from connectors.resellerclub.streams import STREAMS
from connectors.vendor import Vendor

VENDOR = Vendor(
    name="resellerclub",
    title="ResellerClub",
    protocol="rest",
    connection=ResellerClubConnection,
    open=open_client,
    probe=probe,
    streams=STREAMS,
)
