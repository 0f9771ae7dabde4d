"""Environments in which nothing is configured."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.vendor import vendors


def unconfigured(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the variables of vendors and our own, in which no `.env` is read either."""
    ours = ("BACKUP_BILLING_", *(f"{vendor.upper()}_" for vendor in vendors()))
    kept = {name: value for name, value in environment.items() if not name.startswith(ours)}
    return {**kept, "PYTHON_DOTENV_DISABLED": "1"}
