"""Is everything ready for the night? One clear line for each thing that must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.connection import Connection
from connectors.errors import VendorError
from connectors.vendor import Vendor, vendors
from pipelines.settings import Settings
from warehouse.reference.loader import load_reference
from warehouse.reference.rows import ReferenceMistakes


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor, and whether it is well."""

    line: str
    well: bool


def examine(settings: Settings) -> Iterator[Finding]:
    """Check the data directory, the reference tables, and each vendor's reachability and credentials."""
    yield _home(settings)
    yield from _reference(settings)
    for vendor in vendors().values():
        for connection in settings.connections[vendor.name]:
            yield _probe(settings, vendor, connection)
        if vendor.asked and not settings.connections[vendor.name]:
            yield Finding(f"{vendor.name}: not configured", well=True)
    if not any(settings.connections.values()):
        yield Finding("no vendor is configured: set their variables in .env, see README.md", well=False)


def _home(settings: Settings) -> Finding:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(f"data directory: {settings.home} cannot be written: {error.strerror}", well=False)
    return Finding(f"data directory: ok, {settings.home}", well=True)


def _reference(settings: Settings) -> Iterator[Finding]:
    if settings.reference is None:
        where = settings.home / "reference"
        yield Finding(f"reference: {where} is not there, so all usage is unmapped; see README.md", well=False)
        return
    try:
        load_reference(settings.reference)
    except ReferenceMistakes as mistakes:
        yield from (Finding(f"reference: {line}", well=False) for line in mistakes.lines)
    else:
        yield Finding(f"reference: ok, {settings.reference}", well=True)


def _probe(settings: Settings, vendor: Vendor, connection: Connection) -> Finding:
    where = f"{vendor.name} {connection.name}"
    try:
        with vendor.open(connection, settings.home / "cache" / vendor.name) as client:
            return Finding(f"{where}: ok, {vendor.probe(client)}", well=True)
    except VendorError as error:
        return Finding(f"{where}: {error}", well=False)
