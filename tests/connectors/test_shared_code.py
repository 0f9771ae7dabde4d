"""What all vendors share knows none of them."""

import re

import pytest

from connectors.vendor import vendors
from pipelines.settings import PROJECT

SHARED = sorted([*PROJECT.glob("connectors/*.py"), *PROJECT.glob("connectors/transport/**/*.py")])
ASKED = [vendor for vendor in vendors().values() if vendor.asked]  # "files" is a word like any other


def named_in(text):
    """Vendors whose name or title stands in a text, as a word or as part of an identifier."""
    return {
        vendor.name
        for vendor in ASKED
        for word in (vendor.name, vendor.name.capitalize(), vendor.name.upper(), vendor.title)
        if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text)
    }


def test_no_vendor_is_named_in_the_shared_code():
    """Not in code and not in comments: another vendor must be possible without touching it."""
    assert len(SHARED) > 20
    assert {path.name: names for path in SHARED if (names := named_in(path.read_text()))} == {}


@pytest.mark.parametrize("vendor", ASKED, ids=lambda vendor: vendor.name)
def test_a_name_is_found_in_every_form(vendor):
    """As module, class, environment variable and in a sentence."""
    name = vendor.name
    for text in (f"from connectors.{name} import", f"{name.capitalize()}Client", f"{name.upper()}_BASE_URL"):
        assert named_in(text) == {name}
    assert named_in(f"The way of {vendor.title}.") == {name}
    assert named_in(f"x{name}") == set()
