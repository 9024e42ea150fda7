"""Model → type of device."""

from __future__ import annotations

import re

from .kind_codes import BRANDS, CODES
from .lookup import brand_of, model_name
from .tables import Beginnings, rows

_CODES = Beginnings(CODES)
_ONLY = {brand: kind for kind, brand in rows(BRANDS, ",")}
_TABLET_WORD = re.compile(
    r"(?i)(?:^|[^a-z])(?:tab|pad|tablet)(?![a-z])|(?:tab|pad|tablet)(?:$|[ _\d-])"
)
_TV_WORD = re.compile(
    r"(?i)\bandroid tv\b|\b(?:smart|google|fire)[ _-]?tv|(?<!d)tv[ _-]?(?:box|stick|start|plus)"
    r"|(?:^|[ _-])(?:tv|stb|ott)(?:$|[ _-])|(?-i:[a-z]TV)\d?$|[ _-]box\b|q?led[-_]?\d\d|led tv"
    r"|\bhdtv\b"
)


def type_of(model: str, brand: str = "") -> str:
    """The type of device ("tablet", "tv" …) that `model` is known to be; `""` when unknown.

    `brand` is the model's, where the model does not tell it.
    """
    if _TV_WORD.search(model):
        return "tv"
    brand = brand or brand_of(model)
    kind = _CODES.find(model) or _CODES.find(model_name(model, brand))
    if not kind and _TABLET_WORD.search(model):
        kind = "tablet"
    return kind or _ONLY.get(brand, "")
