"""What a run holds open: one client per connection, made when first used and closed with the run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from connectors.connection import Connection
from connectors.errors import NotConfigured
from connectors.stream import Stream
from connectors.vendor import Vendor
from pipelines.settings import ConfigurationMistakes, Settings, load_settings
from warehouse.landing import Landing


class Connections(dg.ConfigurableResource[Any]):
    """The vendors' clients of one run, and the landing they fill.

    A vendor's settings are read when it is first asked for, so that a mistake in one vendor's
    configuration fails that vendor's streams with a sentence and nothing else.
    """

    _settings: dict[str, Settings] = PrivateAttr(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = PrivateAttr(default_factory=dict)
    _closing: ExitStack = PrivateAttr(default_factory=ExitStack)

    @contextmanager
    def yield_for_execution(
        self,
        context: dg.InitResourceContext,  # noqa: ARG002  # Dagster hands it over
    ) -> Generator[Connections]:
        """Dagster's life cycle: settings and clients live as long as the run."""
        with self._closing:
            yield self
        self._clients.clear()
        self._settings.clear()

    def names(self, vendor: Vendor) -> list[str]:
        """The connections of a vendor.

        Raises:
            NotConfigured: there is none, or their configuration has mistakes.
        """
        connections = self._of(vendor).connections[vendor.name]
        if not connections:
            prefix = vendor.name.upper()
            raise NotConfigured(
                f"{vendor.title} is not configured: set {prefix}_BASE_URL and the rest in .env"
            )
        return [connection.name for connection in connections]

    def declared(self, vendor: Vendor, name: str, stream: Stream) -> Stream:
        """The stream as one connection has it."""
        return vendor.declared(stream, self._connection(vendor, name))

    def client(self, vendor: Vendor, name: str) -> Any:
        """The open client of one connection."""
        if (vendor.name, name) not in self._clients:
            settings = self._of(vendor)
            opened = vendor.open(self._connection(vendor, name), settings.home / "cache" / vendor.name)
            self._clients[vendor.name, name] = self._closing.enter_context(opened)
        return self._clients[vendor.name, name]

    @staticmethod
    def landing() -> Landing:
        """Where pulls go."""
        return Landing(load_settings(only=()).raw)

    def _connection(self, vendor: Vendor, name: str) -> Connection:
        return next(c for c in self._of(vendor).connections[vendor.name] if c.name == name)

    def _of(self, vendor: Vendor) -> Settings:
        if vendor.name not in self._settings:
            try:
                self._settings[vendor.name] = load_settings(only=[vendor.name])
            except ConfigurationMistakes as mistakes:
                raise NotConfigured("; ".join(mistakes.lines)) from None
        return self._settings[vendor.name]
