"""Speaks WebAPI 2.0 by hand: a token, a call, a walk over pages."""

import httpx


def ask_token(sandbox, **secret):
    secret = secret or {"password": sandbox.credentials.xopero_password}
    body = {"name": sandbox.credentials.xopero_name} | secret
    return httpx.post(f"{sandbox.url}/xopero/api/v2/token", json=body).json()


class Xopero:
    """A logged-in client of one sandbox."""

    def __init__(self, sandbox):
        self.token = ask_token(sandbox)["data"]["token"]
        self._client = httpx.Client(base_url=f"{sandbox.url}/xopero/api/v2")

    def post(self, function, *data):
        body = {"token": self.token, "function": function}
        return self._client.post("/endpoint", json=body | ({"data": data[0]} if data else {}))

    def call(self, function, *data):
        """The whole envelope."""
        return self.post(function, *data).json()

    def ask(self, function, *data):
        """`data` of an answer that has to be a success."""
        told = self.call(function, *data)
        assert told["success"], told
        return told["data"]

    def customers(self):
        """Every customer of the owner and of its sub-partners."""
        partners = [None, *(row["id"] for row in self.ask("GetPartners", {"limit": 100}))]
        return [row for partner in partners for row in self.customers_of(partner)]

    def customers_of(self, partner):
        rows, filters = [], {"filters": {"resellerId": partner}} if partner else {}
        while True:
            page = self.ask("GetCustomers", {"offset": len(rows), "limit": 100} | filters)
            rows.extend(page)
            if len(page) < 100:
                return rows
