"""What a vendor is to the rest of the house, and the list of those there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import connectors
from connectors.connection import Connection
from connectors.stream import AsOf, Stream

GROUP = "backup_billing.vendors"
"""Entry points by which an installed package adds a vendor."""


@dataclass(frozen=True)
class Vendor:
    """One backup vendor.

    Attributes:
        name: folder, asset group and environment prefix (upper-cased).
        title: as people write it.
        protocol: soap or rest, shown on its assets.
        connection: the settings one set of credentials needs.
        open: opens a client for one connection; `cache` is a directory it may keep files in
            between runs (a vendor's WSDL). Closing forgets tokens.
        probe: one cheap read that shows reachability and credentials; returns a sentence.
        streams: the datasets.
        asked: whether they are asked for every night; files are brought by people instead.
        as_of: which day the answers to one connection speak of, where that is not the stream's own
            but the user's to say.
        staging: folder of `<table>.sql`, the SELECTs that fill the staging tables; None where they
            stand in warehouse/sql/staging.
    """

    name: str
    title: str
    protocol: str
    connection: type[Connection]
    open: Callable[[Any, Path], AbstractContextManager[Any]]
    probe: Callable[[Any], str]
    streams: tuple[Stream, ...]
    asked: bool = True
    as_of: Callable[[Any, Stream], AsOf] | None = None
    staging: Path | None = None

    def declared(self, stream: Stream, connection: Connection) -> Stream:
        """The stream as one connection has it."""
        return replace(stream, as_of=self.as_of(connection, stream)) if self.as_of else stream

    def stream(self, name: str) -> Stream:
        """The stream of that name.

        Raises:
            KeyError: there is none.
        """
        return {stream.name: stream for stream in self.streams}[name]


@cache
def vendors() -> dict[str, Vendor]:
    """Every vendor by name: those of our own folder, and those that installed packages add.

    Raises:
        ValueError: two bear one name, or an entry point leads to something else than a `Vendor`.
    """
    found: dict[str, Vendor] = {}
    for vendor in (*_of_our_folder(), *_installed()):
        if vendor.name in found:
            raise ValueError(f"there are two vendors called {vendor.name}")
        found[vendor.name] = vendor
    return found


def _of_our_folder() -> Iterator[Vendor]:
    """Each subpackage of `connectors` that has a `VENDOR`."""
    for module in pkgutil.iter_modules(connectors.__path__):
        if module.ispkg:
            vendor = getattr(importlib.import_module(f"connectors.{module.name}"), "VENDOR", None)
            if isinstance(vendor, Vendor):
                yield vendor


def _installed() -> Iterator[Vendor]:
    """What packages name under the entry points of `GROUP`."""
    for entry in entry_points(group=GROUP):
        vendor = entry.load()
        if not isinstance(vendor, Vendor):
            raise ValueError(f"{entry.value}, of the entry points {GROUP}, is no Vendor")  # noqa: TRY004  # of a package, not of a caller
        yield vendor
