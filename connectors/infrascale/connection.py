"""What an Infrascale connection needs: a web API user, and where its hierarchy starts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from connectors.connection import BaseUrl, Connection

SERVICES = "/WebApi/AccountManagementService"


def _of_the_services(url: str) -> str:
    # Windows servers do not care about the case of a path, and the vendor's pages write it both ways.
    if not url.lower().endswith(SERVICES.lower()):
        raise ValueError(f"must end in {SERVICES}, as https://secure.sosonlinebackup.com{SERVICES} does")
    return url


class InfrascaleConnection(Connection):
    """One web API user, as Infrascale's support issues it; not a dashboard login.

    Attributes:
        base_url: of the services; the production one unless set.
        username: of the web API user.
        password: of the web API user.
        entity_id: the entity to bill from, with everything below it; 0 for the user's own.
    """

    base_url: Annotated[BaseUrl, AfterValidator(_of_the_services)] = (
        f"https://secure.sosonlinebackup.com{SERVICES}"
    )
    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    entity_id: int = Field(default=0, ge=0)
