"""The vendor's own verdict on a request: the Result object of every answer, judged before any payload.

Business errors come as HTTP 200 with an empty payload and zeros for numbers: an answer that is read
before its Result is would be booked as no usage (Infrascale Web API, result codes).
"""

from __future__ import annotations

import re

from lxml import etree

from connectors.errors import (
    ContractBroken,
    CredentialsRefused,
    OutOfScope,
    RequestRefused,
    TemporaryFailure,
    VendorError,
)
from connectors.transport.xml_answer import at, child

SUCCESS = 0
_WHOLE = re.compile(r"-?[0-9]{1,9}")

_MEANS: dict[int, type[VendorError]] = {
    1: TemporaryFailure,  # UnexpectedError: "try again later"
    2: RequestRefused,  # InvalidInputParameters
    3: CredentialsRefused,  # InvalidSoapCredentials
    53: OutOfScope,  # ObjectEntityMismatch: inactive, or not below the caller
    150: CredentialsRefused,  # InvalidUserNameOrPassword
    502: OutOfScope,  # InvalidParameterUserName: unknown account
    3070: OutOfScope,  # AccountIsNotActive
}
_NUMBERS = {
    "Success": 0,
    "UnexpectedError": 1,
    "InvalidInputParameters": 2,
    "InvalidSoapCredentials": 3,
    "ObjectEntityMismatch": 53,
    "InvalidUserNameOrPassword": 150,
    "InvalidParameterUserName": 502,
    "AccountIsNotActive": 3070,
}
_MEND = {
    CredentialsRefused: "check INFRASCALE_USERNAME and INFRASCALE_PASSWORD before the next attempt",
    OutOfScope: "the entity is inactive or not below this web API user; check INFRASCALE_ENTITY_ID",
    RequestRefused: "the vendor's support can look the message up",
}


def judge_result(operation: str, answer: etree._Element, path: str, none: str) -> None:
    """Accept an answer whose Result is 0.

    Parameters:
        operation: for the message.
        answer: its frame.
        path: where the Result object stands, below the Body.
        none: a code that is accepted too: it says that there is nothing to list.

    Raises:
        ContractBroken: there is no Result, or it is no number and no known code.
        VendorError: the leaf that the number means, else the code, else `RequestRefused`.
    """
    result = at(answer, path)
    if result is None:
        raise ContractBroken(f"{operation} answered without the Result object at {path}")
    said = {
        name: (found.text or "").strip()
        for name in ("Result", "Code", "Message")
        if (found := child(result, name)) is not None
    }
    number, code = said.get("Result", ""), said.get("Code", "")
    if none and code == none:
        return
    if not _WHOLE.fullmatch(number):
        raise ContractBroken(f"{operation} answered the Result {number!r}, which is no number")
    verdict = int(number)
    if verdict == SUCCESS:
        return
    if verdict not in _MEANS and _NUMBERS.get(code, SUCCESS) != SUCCESS:
        verdict = _NUMBERS[code]
    kind = _MEANS.get(verdict, RequestRefused)
    # The message is an opaque reference (`Err-<guid>;`) for the vendor's support.
    sentence = f"{operation} answered Result {number} {code} ({said.get('Message', 'no message')[:200]})"
    raise kind(f"{sentence}: {_MEND[kind]}" if kind in _MEND else sentence)
