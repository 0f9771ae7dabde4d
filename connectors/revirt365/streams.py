"""The table of ReVirt365's streams: our columns; where they come from is the contract file's."""

from __future__ import annotations

from functools import partial

from connectors.completeness import equals_total, unique_keys
from connectors.errors import NotConfigured
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.contract import NotOffered
from connectors.revirt365.contract_file import read_contract
from connectors.revirt365.fetch import fetch
from connectors.revirt365.fields import COLUMNS
from connectors.revirt365.parse import parser
from connectors.stream import AsOf, Evidence, Stream


def prove(evidence: Evidence) -> None:
    """The rows are as many as the vendor's total, where one total speaks of the whole pull.

    Every list has proven itself while it was read (`paging.whole_list`).

    Raises:
        IncompletePull: another number of rows, or two rows of one key.
    """
    (equals_total if evidence.totals else unique_keys)(evidence)


def as_of(connection: Revirt365Connection, stream: Stream) -> AsOf:
    """What the contract file's requests ask for; the present as long as there is no contract file."""
    try:
        rows = getattr(read_contract(connection.contract).streams, stream.name)
    except NotConfigured:
        return AsOf.SNAPSHOT
    return AsOf.DATED if isinstance(rows, NotOffered) or rows.is_dated else AsOf.SNAPSHOT


def _stream(name: str, description: str, *key: str) -> Stream:
    return Stream(
        vendor="revirt365",
        name=name,
        description=description,
        as_of=AsOf.SNAPSHOT,
        key=key,
        paging="as the contract file says: one answer, numbered pages, offsets or tokens",
        control_total="each list equals its total; two walks are the same where the contract file names none",
        fields=COLUMNS[name],
        fetch=partial(fetch, name),
        parse=parser(COLUMNS[name]),
        prove=prove,
    )


STREAMS = (
    _stream(
        "customers", "The customers of the reseller or distributor that the app key is for.", "account_id"
    ),
    _stream(
        "usage",
        "Seats of each customer, and what else the contract file finds: what is billed.",
        "account_id",
        "resource_id",
        "product",
    ),
    _stream(
        "sessions", "The runs of backup jobs: evidence of activity, never billed.", "account_id", "session_id"
    ),
)
