"""What a ResellerClub connection needs: a reseller id, its API key, and how gently to ask."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from connectors.connection import BaseUrl, Connection, is_loopback

FASTEST = 10  # requests a second; the vendor names no limit, and blocks addresses that go beyond it


def _listed(regions: Any) -> Any:
    """An environment variable's comma-separated regions."""
    return [part.strip() for part in regions.split(",")] if isinstance(regions, str) else regions


class ResellerClubConnection(Connection):
    """One reseller account, and where it sells Acronis Backup.

    Attributes:
        base_url: ends before `/api`. A live key acts on the live account at the vendor's test host, too.
        auth_userid: the reseller id.
        api_key: Settings > API; this machine's address must be on the allow-list there.
        regions: where backup orders are read, each with its own search and product.
        plan_field, storage_field: what an order's details call the plan and the gigabytes ordered,
            which no public page names.
        max_in_flight: one; the vendor drops further connections from an address.
        requests_per_second: low, and no more than `FASTEST`; towards this machine there is nobody to spare.
    """

    base_url: BaseUrl = "https://httpapi.com"
    auth_userid: str = Field(pattern=r"^[0-9]{1,18}$")
    api_key: SecretStr = Field(min_length=6)
    regions: Annotated[tuple[Literal["us", "asia"], ...], BeforeValidator(_listed)] = ("us", "asia")
    plan_field: str = Field(default="planid", min_length=1)
    storage_field: str = Field(default="storagesizegb", min_length=1)
    max_in_flight: int = Field(default=1, ge=1, le=1)
    requests_per_second: int = Field(default=2, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _freely_towards_this_machine(cls, values: dict[str, Any]) -> dict[str, Any]:
        host = urlsplit(str(values.get("base_url", ""))).hostname or ""
        return {"requests_per_second": 1000, **values} if is_loopback(host) else values

    @field_validator("base_url")
    @classmethod
    def _before_api(cls, url: str) -> str:
        if urlsplit(url).path.endswith("/api"):
            raise ValueError("must end before /api")
        return url

    @field_validator("regions")
    @classmethod
    def _some_and_once(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        if not regions or len(set(regions)) < len(regions):
            raise ValueError("must name us, asia or both, each once")
        return regions

    @model_validator(mode="after")
    def _gently(self) -> Self:
        if self.requests_per_second > FASTEST and not is_loopback(urlsplit(self.base_url).hostname or ""):
            raise ValueError(
                f"requests_per_second must be at most {FASTEST}: the vendor blocks addresses that ask faster"
            )
        return self
