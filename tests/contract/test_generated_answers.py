"""Whatever a vendor answers, a pull lands the truth or fails with a named reason: never anything else.

`CONTRACT_ANSWERS` says how many answers are generated for each stream: 50, and 500 in `make test-nightly`.
"""

from __future__ import annotations

import os
from itertools import islice

import pytest

from connectors.vendor import vendors
from tests.contract.cases import cases
from tests.contract.subjects import NAMES
from tests.contract.undecidable import UNDECIDABLE, applies
from tests.contract.verdict import verdict

ANSWERS = int(os.environ.get("CONTRACT_ANSWERS", "50"))
TRIES = 60

# The stand-in's WSDLs are answered broken, and zeep says so.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def test_every_stream_that_is_asked_for_is_put_to_the_test():
    """A new stream has its place in the list."""
    asked = {stream.id for vendor in vendors().values() if vendor.asked for stream in vendor.streams}
    assert {name.partition("@")[0] for name in NAMES} == asked


@pytest.mark.parametrize("name", NAMES)
def test_no_generated_answer_lands_anything_but_the_truth(subjects, name):
    """Malformed, reordered, renamed, retyped, duplicated, truncated: each answer another one."""
    subject = subjects[name]
    truth = subject.record()
    assert truth.rows
    assert not truth.quarantined
    asked = dict(subject.sandbox.tape.asked)
    wrong, tried = [], 0
    for case in islice(cases(subject, asked), ANSWERS):
        tried += 1
        if sentence := verdict(subject, case, truth.rows, subject.pull(case.change)):
            wrong.append(f"{case}\n    {sentence}")
    assert tried == ANSWERS
    assert not wrong, f"{len(wrong)} of {tried} answers:\n" + "\n".join(wrong)


@pytest.mark.parametrize("one", UNDECIDABLE, ids=lambda one: f"{one.streams} {one.operations[0]}")
def test_what_is_left_out_cannot_be_told_from_the_truth(subjects, one):
    """Each exception is needed: some answer of that kind lands less than there is, and nobody can know."""
    for name in NAMES:
        subject = subjects[name]
        if not applies(one, name):
            continue
        truth = subject.record()
        asked = dict(subject.sandbox.tape.asked)
        family = cases(subject, asked, undecidable=one)
        if any(
            verdict(subject, case, truth.rows, subject.pull(case.change)) for case in islice(family, TRIES)
        ):
            return
    pytest.fail(f"every answer is told from the truth, although {one.reason}")
