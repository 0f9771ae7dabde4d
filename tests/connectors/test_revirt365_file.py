"""The contract file: what it may say, and the one clear line for each mistake."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from revirt365_stub import CONTRACT

import connectors.revirt365
from connectors.errors import NotConfigured
from connectors.revirt365 import VENDOR
from connectors.revirt365.collection import NoCollection, read_collection
from connectors.revirt365.connection import Revirt365Connection
from connectors.revirt365.contract_file import read_contract
from connectors.revirt365.draft import draft


def mistakes(text, tmp_path):
    path = tmp_path / "revirt365-contract.toml"
    path.write_text(text)
    with pytest.raises(NotConfigured) as raised:
        read_contract(path)
    return [line.removeprefix("revirt365-contract.toml: ") for line in str(raised.value).splitlines()]


def test_without_a_contract_file_the_vendor_says_which_command_makes_it(tmp_path):
    """Nothing is guessed, and nothing is sent."""
    connection = Revirt365Connection(
        base_url="http://127.0.0.1:9", app_key="k", app_secret="s", contract=tmp_path / "none.toml"
    )
    with (
        pytest.raises(NotConfigured, match=r"contract needed.*revirt365 import-collection FILE"),
        VENDOR.open(connection, tmp_path),
    ):
        pass


def test_the_contract_file_is_in_the_project_by_default():
    """Beside .env and billing.toml."""
    connection = Revirt365Connection(base_url="https://api.revirt365.com", app_key="k", app_secret="s")
    assert str(connection.contract) == "revirt365-contract.toml"


def test_the_example_of_the_readme_is_a_contract(tmp_path):
    """What people copy works."""
    readme = (Path(connectors.revirt365.__file__).parent / "README.md").read_text()
    path = tmp_path / "contract.toml"
    path.write_text(readme.split("```toml\n")[1].split("```")[0])
    contract = read_contract(path)
    assert contract.streams.usage.is_dated
    assert not contract.streams.customers.is_dated


PAGING = "[streams.usage.paging]\nparameter = 't'\n{}\n[streams.usage.fields]"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version Input should be 1"),
        ('rows_at = "/usage"', "", "streams.usage.rows_at is missing"),
        ('"/usage"', '"usage"', 'streams.usage.rows_at must be a JSON pointer: "" or such as /customers'),
        (
            '"/v1/usage"',
            '"v1/usage?x=1"',
            "streams.usage.path must be a path such as /v1/reseller/customers, without query",
        ),
        (
            'path = "/v1/usage"',
            'path = "/v1/usage"\nmethod = "POST"',
            "streams.usage.method is not part of a contract",
        ),
        ('"/v1/usage"', '"/v1/{x}"', "streams.usage: write a value in place of {x}, or describe lists.x"),
        (
            '"/v1/customers"',
            '"/v1/{account_id}"',
            "streams.customers: {account_id} can only be asked for with itself",
        ),
        ('active_seats = "seats"\n', "", "streams.usage.fields.active_seats is missing"),
        ('"seats"', '"unused"', "streams.usage.fields: two columns come from unused"),
        ("inactive_seats", "mailboxes", "streams.usage.fields.mailboxes is none of our columns"),
        (
            '"seats"',
            '"a/b"',
            "streams.usage.fields.active_seats.source must start with / to be a JSON pointer into the row",
        ),
        ("[streams.sessions]\noffered = false", "", "streams.sessions is missing"),
        ("offered = false", "offered = true", "streams.sessions.offered Input should be False"),
        ('key_name = "appkey"\n', "", "token key_name and secret_name are given together"),
        (
            "[streams.usage.fields]",
            PAGING.format('kind = "token"'),
            "streams.usage.paging needs next_at, where the next token is",
        ),
        (
            "[streams.usage.fields]",
            PAGING.format('kind = "page"\nsize = 5'),
            "streams.usage.paging has size without size_parameter, or the other way round",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, old, new, said):
    """It names the place in the file."""
    assert old in CONTRACT
    assert mistakes(CONTRACT.replace(old, new), tmp_path) == [said]


def test_each_mark_left_is_one_line(tmp_path):
    """A draft that nobody finished is not run."""
    text = CONTRACT.replace('"/usage"', '"FILL IN: the list"').replace('"seats"', '"FILL IN"')
    assert mistakes(text, tmp_path) == [
        "streams.usage.rows_at is marked FILL IN: say what it is",
        "streams.usage.fields.active_seats is marked FILL IN: say what it is",
    ]


def test_text_that_is_no_toml_says_so(tmp_path):
    """With the line of the file."""
    assert "line 2" in mistakes("version = 1\nversion: 1", tmp_path)[0]


# The draft, from a made-up collection in the form that Postman exports

COLLECTION = json.loads((Path(__file__).parent / "revirt365_collection.json").read_text())
LOGIN = COLLECTION["item"][0]["item"][0]


def drafted(document, section=""):
    return draft(read_collection(json.dumps(document).encode()), section)


def test_a_draft_holds_what_the_collection_tells(tmp_path):
    """Paths, token, lists and published names are read from it; the rest is marked."""
    text = drafted(COLLECTION, "reseller")
    assert mistakes(text, tmp_path) == [
        "streams.customers.query is marked FILL IN: say what it is",
        "streams.customers.paging is marked FILL IN: say what it is",
        "streams.usage.fields.active_seats is marked FILL IN: say what it is",
    ]
    assert "one of customerId, seats, note" in text
    done = re.sub(r'^(query|paging) = "FILL IN.*\n', "", text, flags=re.MULTILINE)
    done = re.sub(r'"FILL IN: the name.*"', '{ source = "seats", type = "text" }', done)
    (tmp_path / "done.toml").write_text(done)
    contract = read_contract(tmp_path / "done.toml")
    assert contract.token.token_at == "/token"
    assert contract.streams.customers.fields["account_id"].type == "number"
    assert contract.streams.sessions.path == "/v1/reseller/jobs/{job_id}/sessions"
    assert contract.lists["job_id"].path == "/v1/reseller/customers/{account_id}/jobs"


def test_what_two_sections_both_have_is_for_a_person_to_choose(tmp_path):
    """A key opens one section only, and the draft lists the requests of both."""
    text = drafted(COLLECTION)
    assert "streams.customers.path is marked FILL IN: say what it is" in mistakes(text, tmp_path)
    assert "#   /v1/distributor/customers    2. Distributor / List customers" in text


@pytest.mark.parametrize(
    ("request_parts", "said"),
    [
        ({"body": {"mode": "urlencoded", "urlencoded": [
            {"key": "k", "value": "{{appkey}}"}, {"key": "s", "value": "{{appsecret}}"},
        ]}}, ("form", "k", "s")),
        ({"body": {}, "header": [
            {"key": "x-k", "value": "{{appkey}}"}, {"key": "x-s", "value": "{{appsecret}}"},
        ]}, ("headers", "x-k", "x-s")),
        ({"body": {}, "auth": {"type": "basic", "basic": [
            {"key": "username", "value": "{{appkey}}"}, {"key": "password", "value": "{{appsecret}}"},
        ]}}, ("basic", None, None)),
        ({"body": {}, "url": "{{protocol}}://{{domainName}}/v1/token?k={{appkey}}&s={{appsecret}}"},
         ("query", "k", "s")),
    ],
)  # fmt: skip
def test_the_request_for_a_token_is_known_by_its_variables(request_parts, said):
    """The vendor calls them appkey and appsecret."""
    login = {**LOGIN, "request": {**LOGIN["request"], **request_parts}}
    token = tomllib.loads(drafted({**COLLECTION, "item": [login]}))["token"]
    assert (token["send_as"], token.get("key_name"), token.get("secret_name")) == said
    assert token["path"] == "/v1/token"


@pytest.mark.parametrize(
    ("script", "pointer"),
    [
        ("pm.environment.set('token', pm.response.json().data.token)", "/data/token"),
        (
            "pm.globals.set('other', 1); pm.globals.set('token', JSON.parse(responseBody).jwt );",
            "/jwt",
        ),
        ("", "FILL IN"),
    ],
)
def test_the_place_of_the_token_is_read_from_the_script_that_keeps_it(script, pointer):
    """The collection reads it into a variable by itself."""
    login = {**LOGIN, "event": [{"listen": "test", "script": {"exec": script}}]}
    token = tomllib.loads(drafted({**COLLECTION, "item": [login]}))["token"]
    assert token["token_at"].startswith(pointer)


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"item": []}', b'{"info": {}}', b"\xff"])
def test_another_file_is_no_collection(content):
    """And says how to export one."""
    with pytest.raises(NoCollection, match=r"JSON|v2\.1"):
        read_collection(content)
