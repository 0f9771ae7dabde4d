"""The generated family: which answer of a pull is changed, how, and for how long.

A case changes one answer (`once`), every answer to one question (`always`), or every answer of one
operation in the same way (`everywhere`). All is drawn by chance from the case's number, in turn over the
kinds of change, so that a case can be had again by its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from tests.contract import json_changes, wire_changes, xml_changes
from tests.contract.subjects import Subject
from tests.contract.tape import Answer, Question
from tests.contract.undecidable import Undecidable, exception

SCOPES = ("once", "once", "always", "everywhere")
BESIDE = frozenset({"token", "WSDL", ".well-known/openid-configuration", "ForgetToken"})
"""Operations that hold no rows: they are changed less often."""

HUGE, ANOTHER = "huge", "another answer"
KINDS = sorted({*wire_changes.CHANGES, *json_changes.CHANGES, *xml_changes.CHANGES, HUGE, ANOTHER})
ENOUGH = 5_000  # fruitless draws, after which there are no other cases


@dataclass(frozen=True)
class Case:
    """One changed answer, or several changed in the same way.

    Attributes:
        question: whose answer it is.
        times: how often that was asked before; 0 unless `once`.
        answers: what is answered instead.
    """

    number: int
    kind: str
    scope: str
    question: Question
    times: int
    answers: Mapping[Question, Answer]

    def change(self, question: Question, times: int, answer: Answer) -> Answer:
        """What the tape makes of an answer."""
        if self.scope == "once" and (question, times) != (self.question, self.times):
            return answer
        return self.answers.get(question, answer)

    def __str__(self) -> str:
        instead = self.answers[self.question]
        return (
            f"case {self.number}: {self.kind}, {self.scope}, in the answer to {self.question.operation} "
            f"{self.question.query[-80:]} (asked {self.times} times before): "
            f"HTTP {instead.status} {instead.body[:1000]!r}"
        )


def cases(
    subject: Subject, asked: Mapping[Question, int], *, undecidable: Undecidable | None = None
) -> Iterator[Case]:
    """Different cases, until chance finds no other.

    Parameters:
        asked: the questions of the true pull, and how often each came.
        undecidable: an exception, whose cases are wanted instead of the family.
    """
    questions: dict[str, list[Question]] = defaultdict(list)
    for question in sorted(asked, key=str):
        questions[question.operation].append(question)
    operations = sorted(questions)
    weights = [1 if operation in BESIDE else 5 for operation in operations]
    seen: set[tuple[object, ...]] = set()
    number = last = 0
    while number < last + ENOUGH:
        number += 1
        kind = KINDS[number % len(KINDS)]
        chance = Random(f"{subject.id} {number}")
        scope = chance.choice(SCOPES)
        (operation,) = chance.choices(operations, weights)
        question = chance.choice(questions[operation])
        times = chance.randrange(asked[question]) if scope == "once" else 0
        if exception(subject.id, operation, kind, scope) is not undecidable:
            continue
        together = questions[operation] if scope == "everywhere" else [question]
        answers = {
            one: answer
            for one in together
            if (answer := _instead(subject, kind, number, one, questions[operation]))
        }
        if question in answers and (known := (scope, question, times, answers[question])) not in seen:
            seen.add(known)
            last = number
            yield Case(number, kind, scope, question, times, answers)


def _instead(
    subject: Subject, kind: str, number: int, question: Question, others: list[Question]
) -> Answer | None:
    """The answer changed in that way; None where there is nothing to change."""
    chance = Random(number)
    truth = subject.sandbox.tape.answers[question]
    if kind == ANOTHER:
        instead: Answer | None = subject.sandbox.tape.answers[chance.choice(others)]
    elif kind in wire_changes.CHANGES:
        instead = wire_changes.CHANGES[kind](chance, truth) if truth.body else None
    elif not wire_changes.well_formed(truth):
        instead = None
    elif truth.is_xml:
        instead = _changed_xml(subject, kind, chance, truth)
    else:
        instead = _changed_json(subject, kind, chance, truth)
    return None if instead == truth else instead


def _changed_xml(subject: Subject, kind: str, chance: Random, truth: Answer) -> Answer | None:
    root = xml_changes.decode(truth.body)
    if kind == HUGE:
        did = xml_changes.huge(chance, root, subject.figures)
    else:
        did = kind in xml_changes.CHANGES and xml_changes.CHANGES[kind](chance, root)
    return replace(truth, body=xml_changes.encode(root)) if did else None


def _changed_json(subject: Subject, kind: str, chance: Random, truth: Answer) -> Answer | None:
    answer = [json_changes.decode(truth.body)]
    if kind == HUGE:
        did = json_changes.huge(chance, answer, subject.figures)
    else:
        did = kind in json_changes.CHANGES and json_changes.CHANGES[kind](chance, answer, subject.opaque)
    return replace(truth, body=json_changes.encode(answer[0]).encode()) if did else None
