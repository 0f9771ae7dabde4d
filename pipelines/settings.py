"""The user's configuration: environment variables, `.env` and `billing.toml`, checked at start.

Variables of the environment win over `.env`; both stand in the project's root, as does
`billing.toml`, which is optional:

    time_zone = "Europe/Berlin"          # of the billing days; UTC when unset

    [[connection]]                       # a further connection, or limits of the default one
    vendor = "infrascale"
    name = "emea"
    env_prefix = "INFRASCALE_EMEA"       # its values are INFRASCALE_EMEA_BASE_URL and so on
    requests_per_second = 20
    max_in_flight = 4

Secrets are read from the environment only.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import load_dotenv
from pydantic import ValidationError

from connectors import clock
from connectors.connection import Connection, is_loopback
from connectors.vendor import Vendor, vendors
from warehouse.reference.source import Database, Source

PROJECT = Path(__file__).resolve().parent.parent
# Stands in a data directory that the sandbox has filled.
MADE_UP = "MADE-UP-FIGURES.txt"
LIMITS = ("max_in_flight", "requests_per_second", "timeout_seconds")


class ConfigurationMistakes(Exception):
    """The configuration cannot be used; `lines` says why, one clear line per mistake."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Settings:
    """The checked configuration.

    Attributes:
        home: data directory: raw/, warehouse.duckdb.
        reference: where the user's reference tables are; None while there are none.
        zone: time zone of the billing days.
        connections: by vendor name, in a stable order; a vendor without any is not active.
    """

    home: Path
    reference: Source | None
    zone: ZoneInfo
    connections: Mapping[str, tuple[Connection, ...]]

    @property
    def raw(self) -> Path:
        """Where pulls are landed."""
        return self.home / "raw"

    @property
    def warehouse(self) -> Path:
        """The published DuckDB file."""
        return self.home / "warehouse.duckdb"


def load_settings(project: Path = PROJECT, *, only: Collection[str] | None = None) -> Settings:
    """Read and check the configuration.

    Parameters:
        project: directory of `.env` and `billing.toml`; relative paths are relative to it.
        only: vendors whose connections are read, so that one vendor's mistake does not stop
            another's night; all of them when None.

    Raises:
        ConfigurationMistakes: with every mistake at once.
    """
    load_dotenv(project / ".env", override=False)
    mistakes: list[str] = []
    document = _billing_toml(project / "billing.toml", mistakes)
    zone = _zone(document.get("time_zone", "UTC"), mistakes)
    try:
        clock.now()
    except ValueError as error:
        mistakes.append(str(error))
    tables = _connection_tables(document, mistakes)
    connections = {
        vendor.name: tuple(_connections(vendor, tables.get(vendor.name, []), mistakes))
        for vendor in vendors().values()
        if only is None or vendor.name in only
    }
    home = project / (os.environ.get("BACKUP_BILLING_HOME") or "data")
    reference = _reference(project, home, mistakes)
    if (home / MADE_UP).exists() and any(map(_is_real, chain.from_iterable(connections.values()))):
        mistakes.append(
            f"{home} holds made-up figures of the sandbox: name another directory in BACKUP_BILLING_HOME, "
            "or delete this one"
        )
    if mistakes:
        raise ConfigurationMistakes(mistakes)
    return Settings(home, reference, zone, connections)


def _reference(project: Path, home: Path, mistakes: list[str]) -> Source | None:
    """A directory, or a database when it reads like a URL. Of that nothing is ever repeated."""
    named = os.environ.get("BACKUP_BILLING_REFERENCE")
    if not named:
        return home / "reference" if (home / "reference").is_dir() else None
    if "://" in named or "@" in named:
        try:
            return Database.at(named, project)
        except ValueError as error:
            mistakes.append(f"BACKUP_BILLING_REFERENCE {error}")
            return None
    if not (project / named).is_dir():
        mistakes.append(f"BACKUP_BILLING_REFERENCE is {named!r}, which is no directory")
    return project / named


def _is_real(connection: Connection) -> bool:
    return not is_loopback(urlsplit(getattr(connection, "base_url", "")).hostname or "")


def _billing_toml(path: Path, mistakes: list[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"billing.toml is not valid TOML: {error}")
        return {}
    mistakes.extend(
        f"billing.toml: {key!r} is not a setting; there are time_zone and [[connection]]"
        for key in sorted(document.keys() - {"time_zone", "connection"})
    )
    return document


def _zone(name: object, mistakes: list[str]) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # of half a name, as Europe
        mistakes.append(
            f"billing.toml: time_zone is {name!r}, not an IANA time zone; for example Europe/Berlin"
        )
        return ZoneInfo("UTC")


def _connection_tables(document: Mapping[str, Any], mistakes: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The [[connection]] tables by vendor; each holds name, env_prefix and limits."""
    tables: dict[str, list[dict[str, Any]]] = {}
    allowed = {"vendor", "name", "env_prefix", *LIMITS}
    listed = document.get("connection", [])
    if not isinstance(listed, list) or not all(isinstance(table, dict) for table in listed):
        mistakes.append("billing.toml: each connection is a table of its own under [[connection]]")
        return tables
    for number, table in enumerate(listed, start=1):
        where = f"billing.toml: connection {number}"
        if str(table.get("vendor")) not in vendors():
            mistakes.append(f"{where}: vendor must be one of {', '.join(vendors())}")
            continue
        mistakes.extend(
            f"{where}: {key!r} does not belong here; the vendor's values are set in the environment, "
            "under the prefix named by env_prefix"
            for key in sorted(table.keys() - allowed)
        )
        others = tables.setdefault(table["vendor"], [])
        name = table.get("name", "default")
        if any(other.get("name", "default") == name for other in others):
            mistakes.append(
                f"{where}: {table['vendor']} has a connection {name!r} already; name each its own"
            )
        others.append(table)
    return tables


def _connections(vendor: Vendor, tables: list[dict[str, Any]], mistakes: list[str]) -> list[Connection]:
    prefix = vendor.name.upper()
    if not any(table.get("name", "default") == "default" for table in tables):
        tables = [{"name": "default"}, *tables]
    found = []
    for table in tables:
        name = table.get("name", "default")
        limits = {key: table[key] for key in LIMITS if key in table}
        connection = _connection(vendor, name, table.get("env_prefix", prefix), limits, mistakes)
        if connection:
            found.append(connection)
        elif name != "default":
            mistakes.append(
                f"billing.toml: connection {name!r}: no {table.get('env_prefix', prefix)}_ variable is set"
            )
    return found


def _connection(
    vendor: Vendor, name: str, prefix: str, limits: dict[str, Any], mistakes: list[str]
) -> Connection | None:
    """One connection, or None when nothing of it is set."""
    fields = {
        field: info
        for field, info in vendor.connection.model_fields.items()
        if field not in Connection.model_fields
    }
    names = {field: f"{prefix}_{vendor.connection.variables.get(field, field).upper()}" for field in fields}
    values = {field: os.environ.get(name, "") for field, name in names.items()}
    values = {field: value for field, value in values.items() if value}
    if not values:
        return None
    missing = [field for field, info in fields.items() if info.is_required() and field not in values]
    if missing:
        given = names[next(iter(values))]
        mistakes.extend(f"{names[field]} is not set, though {given} is" for field in missing)
        return None
    try:
        return vendor.connection.model_validate({"name": name, **limits, **values})
    except ValidationError as error:
        for mistake in error.errors():
            where = mistake["loc"][0] if mistake["loc"] else ""
            variable = names.get(str(where), f"billing.toml: {where}")
            mistakes.append(f"{variable} {mistake['msg'].removeprefix('Value error, ')}")
        return None
