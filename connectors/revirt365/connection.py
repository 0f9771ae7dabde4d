"""What a ReVirt365 connection needs: app key, app secret, and the contract file."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from connectors.connection import BaseUrl, Connection


class Revirt365Connection(Connection):
    """One app key, as the vendor sends it by e-mail on request.

    Attributes:
        base_url: of the API, without the version, which is part of the paths.
        app_key, app_secret: exchanged for a bearer token.
        contract: the user's contract file; a relative path hangs on the project's root.
    """

    base_url: BaseUrl
    app_key: SecretStr
    app_secret: SecretStr
    contract: Path = Path("revirt365-contract.toml")
