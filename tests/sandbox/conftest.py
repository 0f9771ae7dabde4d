"""A running sandbox and a plain HTTP client for it."""

import httpx
import pytest

from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import World
from tests.sandbox import infrascale_support
from tests.sandbox.redstor_support import NIGHT, ask_token


@pytest.fixture(scope="session")
def running():
    with Sandbox(customers=40) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.set_now(NIGHT)
    running.faults.clear()
    running.log.clear()
    return running


@pytest.fixture(scope="session")
def infrascale():
    with infrascale_support.running(World(customers=60)) as vendor:
        yield vendor


@pytest.fixture
def vendor(infrascale):
    """The Infrascale stand-in by itself."""
    infrascale.now = infrascale_support.NIGHT
    infrascale.faults.clear()
    return infrascale


@pytest.fixture
def root(sandbox):
    return sandbox.world.redstor(sandbox.world.day_at(sandbox.clock())).root.company_id


@pytest.fixture
def api(sandbox):
    """A client with a valid token that asks for V1 unless told otherwise."""
    token = ask_token(sandbox).json()["access_token"]
    with httpx.Client(
        base_url=f"{sandbox.url}/redstor",
        headers={"Authorization": f"Bearer {token}"},
        params={"apiVersion": "1"},
    ) as client:
        yield client
