"""Named members leave an answer before it is kept; the rest stays as the vendor wrote it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from stub_vendor import Answer, StubVendor, in_turn

from connectors.connection import BaseUrl, Connection
from connectors.errors import TemporaryFailure
from connectors.transport.http import HttpTransport
from connectors.transport.privacy import NO_JSON, without

NAMES = frozenset({"email", "bank"})


class Acme(Connection):
    base_url: BaseUrl
    password: SecretStr = SecretStr("correct-horse")


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"email":"a@b"}', "{}"),
        ('{"email":"a@b","id":1}', '{"id":1}'),
        ('{"id":1,"email":"a@b"}', '{"id":1}'),
        ('{ "id" : 1 , "email" : "a@b" , "n" : 2 }', '{ "id" : 1 , "n" : 2 }'),
        ('{"email":1,"bank":{"name":"x"},"id":1.50,"email":2}', '{"id":1.50}'),
        ('[{"a":{"bank":[1,{"email":3}]}},{"bank":null}]', '[{"a":{}},{}]'),
        ('{"EMail":1,"e\\u006dail":2,"bAnK":3,"id":4}', '{"id":4}'),
        ('{"a":"email","b":["email"]}', '{"a":"email","b":["email"]}'),
        ('{"a":"\\"email\\":1"}', '{"a":"\\"email\\":1"}'),
    ],
)
def test_named_members_are_taken_out_with_their_comma(body, kept):
    """At any depth, in any case and escaping; the rest keeps its spelling, blanks included."""
    assert without(body.encode(), NAMES)[0] == kept.encode()


def test_what_was_withheld_is_named():
    """Only the names that were there, sorted; an answer without them is the very same bytes."""
    assert without(b'{"bank":1,"a":{"Email":2}}', NAMES)[1] == ("bank", "email")
    body = b' {"id": 1e5, "x": [true, null]}\n'
    assert without(body, NAMES) == (body, ())
    assert without(b"", NAMES) == (b"", ())


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"id":1,"email":"john@exam', b'{"id":1'),
        (b'{"id":1,"bank":{"name":"Ba', b'{"id":1'),
        (b'{"id":1,"ema', b'{"id":1'),
        (b'{"id":1,"note":"half a te', b'{"id":1'),
        (b'{"id":1}{"email":"john@example.com"}', b'{"id":1}'),
        (b'{"id":1,"note":<b>,"email":"john@example.com"}', b'{"id":1'),
        (b'{"id":1,"email":"x",', b'{"id":1'),
        (b"<html>john@example.com</html>", b""),
        (b"\xff\xfe{\x00", b""),
        (b"[" * 100_000 + b'"john@example.com"', None),
    ],
)
def test_where_an_answer_stops_being_json_the_rest_is_withheld(body, kept):
    """What cannot be understood could be anybody's name."""
    left, withheld = without(body, NAMES)
    assert NO_JSON in withheld
    assert b"john" not in left
    assert kept is None or left == kept


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "email", "Bank", "name", "e"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def less(value):
    """The same value without the members, by Python's own means."""
    if isinstance(value, dict):
        return {name: less(inner) for name, inner in value.items() if name.lower() not in NAMES}
    return [less(inner) for inner in value] if isinstance(value, list) else value


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_left_is_the_same_json_less_the_members(value, ascii_only, indent):
    """Whatever the JSON and however it is laid out; and doing it twice changes nothing more."""
    kept, _ = without(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(), NAMES)
    assert json.loads(kept, parse_float=Decimal) == less(value)
    assert without(kept, NAMES) == (kept, ())


@pytest.mark.parametrize("body", ['{"\u212aey":1}', '{"KEY":1}', '{"k\\u0065y":1}', '{"a":{"Key" :1}}'])
def test_no_spelling_of_a_name_is_taken_for_another(body):
    """Letters whose lower case is an ASCII letter, escapes and blanks before the colon included."""
    kept, withheld = without(body.encode(), {"key"})
    assert (b"1" in kept, withheld) == (False, ("key",))


@given(values, st.integers(0, 200))
def test_a_cut_answer_never_shows_more_than_the_whole_one(value, cut):
    """Wherever it is cut, what is kept is a beginning of what the whole answer keeps, or of a value in it."""
    body = json.dumps({"bank": "SECRET", "v": value, "email": ["SECRET"]}).encode()
    assert b"SECRET" not in without(body[:cut], NAMES)[0]


def test_the_transport_keeps_no_withheld_member_in_any_attempt():
    """Accepted and rejected answers are rewritten before anything else sees them, and say so."""
    body = b'{"id": 1, "email": "JOHN@example.com"}'
    answers = in_turn(Answer(503, b"<p>JOHN@example.com</p>"), Answer(500, body), Answer(200, body))
    seen = []
    with (
        StubVendor(answers) as vendor,
        HttpTransport(Acme(base_url=vendor.url), frozenset({"Get"}), withheld=NAMES) as transport,
    ):

        def judge(exchange):
            seen.append(exchange.body)
            if exchange.status != 200:
                raise TemporaryFailure("later")

        exchange = transport.send("Get", "GET", vendor.url, judge=judge, context={"customer": "7"})
    assert exchange.body == b'{"id": 1}'
    assert exchange.context == {"customer": "7", "withheld": "email"}
    assert [(e.body, e.context["withheld"]) for e in exchange.rejected] == [
        (b"", NO_JSON),
        (b'{"id": 1}', "email"),
    ]
    assert not any(b"JOHN" in body for body in seen)


def test_without_names_an_answer_stays_as_it_is():
    """Other vendors' answers are not touched, whatever they are."""
    with (
        StubVendor(lambda _: Answer(200, b'{"email": 1, ')) as vendor,
        HttpTransport(Acme(base_url=vendor.url), frozenset({"Get"})) as transport,
    ):
        exchange = transport.send("Get", "GET", vendor.url)
    assert (exchange.body, exchange.context) == (b'{"email": 1, ', {})
