"""What a Xopero connection needs: the brand's address and a partner's login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from connectors.connection import BaseUrl, Connection


def _api_url(url: str) -> str:
    if not url.endswith("/api/v2"):
        raise ValueError("must end in /api/v2, for example https://backup.example.com/api/v2")
    return url


class XoperoConnection(Connection):
    """One partner's login at one brand; every brand has a host of its own.

    Attributes:
        base_url: of the API, up to /api/v2.
        login: the partner's, sent as `name`.
        password: of that login.
        api_key: in place of the password.
        api_key_field: the member that carries the API key. The vendor's document lost its example of
            it, so the name is a setting; ask the vendor which one your brand takes.
    """

    variables: ClassVar[Mapping[str, str]] = {"login": "name"}

    base_url: Annotated[BaseUrl, AfterValidator(_api_url)]
    login: str = Field(min_length=1)
    password: SecretStr | None = None
    api_key: SecretStr | None = Field(default=None, validate_default=True)
    api_key_field: str = Field(default="apiKey", pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")

    @field_validator("api_key")
    @classmethod
    def _one_way_in(cls, api_key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if not api_key and not info.data.get("password"):
            raise ValueError("is not set, and neither is the password; set one of them")
        return api_key

    @property
    def credentials(self) -> dict[str, str]:
        """What `/token` is asked with: the API key where there is one, else the password."""
        if self.api_key:
            return {"name": self.login, self.api_key_field: self.api_key.get_secret_value()}
        password = self.password.get_secret_value() if self.password else ""
        return {"name": self.login, "password": password}
