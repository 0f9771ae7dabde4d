"""What the stand-in vendors accept, made afresh at every start."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from connectors.sandbox.resellerclub.estate import RESELLER_ID
from connectors.sandbox.revirt365.contract import collection, contract

_PUBLIC_MEMBERS = ("kty", "kid", "n", "e")


def _new_key() -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {**jwk, "kid": secrets.token_hex(16).upper(), "use": "sig", "alg": "RS256"}


@dataclass(frozen=True)
class Credentials:
    """What opens each vendor; the API key's field at Xopero is one that no manual names."""

    infrascale_username: str = "2117WS"
    infrascale_password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    redstor_client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    xopero_name: str = "distribution@northwind.example"
    xopero_password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    xopero_api_key: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    xopero_api_key_field: str = "apiKey"
    resellerclub_auth_userid: str = str(RESELLER_ID)
    resellerclub_api_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    revirt365_app_key: str = field(default_factory=lambda: f"app-{secrets.token_hex(8)}", repr=False)
    revirt365_app_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    redstor_key: Mapping[str, Any] = field(default_factory=_new_key, repr=False)

    @property
    def redstor_public_key(self) -> dict[str, Any]:
        """The half of the key that the issuer knows."""
        return {member: self.redstor_key[member] for member in _PUBLIC_MEMBERS}

    def environment(self, url: str, directory: Path) -> dict[str, str]:
        """The variables that point the connectors at a sandbox.

        Parameters:
            url: of the sandbox.
            directory: is created; the private key, ReVirt365's contract file and a Postman
                collection of the same endpoints are written there, for their owner only.
        """
        directory.mkdir(parents=True, exist_ok=True)
        jwk_file = directory / "redstor.jwk.json"
        write_private(jwk_file, json.dumps(dict(self.redstor_key)))
        contract_file = directory / "revirt365-contract.toml"
        write_private(contract_file, contract())
        write_private(directory / "revirt365.postman_collection.json", collection())
        return {
            "INFRASCALE_BASE_URL": f"{url}/infrascale/WebApi/AccountManagementService",
            "INFRASCALE_USERNAME": self.infrascale_username,
            "INFRASCALE_PASSWORD": self.infrascale_password,
            "REDSTOR_BASE_URL": f"{url}/redstor",
            "REDSTOR_ISSUER_URL": f"{url}/redstor-id",
            "REDSTOR_CLIENT_ID": self.redstor_client_id,
            "REDSTOR_JWK_FILE": str(jwk_file.resolve()),
            "XOPERO_BASE_URL": f"{url}/xopero/api/v2",
            "XOPERO_NAME": self.xopero_name,
            "XOPERO_PASSWORD": self.xopero_password,
            "RESELLERCLUB_BASE_URL": f"{url}/resellerclub",
            "RESELLERCLUB_AUTH_USERID": self.resellerclub_auth_userid,
            "RESELLERCLUB_API_KEY": self.resellerclub_api_key,
            "REVIRT365_BASE_URL": f"{url}/revirt365",
            "REVIRT365_APP_KEY": self.revirt365_app_key,
            "REVIRT365_APP_SECRET": self.revirt365_app_secret,
            "REVIRT365_CONTRACT": str(contract_file.resolve()),
            "BACKUP_BILLING_SANDBOX_URL": url,
        }


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read; it appears whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
