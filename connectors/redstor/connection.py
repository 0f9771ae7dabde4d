"""What a Redstor connection needs: a RedAPI client id and its private key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from pydantic import AfterValidator, Field

from connectors.connection import BaseUrl, Connection


def _signing_key_file(path: Path) -> Path:
    read_signing_key(path)
    return path


class RedstorConnection(Connection):
    """One RedAPI service account, as exported from RedApp (Partner Admin).

    Attributes:
        base_url: of RedAPI.
        issuer_url: of the identity server; its discovery document names the token endpoint.
        client_id: of the service account.
        jwk_file: the private key RedApp issued with it, a JWK in JSON.
        company_id: the company to bill from; None for the service account's own root company.
        api_version: `2.0`, or `1`, which Redstor calls soon to be deprecated. Always sent, since
            a request without one gets whatever version is the latest.
    """

    base_url: BaseUrl = "https://api.redstor.com"
    issuer_url: BaseUrl = "https://id.redstor.com"
    client_id: str = Field(min_length=1)
    jwk_file: Annotated[Path, AfterValidator(_signing_key_file)]
    company_id: UUID | None = None
    api_version: Literal["1", "2.0"] = "2.0"


def read_signing_key(path: Path) -> tuple[RSAPrivateKey, str | None]:
    """The private key in a JWK file, and its key id where it has one (RedAPI, article 1607).

    Raises:
        ValueError: there is no such file, or it is not a private RSA JWK; one line, no key material.
    """
    try:
        jwk = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"cannot be read: {path}: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"is not JSON: {path}; RedApp exports the key as a JWK file, not PEM") from None
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA":
        raise ValueError(f'is not an RSA JWK: {path}; it should be one JSON object with "kty": "RSA"')
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except (InvalidKeyError, ValueError, TypeError, KeyError):
        raise ValueError(f"is a damaged JWK: {path}; export it from RedApp again") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(f"holds only the public half of the key: {path}; the private JWK is needed")  # noqa: TRY004
    kid = jwk.get("kid")
    return key, kid if isinstance(kid, str) else None
