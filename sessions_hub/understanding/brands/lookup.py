"""Model → brand, and the model without its brand."""

from __future__ import annotations

import re

from .codes import CODES
from .names import NAMES
from .tables import Beginnings, plain, rows
from .television_codes import TELEVISIONS
from .words import WORDS

_WORD = re.compile(r"[^\W_]+")
# "TECNOT611" and "onliner2": the letters before the first digit.
_LETTERS = re.compile(r"[^\W\d_]{3,}(?=\d)")
# Three letters and the market: Huawei's, and Honor's since it went its own way.
_MARKET = re.compile(r"[A-Z]{3}\d?-(?:(NX\d)|[AT][LN]\d|LX?\d|W\d\d|N\d\d)", re.ASCII)
_REGION = re.compile(r"_(?:EEA|ROW|EU|GL|ID|IN|RU|TR|UK|US)$")
_MAX_WORDS = 3
# Names this short are also the beginnings of codes, which are looked up first.
_SHORT = 3
_CODE_LENGTH = 6
_GLUED = 5
_LENGTH = 64

_NAMES = {
    plain(name): name
    for _, name in rows("names:" + NAMES.replace("\n\n", ", ").replace("\n", " "), ",")
}
# A name says more than a word: "Quantum" is a brand, and a line of another one.
_WORDS = {plain(word): brand for brand, word in rows(WORDS, ",")} | _NAMES
_CODES = Beginnings(CODES + TELEVISIONS)


def brand_of(model: str) -> str:
    """The brand whose models are called like this, as Matomo spells it; `""` when unknown."""
    words = [word.lower() for word in _WORD.findall(model[:_LENGTH])]
    if not words:
        return ""
    return (
        _in_words(words, _SHORT + 1)
        or _CODES.find(model)
        or _in_words(words, 2)
        or _in_letters(words[0])
        or _in_tail(words)
        or _by_market(model)
    )


def _in_words(words: list[str], least: int) -> str:
    """The brand that the first words tell, taken together or fewer of them."""
    for count in range(min(len(words), _MAX_WORDS), 0, -1):
        key = "".join(words[:count])
        if len(key) >= least and (brand := _WORDS.get(key)):
            return brand
    return ""


def _in_letters(word: str) -> str:
    letters = _LETTERS.match(word)
    return _WORDS.get(letters[0], "") if letters else ""


def _in_tail(words: list[str]) -> str:
    """The brand, or a code of one, behind a name of its own: "Optima 10 TS1186MG"."""
    for word in words[:0:-1]:
        if len(word) > _SHORT and (brand := _NAMES.get(word)):
            return brand
    last = words[-1] if len(words) > 1 else ""
    return _CODES.find(last) if len(last) >= _CODE_LENGTH and not last.isalpha() else ""


def _by_market(model: str) -> str:
    match = _MARKET.match(model.upper())
    return ("Honor" if match[1] else "Huawei") if match else ""


def spelled(brand: str) -> str:
    """`brand` as Matomo spells it ("XiaoMi" → "Xiaomi"), itself when it is not known."""
    return _WORDS.get(plain(brand), brand)


def is_brand(text: str) -> bool:
    """Whether `text` is the name of a brand, in any spelling."""
    return plain(text) in _NAMES


def model_name(model: str, brand: str) -> str:
    """`model` for people: without `brand` in front ("itel A56") and the region behind."""
    text = _REGION.sub("", model.strip()).replace("_", " ").strip()
    for name in (brand, brand.partition(" ")[0]):
        rest = _without(text, plain(name))
        if rest:
            return rest
    return text


def _without(text: str, name: str) -> str:
    """What follows `name` at the start of `text`; `""` when it does not stand there."""
    end, length = 0, len(name)
    while name and end < len(text):
        letter = text[end].lower()
        if letter.isalnum():
            if letter != name[0]:
                return ""
            name = name[1:]
        end += 1
    rest = text[end:]
    # "SonySO-03E" and "TECNOT611" are two words, "LGM-K120" and "POCOPHONE" are one.
    one_word = rest[:1].isupper() and text[end - 1].isupper() and length < _GLUED
    return "" if one_word or rest[:1].islower() else rest.lstrip(" -./:,")
