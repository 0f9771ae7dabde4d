"""Names as people really type them: a pipeline that mangles one of these has a bug."""

from __future__ import annotations

from random import Random

AWKWARD = (
    "Żółć & Söhne <GmbH>",
    'The "Quoted" Backup Co.',
    "=cmd|' /C calc'!A0",
    "  Leading Blank Ltd",
    "Trailing Blank Ltd  ",
    "🚀 Rocket Rescue 🛟",
    "L'Étoile; Frères, S.A.",
    "寿司データ保管株式会社",
    "+44 Telephone Traders",
    "NULL",
    "@Home IT\tServices",
    "שמירת נתונים בע״מ",
    "-1 Percent Club",
    "Llanfair" + "pwllgwyngyll" * 20 + " Archives",
    "100% Off; DROP TABLE customers--",
)

_FIRST = ("Amber", "Birch", "Cobalt", "Delta", "Ember", "Falcon", "Garnet", "Harbour", "Indigo", "Juniper")
_SECOND = ("Dental", "Foundry", "Legal", "Logistics", "Motors", "Pharma", "Schools", "Studio", "Textiles")
_FORM = ("Ltd", "GmbH", "Inc.", "AB", "Sp. z o.o.", "& Co.", "BV", "Oy")
_GIVEN = (
    "ada",
    "bruno",
    "chloé",
    "dmitri",
    "eve",
    "farid",
    "greta",
    "håkon",
    "inês",
    "kofi",
    "łucja",
    "olga",
)
_FAMILY = ("almeida", "brandt", "costa", "dvořák", "eriksson", "garcía", "jensen", "kowalski", "o'neill")


def company_name(index: int, rng: Random) -> str:
    """The name of a customer; the first few take turns with the awkward ones. Names may repeat."""
    plain = f"{rng.choice(_FIRST)} {rng.choice(_SECOND)} {rng.choice(_FORM)}"
    turn, odd = divmod(index, 2)
    return AWKWARD[turn] if odd and turn < len(AWKWARD) else plain


def person(rng: Random) -> tuple[str, str]:
    """A given and a family name, lower-case."""
    return rng.choice(_GIVEN), rng.choice(_FAMILY)
