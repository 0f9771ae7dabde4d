"""Answers that nobody can tell from the truth, and why: the only ones that are left out of the family.

Each is a whole and valid answer in which something is not told, where the vendor states nowhere how much
there is to tell. `test_what_is_left_out_cannot_be_told_from_the_truth` shows that each has its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

LASTING = frozenset({"always", "everywhere"})
ANY = LASTING | {"once"}

LESS = frozenset({"drop row", "empty list"})
LESS_XML = LESS | {"no list", "leave out", "leave out in one", "null"}
LESS_MEMBERS = frozenset({"leave out", "leave out in one", "empty object"})


@dataclass(frozen=True)
class Undecidable:
    """Kinds of change to the answers of some operations that leave an answer which may be true.

    Attributes:
        streams: pattern.
        operations: as the tape names them.
        scopes: once: the next look shows something else; lasting: every look shows the same.
    """

    streams: str
    operations: tuple[str, ...]
    kinds: frozenset[str]
    scopes: frozenset[str]
    reason: str


UNDECIDABLE = (
    Undecidable(
        "infrascale/entities",
        ("GetEntityHierarchy",),
        LESS_XML,
        LASTING,
        "the hierarchy has no total: an entity that both looks leave out is not there",
    ),
    Undecidable(
        "infrascale/appliances",
        ("GetEntityHierarchy",),
        LESS_XML,
        LASTING,
        "as above, and who is not there is not asked for appliances",
    ),
    Undecidable(
        "infrascale/licenses",
        ("GetAssignedLicensesSummary",),
        LESS_XML | {"duplicate row"},
        LASTING,
        "licences have no total and no key, and an account may have the same one twice",
    ),
    Undecidable(
        "infrascale/cloud_usage",
        ("GetCloudUsage",),
        LESS_XML | {"wrong total"},
        LASTING,
        "lines have no total, and NumberOfPages is the only word on how many pages there are",
    ),
    Undecidable(
        "infrascale/appliances",
        ("GetEntityAppliances",),
        LESS_XML,
        LASTING,
        "appliances have no total, and most entities have none",
    ),
    Undecidable(
        "redstor/*@1",
        ("products",),
        LESS,
        LASTING,
        "version 1's catalogue is a bare array",
    ),
    Undecidable(
        "redstor/consumption@1",
        ("companies/*/consumption/company",),
        LESS | {"empty", "no content", "another answer"},
        LASTING,
        "version 1's own consumption is a bare array, which may be empty or 204 No Content",
    ),
    Undecidable(
        "redstor/*@1",
        ("companies/*/subscriptions",),
        LESS | {"empty", "no content", "not found", "another answer"},
        ANY,
        "version 1 tells each company's subscriptions in a bare array, 204 No Content where there are none, "
        "and 404 or 422 where the company is gone",
    ),
    Undecidable(
        "redstor/*@1",
        ("companies/*/backups/status",),
        LESS | {"empty", "no content", "not found"},
        ANY,
        "as its subscriptions",
    ),
    Undecidable(
        "redstor/*",
        ("companies/*/customers", "companies/*/customers/transitive"),
        frozenset({"another answer"}),
        ANY,
        "another page of the same list, or another partner's empty list, is a whole list",
    ),
    Undecidable(
        "redstor/products@2.0",
        ("products",),
        frozenset({"another answer"}),
        LASTING,
        "a last page in place of the first is a whole list",
    ),
    Undecidable(
        "redstor/consumption@1",
        ("companies/*/consumption/customers/transitive",),
        frozenset({"another answer"}),
        LASTING,
        "a last page in place of the first is a whole list",
    ),
    Undecidable(
        "redstor/*@2.0",
        ("companies/*/customers",),
        frozenset({"no content", "not found"}),
        ANY,
        "204 says that a partner has no customers, 404 and 422 that it is gone",
    ),
    Undecidable(
        "redstor/*@2.0",
        ("subscriptions", "consumption", "backups/status"),
        frozenset({"no content", "not found", "another answer"}),
        ANY,
        "204 says that a company has nothing, 404 and 422 that it is gone; rows do not name the company",
    ),
    Undecidable(
        "resellerclub/plans",
        ("api/products/plan-details.json",),
        LESS_MEMBERS,
        ANY,
        "one answer without a total: a plan that it leaves out is none",
    ),
    Undecidable(
        "resellerclub/*_prices",
        ("api/products/reseller-cost-price.json", "api/products/customer-price.json"),
        LESS_MEMBERS,
        ANY,
        "what a plan does not offer is left out, action by action and tenure by tenure",
    ),
    Undecidable(
        "revirt365/sessions",
        ("v1/reseller/customers/*/jobs",),
        LESS | {"another answer"},
        ANY,
        "the sandbox's jobs have no total, and do not name their customer",
    ),
    Undecidable(
        "xopero/*",
        ("GetPartners",),
        LESS | {"another answer"},
        LASTING,
        "lists have no total; a login may have no partners, and who both looks leave out is not there",
    ),
    Undecidable(
        "xopero/available_products",
        ("GetCustomerAvailableProducts",),
        LESS,
        ANY,
        "what a customer can change to has no total",
    ),
)

MAY_BE_BLANK = {
    "redstor/consumption": {"parent_company_id": "of the root's own: the topmost company may name no parent"},
    "resellerclub/orders": {
        "months": "what an order tells beside plan and storage is not published",
        "money_back_days": "as months",
    },
}
"""Columns for which a new name is drift, and no reason to fail: the field may be left out."""


def applies(one: Undecidable, stream: str) -> bool:
    """Whether an exception is about a stream."""
    return fnmatchcase(stream, one.streams)


def exception(stream: str, operation: str, kind: str, scope: str) -> Undecidable | None:
    """The exception that a change is; None where it belongs to the family."""
    return next(
        (
            one
            for one in UNDECIDABLE
            if applies(one, stream)
            and operation in one.operations
            and kind in one.kinds
            and scope in one.scopes
        ),
        None,
    )
