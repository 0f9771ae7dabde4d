"""The Infrascale Web API over the shared transport: one request at a time, its answer judged."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from connectors.errors import CredentialsRefused, IncompletePull
from connectors.infrascale import parse
from connectors.infrascale.connection import InfrascaleConnection
from connectors.infrascale.reads import ACCOUNTS, ALLOWED, HIERARCHY, READS, RESULT, Read
from connectors.infrascale.result import judge_result
from connectors.infrascale.tree import Tree
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport
from connectors.transport.soap import SoapTransport, frame_of

AUTH_HEADER = "{sosonlinebackup.com}AuthHeader"
_BUNDLED = Path(__file__).with_name("wsdl")


class InfrascaleClient:
    """One connection's reads.

    Parameters:
        connection: whose credentials are used.
        http: its transport.
        cache: directory for the live WSDLs.
    """

    def __init__(self, connection: InfrascaleConnection, http: HttpTransport, cache: Path) -> None:
        self.connection = connection
        self._soap = SoapTransport(http, connection.base_url, cache / "wsdl", _BUNDLED)
        self._refused = ""
        self._asking_hierarchy = threading.Lock()
        self._hierarchy: Exchange | None = None

    def ask(
        self,
        read: Read,
        values: Mapping[str, object],
        *,
        context: Mapping[str, str] | None = None,
        role: Role = Role.ROWS,
    ) -> Exchange:
        """Send one request.

        Parameters:
            values: member of the request, by its name or by `A|B` where the vendor's pages disagree,
                -> its value.
            context: further facts of the request for the exchange.

        Returns:
            The accepted exchange. Its context tells where the WSDL puts rows, result and totals, so
            that it can be parsed again without the WSDL.

        Raises:
            ContractBroken: the WSDL or the answer lacks what the contract has.
            VendorError: the vendor's verdict, see `result`.
        """
        if self._refused:
            # More attempts can lock the user: nobody asks again before people have looked.
            raise CredentialsRefused(self._refused)
        service = self._soap.service(read.service)
        request = service.request(read.operation)
        content = service.envelope(
            read.operation,
            {request.path(*names.split("|")): value for names, value in values.items()},
            AUTH_HEADER,
            {
                "UserName": self.connection.username,
                "Password": self.connection.password.get_secret_value(),
            },
        )
        places = self._places(read)
        row = places["rows"].rpartition("/")[2]

        def judge(exchange: Exchange) -> None:
            judge_result(read.operation, frame_of(exchange, row), places["result"], read.none)

        try:
            return self._soap.post(
                read.operation,
                read.service,
                content,
                context={**places, **(context or {})},
                role=role,
                judge=judge,
            )
        except CredentialsRefused as refused:
            self._refused = str(refused)
            raise

    def probe(self) -> str:
        """Ask for one account: shows that the services are reached and the credentials taken.

        Says also what the live WSDL of any service has otherwise than ours.
        """
        entity = self.connection.entity_id
        exchange = self.ask(ACCOUNTS, {"TargetEntityID": entity, "PageSize": 1, "PageIndex": 1})
        said = f"reached {self.connection.base_url}; {parse.stated(exchange, 'total')} active accounts"
        for read in READS:
            self._soap.service(read.service)
        differences = "; ".join(self._soap.differences)
        return f"{said}; its WSDLs differ from ours: {differences}" if differences else said

    def hierarchy(self) -> Exchange:
        """The entities below the connection's own, active or not, asked for twice, once in a client's life.

        Returns:
            A CONTROL exchange: evidence of whom a pull asked.

        Raises:
            IncompletePull: it is not one tree, or two answers told different ones.
        """
        with self._asking_hierarchy:
            if self._hierarchy is None:
                looks = [self.ask_hierarchy(Role.CONTROL) for _ in range(2)]
                # The vendor states no total, and who is missing here is not asked for anything.
                if Tree.of(looks[0]) != Tree.of(looks[1]):
                    raise IncompletePull("two looks at the hierarchy showed different entities", looks)
                self._hierarchy = looks[0]
            return self._hierarchy

    def ask_hierarchy(self, role: Role = Role.ROWS) -> Exchange:
        """GetEntityHierarchy from the connection's entity down; inactive entities included."""
        entity = self.connection.entity_id
        return self.ask(
            HIERARCHY,
            {"TargetEntityID": entity, "IncludeInactive": True},
            context={"target": str(entity)},
            role=role,
        )

    @cached_property
    def root_entity(self) -> int:
        """The id of the entity everything is asked for, where the contract does not know 0 as `yourself`."""
        return self.connection.entity_id or Tree.of(self.hierarchy()).root

    def _places(self, read: Read) -> dict[str, str]:
        """Where rows, result and totals stand in the answer, by the WSDL."""
        answer = self._soap.service(read.service).answer(read.operation)
        places = {
            "rows": answer.holder(read.members, repeats=True),
            "result": answer.holder((RESULT, "Code"), repeats=False),
        }
        if read.total:
            places["total"] = answer.path(*read.total.split("|"))
        if read.pages:
            places["pages"] = answer.path(*read.pages.split("|"))
        either = "|".join(read.spellings)
        return {
            place: "/".join(
                either if step in read.spellings else step for step in (answer.root, *path.split("/"))
            )
            for place, path in places.items()
        }


@contextmanager
def connect(connection: InfrascaleConnection, cache: Path) -> Iterator[InfrascaleClient]:
    """A client of `connection`; nothing is sent before the first read."""
    with HttpTransport(connection, ALLOWED) as http:
        yield InfrascaleClient(connection, http, cache)
