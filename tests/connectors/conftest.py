"""Every test here may fail requests: retries happen at once."""

import pytest
import stamina


@pytest.fixture(autouse=True)
def no_waits():
    with stamina.set_testing(True, attempts=5, cap=True):
        yield
