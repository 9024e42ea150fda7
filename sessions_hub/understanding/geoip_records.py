"""The record of a GeoIP database → a place, whoever made the database.

MaxMind and DB-IP nest what they know (`country.iso_code`); IPinfo and the databases
of ip-location-db are flat (`country_code`). The fields decide, not the database's
type: every vendor has its own words for that. `registered_country` says where the
network is registered, not where it is, and is never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .facts import Place

_NAME_SIZE = 128

# Each field's ways through a record, the best first. A step is a key of a map or an
# index of a list.
_Way = tuple[str | int, ...]

# `country` alone is a code for the older IPinfo files and a name for IPinfo Lite.
_COUNTRY_CODE: tuple[_Way, ...] = (("country", "iso_code"), ("country_code",), ("country",))
_LATITUDE: tuple[_Way, ...] = (("location", "latitude"), ("latitude",), ("lat",))
_LONGITUDE: tuple[_Way, ...] = (("location", "longitude"), ("longitude",), ("lng",))
_TIME_ZONE: tuple[_Way, ...] = (("location", "time_zone"), ("timezone",), ("time_zone",))
_AS_NUMBER: tuple[_Way, ...] = (
    ("autonomous_system_number",),
    ("traits", "autonomous_system_number"),
    ("asn",),
)
_AS_NAME: tuple[_Way, ...] = (
    ("autonomous_system_organization",),
    ("traits", "autonomous_system_organization"),
    ("as_name",),
    ("name",),
)
# The way to a map of a name in several languages, and to a plain name.
# The first subdivision is the largest one: the state, not the district.
_REGION: tuple[_Way, tuple[_Way, ...]] = (("subdivisions", 0, "names"), (("region",), ("state1",)))
_CITY: tuple[_Way, tuple[_Way, ...]] = (("city", "names"), (("city",),))

# What vendors write for "nowhere": ISO 3166-1 leaves both to its users.
_NOWHERE = frozenset({"XX", "ZZ"})
# A name of the IANA time zone database. "+02:00" is none.
_ZONE_NAME = re.compile(r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_AS_TEXT = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,30})?")
# 0 means "not routed" (RFC 7607), the last number is reserved (RFC 7300).
_LAST_AS_NUMBER = 2**32 - 2


def place_of(record: object) -> Place:
    """What `record` says of the place; an empty one if it says nothing. Never raises.

    Every value fits its database column and is free of control characters. A value
    of a wrong type or out of range is left out, coordinates both or neither.
    """
    if not isinstance(record, Mapping):
        return Place()
    place = Place(
        country_code=_country_code(_values(record, _COUNTRY_CODE)),
        region=_name(record, *_REGION),
        city=_name(record, *_CITY),
        time_zone=_time_zone(_values(record, _TIME_ZONE)),
        autonomous_system=_autonomous_system(record),
    )
    latitude = _degrees(_values(record, _LATITUDE), 90)
    longitude = _degrees(_values(record, _LONGITUDE), 180)
    if latitude is None or longitude is None:
        return place
    return replace(place, latitude=latitude, longitude=longitude)


def _values(record: object, ways: Iterable[_Way]) -> Iterable[object]:
    for way in ways:
        found = record
        for step in way:
            found = _step(found, step)
        if found is not None:
            yield found


def _step(found: object, step: str | int) -> object:
    if isinstance(step, str):
        return found.get(step) if isinstance(found, Mapping) else None
    return found[step] if isinstance(found, list) and len(found) > step else None


def _country_code(values: Iterable[object]) -> str:
    for value in values:
        if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
            code = value.upper()
            return "" if code in _NOWHERE else code
    return ""


def _name(record: object, translated: _Way, plain: Iterable[_Way]) -> str:
    """The English name; else the one in any language, else the plain one."""
    for names in _values(record, (translated,)):
        if isinstance(names, Mapping) and (text := _first_text([names.get("en"), *names.values()])):
            return text
    return _first_text(_values(record, plain))


def _first_text(values: Iterable[object]) -> str:
    return next(filter(None, map(_text, values)), "")


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # A name of megabytes costs no more than a long one.
    text = value[: 4 * _NAME_SIZE]
    if not text.isprintable():
        text = "".join(map(_printable, text))
    return text.strip()[:_NAME_SIZE].rstrip()


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""


def _time_zone(values: Iterable[object]) -> str:
    for value in values:
        if isinstance(value, str) and _ZONE_NAME.fullmatch(value):
            return value
    return ""


def _degrees(values: Iterable[object], limit: int) -> float | None:
    for value in values:
        # IPinfo writes numbers as text.
        if isinstance(value, str) and _COORDINATE.fullmatch(value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        # False for infinity and for what is no number, too.
        if -limit <= value <= limit:
            return float(value)
    return None


def _autonomous_system(record: object) -> str:
    for value in _values(record, _AS_NUMBER):
        if number := _as_number(value):
            name = _first_text(_values(record, _AS_NAME))
            return f"AS{number} {name}".strip()[:_NAME_SIZE].rstrip()
    return ""


def _as_number(value: object) -> int:
    """The number, or 0 when `value` is none."""
    if isinstance(value, str):
        match = _AS_TEXT.fullmatch(value)
        value = int(match[1]) if match else None
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 < value <= _LAST_AS_NUMBER else 0
