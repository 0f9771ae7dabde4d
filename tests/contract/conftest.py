import pytest
import stamina

from tests.contract.subjects import taped_subjects


@pytest.fixture(autouse=True)
def no_waits():
    """One retry is as good as four, and none waits."""
    with stamina.set_testing(True, attempts=2, cap=True):
        stamina.instrumentation.set_on_retry_hooks([])
        yield
        stamina.instrumentation.set_on_retry_hooks(None)


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    with taped_subjects(tmp_path_factory.mktemp("contract")) as found:
        yield found
