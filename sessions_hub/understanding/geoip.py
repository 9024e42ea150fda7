"""Address → place, from MaxMind DB files. No file, no places; nothing ever fails.

The files are read into memory: a mapped file that is cut short in place kills the
process (SIGBUS).
"""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sessions_hub.capture.address import normalise
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute

from .facts import Place
from .kept_file import KeptFile

if TYPE_CHECKING:
    from geoip2.database import Reader

logger = logging.getLogger("sessions_hub.understanding")

ASN_FILE = "GeoLite2-ASN.mmdb"

# Words in the type of a database (its metadata) → method of the reader.
_METHODS = (("City", "city"), ("Enterprise", "enterprise"), ("Country", "country"), ("ASN", "asn"))


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoIPStatus:
    """For system checks: whether GeoIP is configured, and whether its file opens.

    `problem` is `""` unless it is configured and does not.
    """

    configured: bool = False
    usable: bool = False
    path: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Database:
    reader: Reader
    method: str

    def look_up(self, address: str) -> Any:
        """The model of `address`; None when the database does not know it."""
        from geoip2.errors import AddressNotFoundError

        try:
            return getattr(self.reader, self.method)(address)
        # ValueError: an IPv6 address in a database of IPv4 only.
        except (AddressNotFoundError, ValueError):
            return None


def locate(address: str) -> Place:
    """The place of `address`; an empty one when it is private, unknown or no address.

    Read from `SESSIONS_HUB_GEOIP_PATH`. A missing or broken file is an empty place
    and one log line a minute. Every value fits its database column.
    """
    address = normalise(address)
    if not address:
        return Place()
    try:
        main, autonomous_systems = _files()
        place = _record(main, address)
        system = _record(autonomous_systems, address)
        return _place(place, system)
    # A damaged record can make the reader raise anything.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.WARNING, "geoip", "An address could not be located.", exc_info=True
        )
        return Place()


def status() -> GeoIPStatus:
    """Whether `SESSIONS_HUB_GEOIP_PATH` is set and its file can be used. Never raises."""
    if not conf.SESSIONS_HUB_GEOIP_PATH:
        return GeoIPStatus()
    try:
        main, _ = _files()
        usable = main is not None and main.content() is not None
    # The setting may be anything.
    except Exception as error:  # noqa: BLE001
        path = str(conf.SESSIONS_HUB_GEOIP_PATH)
        return GeoIPStatus(configured=True, path=path, problem=str(error))
    return GeoIPStatus(
        configured=True,
        usable=usable,
        path=main.path if main else "",
        problem=main.problem if main else "",
    )


def _files() -> tuple[KeptFile[_Database] | None, KeptFile[_Database] | None]:
    """The file of places and the one of autonomous systems, as configured now."""
    configured = conf.SESSIONS_HUB_GEOIP_PATH
    if not configured:
        return None, None
    path = os.fspath(configured)
    if not os.path.isdir(path):
        return _file(path, optional=False), None
    city = os.path.join(path, conf.SESSIONS_HUB_GEOIP_CITY)
    country = os.path.join(path, conf.SESSIONS_HUB_GEOIP_COUNTRY)
    main = country if os.path.exists(country) and not os.path.exists(city) else city
    return _file(main, optional=False), _file(os.path.join(path, ASN_FILE), optional=True)


@lru_cache(maxsize=8)
def _file(path: str, *, optional: bool) -> KeptFile[_Database]:
    return KeptFile(path, _open, optional=optional)


def _open(path: str) -> _Database:
    from geoip2.database import Reader
    from maxminddb import MODE_MEMORY

    reader = Reader(path, mode=MODE_MEMORY)
    kind = reader.metadata().database_type
    for word, method in _METHODS:
        if word in kind:
            return _Database(reader, method)
    raise ValueError(f"a database of type “{kind}” has no places")


def _record(file: KeptFile[_Database] | None, address: str) -> Any:
    database = file.content() if file else None
    return database.look_up(address) if database else None


def _place(found: Any, system: Any) -> Place:
    subdivisions = getattr(found, "subdivisions", ())
    city = getattr(found, "city", None)
    location = getattr(found, "location", None)
    country = getattr(found, "country", None)
    return Place(
        country_code=_text(country, "iso_code", 2).upper(),
        # The largest one: the state, not the district.
        region=_text(subdivisions[0], "name", 128) if subdivisions else "",
        city=_text(city, "name", 128),
        latitude=_degrees(location, "latitude", 90),
        longitude=_degrees(location, "longitude", 180),
        time_zone=_text(location, "time_zone", 64),
        autonomous_system=_autonomous_system(system if system is not None else found),
    )


def _autonomous_system(found: Any) -> str:
    number = getattr(found, "autonomous_system_number", None)
    if not isinstance(number, int):
        return ""
    name = _text(found, "autonomous_system_organization", 128)
    return f"AS{number} {name}".strip()[:128].rstrip()


def _text(found: Any, name: str, size: int) -> str:
    value = getattr(found, name, None)
    return value[:size] if isinstance(value, str) else ""


def _degrees(found: Any, name: str, limit: int) -> float | None:
    value = getattr(found, name, None)
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
        return None
    return float(value)
