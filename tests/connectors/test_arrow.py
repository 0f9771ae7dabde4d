"""pyarrow without pandas, in the processes that pull."""

import subprocess
import sys

SCRIPT = """
import sys
import connectors.stream
import pyarrow as pa
table = pa.table({"figure": pa.array([1, None])})
assert "pandas" not in sys.modules, "pandas was imported"
assert len(table.to_pandas()) == 2
assert "pandas" in sys.modules
"""


def test_pandas_is_loaded_only_by_who_wants_it() -> None:
    """Making arrays does not import pandas; a data frame can still be had."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
