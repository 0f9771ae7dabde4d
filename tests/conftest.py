"""What a person has configured reaches no test: vendors are asked in the sandbox only.

Here, and not in a fixture: modules of pipelines read the configuration when they are imported.
Processes that tests start still read a billing.toml, which holds no address and no secret.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pipelines import settings
from tests.unconfigured import unconfigured

_environment = unconfigured(os.environ)
os.environ.clear()
os.environ.update(_environment)

_billing_toml = settings._billing_toml


def _billing_toml_of_a_test(path: Path, mistakes: list[str]) -> dict[str, Any]:
    return {} if path.parent == settings.PROJECT else _billing_toml(path, mistakes)


settings._billing_toml = _billing_toml_of_a_test
