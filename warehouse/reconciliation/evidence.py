"""What speaks for an account being a customer's, and how much.

Each kind of evidence has a score of up to 100, in `EVIDENCE`. A candidate has that of its strongest kind,
three more for each other kind, and more or less by whether the account above it at the vendor belongs to the
customer's own reseller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from rapidfuzz import fuzz, process

from warehouse.reconciliation.likeness import is_telling, plain_name, plain_number

EVIDENCE = {"id": 100, "VAT number": 98, "e-mail": 95, "domain": 90, "order number": 85, "name": 85}
FURTHER, SAME_RESELLER, OTHER_RESELLER = 3, 5, -15
PLAIN = 9
"""How much more a plain name counts than the spelling."""
ALIKE = 80
"""Of 100: names less alike say nothing."""
WORD = 6
"""Letters and digits: shorter words of a text are no numbers of ours."""
ENOUGH = 60
"""Candidates with a smaller score are not shown."""
SHOWN = 3

Key = tuple[str, str, str]
"""Vendor, connection and account id."""
Evidence = tuple[str, str, int, str]
"""Customer, kind of evidence, how much of its score in percent, and words."""


@dataclass(frozen=True, slots=True)
class Account:
    """A vendor account as it was listed last.

    Attributes:
        first_day: from which a mapping must hold.
        is_used: whether it has usage that nobody is billed for.
        is_decided: whether a row of account_mapping covers it; `customer_id` is then whose it is, None
            for an excluded one.
        identities: by kind, see staging.vendor_account_identity.
    """

    key: Key
    name: str
    parent: str
    first_day: date
    is_used: bool
    is_decided: bool
    customer_id: str | None
    identities: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that an account may be of.

    Attributes:
        score: 0 to 100.
        reasons: what speaks for it, and against it, in words.
    """

    customer_id: str
    name: str
    score: int
    reasons: tuple[str, ...]


class Known:
    """What is known of customers, by what an account can be recognised by.

    Parameters:
        customers: id, name, and the id of the parent, VAT number and order number or nothing.
        accounts: of which the mapped ones tell more about their customers.
    """

    def __init__(self, customers: Iterable[tuple[str, ...]], accounts: Iterable[Account]) -> None:
        self._names: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._numbers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._alike: dict[str, dict[str, str]] = defaultdict(dict)
        self._owners: dict[tuple[str, str], dict[str, Key]] = defaultdict(dict)
        self._mapped: dict[Key, str] = {}
        for customer_id, name, parent, tax_id, po_number in customers:
            self._names[customer_id], self._parents[customer_id] = name, parent
            for kind, number in (("id", customer_id), ("VAT number", tax_id), ("order number", po_number)):
                if number:
                    self._numbers[plain_number(number)].append((kind, customer_id))
            self._alike[plain_name(name)].setdefault(customer_id, name)
        for account in accounts:
            if account.customer_id in self._names:
                self._learn(account, account.customer_id)
        self._alike.pop("", None)
        self._in_one_word = {name.replace(" ", ""): name for name in sorted(self._alike)}
        self._choices, self._joined = sorted(self._alike), sorted(self._in_one_word)

    def _learn(self, account: Account, customer_id: str) -> None:
        self._mapped[account.key] = customer_id
        self._alike[plain_name(account.name)].setdefault(customer_id, account.name)
        vendor, _, account_id = account.key
        self._owners["id", f"{vendor} {account_id}"].setdefault(customer_id, account.key)
        for kind in ("email", "domain"):
            for value in account.identities[kind]:
                self._owners[kind, value].setdefault(customer_id, account.key)

    def candidates(self, account: Account) -> tuple[Candidate, ...]:
        """The likeliest customers of an account."""
        told: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        for customer_id, kind, share, words in self._evidence(account):
            score = EVIDENCE[kind] * share // 100
            if score > told[customer_id].get(kind, (0, ""))[0]:
                told[customer_id][kind] = (score, words)
        found = [self._weighed(account, customer_id, kinds) for customer_id, kinds in told.items()]
        found.sort(key=lambda each: (-each.score, each.customer_id))
        return tuple([each for each in found if each.score >= ENOUGH][:SHOWN])

    def _weighed(self, account: Account, customer_id: str, kinds: dict[str, tuple[int, str]]) -> Candidate:
        ranked = sorted(kinds.values(), reverse=True)
        score, reasons = ranked[0][0] + FURTHER * (len(ranked) - 1), [words for _, words in ranked]
        above = self._mapped.get((*account.key[:2], account.parent))
        if above and above != customer_id:
            same = above == self._parents[customer_id]
            score += SAME_RESELLER if same else OTHER_RESELLER
            reasons.append(
                f"the account above it is of {above}, {'as' if same else 'and'} this customer is"
                f"{'' if same else ' not'}"
            )
        return Candidate(customer_id, self._names[customer_id], max(0, min(100, score)), tuple(reasons))

    def _evidence(self, account: Account) -> Iterator[Evidence]:
        yield from self._numbers_of(account)
        yield from self._shared_with(account)
        yield from self._named_like(account)

    def _numbers_of(self, account: Account) -> Iterator[Evidence]:
        """Our own numbers of a customer, told by the vendor: as a whole, or as a longer word of a text."""
        told = {account.key[2], account.name, *account.identities["reference"]}
        words = {word for text in told for word in text.split() if len(word) >= WORD}
        for text in sorted(told | words):
            for kind, customer_id in self._numbers.get(plain_number(text), ()):
                yield customer_id, kind, 100, f"the vendor has its {kind}, {text}"

    def _shared_with(self, account: Account) -> Iterator[Evidence]:
        """What it has in common with mapped accounts; what several customers have says nothing."""
        vendor, _, account_id = account.key
        shared = [("id", f"{vendor} {account_id}", "id")]
        shared += [("email", value, "e-mail") for value in sorted(account.identities["email"])]
        shared += [
            ("domain", value, "domain") for value in sorted(account.identities["domain"]) if is_telling(value)
        ]
        for kind, value, word in shared:
            owners = self._owners.get((kind, value), {})
            if len(owners) == 1:
                ((customer_id, key),) = owners.items()
                what = f"{word} {value}" if kind == "domain" else word
                yield customer_id, word, 100, f"same {what} as its account {' '.join(key)}"

    def _named_like(self, account: Account) -> Iterator[Evidence]:
        """Names, of customers and of their accounts, that are like its own or like its domain in one word."""
        if name := plain_name(account.name):
            alike = process.extract(
                name, self._choices, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=2 * SHOWN
            )
            for choice, likeness, _ in alike:
                yield from self._all_named(choice, int(likeness), account.name.strip())
        for domain in sorted(filter(is_telling, account.identities["domain"])):
            label = plain_number(domain.split(".")[-2]).lower()
            alike = process.extract(
                label, self._joined, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=2 * SHOWN
            )
            for choice, likeness, _ in alike:
                yield from self._all_named(self._in_one_word[choice], int(likeness), domain)

    def _all_named(self, name: str, likeness: int, own: str) -> Iterator[Evidence]:
        """Of those whose plain name is the same, the one that is written the same is the likeliest."""
        owners = self._alike[name]
        others = f", as {len(owners) - 1} more" if len(owners) > 1 else ""
        for customer_id, written in sorted(owners.items()):
            spelling = int(fuzz.ratio(own.casefold(), written.strip().casefold()))
            share = (PLAIN * likeness + spelling) // (PLAIN + 1)
            yield (
                customer_id,
                "name",
                share,
                f"{own} is named alike ({likeness} of 100): {written.strip()}{others}",
            )
