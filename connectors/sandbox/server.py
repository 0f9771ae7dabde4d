"""All stand-in vendors in one process, on loopback only.

    /infrascale/WebApi/AccountManagementService/<Service>.asmx   SOAP
    /redstor       RedAPI V1 and V2
    /redstor-id    its OIDC issuer
    /xopero/api/v2 WebAPI 2.0
    /resellerclub  the HTTP API for Acronis Backup
    /revirt365     the published part of ACB365, and endpoints of our own making
    /sandbox       truth, clock, faults and log

In a test:

    with Sandbox(customers=20) as sandbox:
        sandbox.set_now("2026-11-01T01:00:00+00:00")
        os.environ.update(sandbox.environment(tmp_path))
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Collection, Iterable
from datetime import UTC, tzinfo
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from connectors.sandbox import infrascale, redstor
from connectors.sandbox.control import Clock, Entry, Latency, RequestLog, create_control, new_entries
from connectors.sandbox.credentials import Credentials, write_private
from connectors.sandbox.faults import Faults
from connectors.sandbox.plants.plant import Plant
from connectors.sandbox.redstor_issuer import Issuer
from connectors.sandbox.reference import write_reference
from connectors.sandbox.resellerclub.app import ResellerClubApi
from connectors.sandbox.resellerclub.connection import OneConnection
from connectors.sandbox.revirt365.app import ReVirt365Api
from connectors.sandbox.revirt365.tokens import Tokens as ReVirt365Tokens
from connectors.sandbox.world import World
from connectors.sandbox.xopero.app import XoperoApi
from connectors.sandbox.xopero.tokens import Tokens as XoperoTokens

HOST = "127.0.0.1"


class Sandbox:
    """The stand-in vendors over one world, served by a thread while the context is open.

    Parameters:
        customers, seed, zone, plants: of the world, see `World`.
        credentials: what the vendors accept; fresh ones when None.
        port: on 127.0.0.1; 0 takes a free one.

    Attributes:
        url: where it serves.
        world: what the vendors tell.
        faults: what is to go wrong.
        clock: what time it is for the vendors.
        credentials: what they accept.
        issuer: who grants Redstor's tokens.
        xopero_tokens: who grants Xopero's, and for how long.
        resellerclub: its API, with the right spellings of its paths.
        resellerclub_gate: lets one request at a time pass, and blocks for good after two at once.
        revirt365_tokens: who grants ReVirt365's tokens, and for how long.
        latency: how long every vendor takes to answer.
        log: the requests received, oldest first.
    """

    def __init__(  # noqa: PLR0917 - what is its own, after what is of the world
        self,
        customers: int = 200,
        seed: int = 7,
        zone: tzinfo = UTC,
        credentials: Credentials | None = None,
        port: int = 0,
        plants: Iterable[Plant] = (),
    ) -> None:
        self.world = World(customers, seed, zone, plants)
        self.faults = Faults()
        self.clock = Clock()
        self.credentials = credentials or Credentials()
        self.log = new_entries()
        self.latency = Latency()
        self._socket = socket.create_server((HOST, port), backlog=512)
        # Inherited by what is accepted; without it small answers wait for the client's acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_level="critical", access_log=False, lifespan="off")
        )

    def _app(self) -> Starlette:
        accepted = self.credentials
        self.issuer = Issuer(accepted.redstor_client_id, accepted.redstor_public_key, self.faults)
        soap = infrascale.create_app(
            self.world,
            self.clock,
            self.faults,
            (accepted.infrascale_username, accepted.infrascale_password),
        )
        rest = redstor.create_app(self.world, self.clock, self.faults, self.issuer)
        self.xopero_tokens = XoperoTokens(
            accepted.xopero_name,
            accepted.xopero_password,
            accepted.xopero_api_key,
            accepted.xopero_api_key_field,
        )
        xopero = XoperoApi(self.world, self.clock, self.faults, self.xopero_tokens)
        self.resellerclub = ResellerClubApi(
            self.world,
            self.clock,
            self.faults,
            (accepted.resellerclub_auth_userid, accepted.resellerclub_api_key),
        )
        slow = self.latency.before
        self.resellerclub_gate = OneConnection(slow(self.resellerclub))
        self.revirt365_tokens = ReVirt365Tokens(accepted.revirt365_app_key, accepted.revirt365_app_secret)
        revirt365 = ReVirt365Api(self.world, self.clock, self.faults, self.revirt365_tokens)
        control = create_control(self.world, self.clock, self.faults, self.log)
        vendors: list[tuple[str, str, ASGIApp]] = [
            ("/infrascale/WebApi/AccountManagementService", "infrascale", slow(soap)),
            ("/redstor-id", "redstor", slow(self.issuer.app)),
            ("/redstor", "redstor", slow(rest)),
            ("/xopero/api/v2", "xopero", slow(xopero)),
            ("/resellerclub", "resellerclub", self.resellerclub_gate),
            ("/revirt365", "revirt365", slow(revirt365)),
        ]
        app = Starlette(
            routes=[
                *(Mount(path, RequestLog(name, vendor, self.log)) for path, name, vendor in vendors),
                Mount("/sandbox", control),
            ]
        )
        app.router.redirect_slashes = False
        return app

    def set_now(self, now: str | None) -> None:
        """Set the vendors' clock to an ISO 8601 instant with offset; None follows the machine's."""
        self.clock.set(now)

    def environment(self, directory: Path) -> dict[str, str]:
        """The variables that point the connectors here; the private key is written to `directory`."""
        return self.credentials.environment(self.url, directory)

    @property
    def refused_writes(self) -> list[Entry]:
        """Every request that tried to change something at a vendor."""
        return [entry for entry in self.log if entry.write]

    def run(self) -> None:
        """Serve until stopped; in the main thread also until SIGINT or SIGTERM."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        """Serve in a thread; the socket listens already."""
        self._thread = Thread(target=self.run, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving, without waiting for open connections."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._socket.close()


def serve(
    *,
    port: int = 0,
    customers: int = 200,
    seed: int = 7,
    zone: tzinfo = UTC,
    environment_file: Path | None = None,
    credentials: Credentials | None = None,
    plants: Collection[Plant] = (),
) -> None:
    """Serve until interrupted. The clock starts at BACKUP_BILLING_NOW, or follows the machine's.

    Parameters:
        port: on 127.0.0.1; 0 takes a free one.
        customers, seed, zone, plants: of the world, see `World`. With plants the reference that goes with
            them is written to `reference/` beside the private key, and a variable leads to it.
        environment_file: where the variables are written as soon as requests are answered, beside the
            private key; when None they are printed, and the key lies in the working directory.
        credentials: what the vendors accept; fresh ones when None.
    """
    # A large world is millions of lasting objects: looking through them often triples the cost of a day.
    gc.set_threshold(200_000, 50, 100)
    sandbox = Sandbox(customers, seed, zone, credentials, port, plants)
    directory = environment_file.parent if environment_file else Path()
    variables = sandbox.environment(directory)
    if plants:
        write_reference(sandbox.world, directory / "reference")
        variables |= {"BACKUP_BILLING_REFERENCE": str(directory / "reference")}
    lines = "".join(f"{name}='{value}'\n" for name, value in variables.items())
    if environment_file:
        write_private(environment_file, lines)
        lines = f"Variables: {environment_file}\n"
    print(f"{lines}Sandbox with {customers} customers: {sandbox.url}", flush=True)
    sandbox.run()
