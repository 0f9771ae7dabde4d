"""Keeps pandas out of the processes that pull.

pyarrow 26 imports pandas at its first conversion of Python values wherever pandas is installed, only to
see whether it was given a data frame: 40 MB and a quarter of a second for nothing.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def keep_pandas_out() -> None:
    """Let pyarrow look for pandas once, in vain; who imports pandas later has all of it, `to_pandas` too."""
    if "pandas" not in sys.modules:
        blind = _NoPandas()
        sys.meta_path.insert(0, blind)
        try:
            pa.array([])
        finally:
            sys.meta_path.remove(blind)
