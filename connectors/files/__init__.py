"""Usage and invoices that arrive as files, through the same stream contract (see README.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.connection import Connection
from connectors.errors import NotConfigured
from connectors.files.streams import STREAMS
from connectors.vendor import Vendor


@contextmanager
def _open(connection: Connection, cache: Path) -> Iterator[None]:  # noqa: ARG001  # nobody is asked
    raise NotConfigured(
        "files are not asked for: bring one with backup-billing import FILE --mapping MAPPING"
    )
    yield


VENDOR = Vendor(
    name="files",
    title="Files",
    protocol="file",
    connection=Connection,
    open=_open,
    probe=str,
    streams=STREAMS,
    asked=False,
)
