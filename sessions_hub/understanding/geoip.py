"""Address → place, from MaxMind DB files. No file, no places; nothing ever fails.

A file is read into the memory of each process, once. A mapped one is faster to look
up in, but kills the process (SIGBUS) when it is cut short in place. Mapping a private
copy would avoid that on Linux, for tens of microseconds per sign-in: not worth a
second way of reading. Damage is met by Python code, which raises, not by C code.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from sessions_hub.capture.address import normalise
from sessions_hub.conf import DEFAULT_GEOIP_ASN, conf
from sessions_hub.logs import log_once_a_minute

from .facts import Place
from .geoip_networks import is_somewhere
from .geoip_records import place_of
from .kept_file import KeptFile

if TYPE_CHECKING:
    from .geoip_reader import RecordReader

logger = logging.getLogger("sessions_hub.understanding")

# How much of a file is tried out before it is used, so that damage and a database
# without places are met: a few milliseconds, a tenth of a second where no place is.
_ADDRESSES_TRIED = 128
_NETWORKS_TRIED = 1024
# 2**32 divided by the golden ratio: multiples of it are spread evenly.
_SPREAD = 0x9E3779B1


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoIPDatabase:
    """A configured file: its database's type and time of build, or what is wrong.

    `problem` is `""` when the file can be used; `built` is None when the file does
    not say. `tells_operators` is True for the one that is asked for network operators
    alone, and not for places.
    """

    path: str
    tells_operators: bool = False
    kind: str = ""
    built: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    path: str
    # Nobody asked for it by name, so it may be missing.
    optional: bool = False


def locate(address: str) -> Place:
    """The place of `address`; an empty one when it is private, unknown or no address.

    Read from `SESSIONS_HUB_GEOIP_PATH`. A missing or broken file is an empty place
    and one log line a minute. Every value fits its database column.
    """
    try:
        return _locate(address)
    # The setting may be anything, and a place is worth no sign-in.
    except Exception:  # noqa: BLE001
        _log_failure()
        return Place()


def _locate(address: str) -> Place:
    address = normalise(address)
    if not address:
        return Place()
    parsed = ip_address(address)
    if not is_somewhere(parsed):
        return Place()
    places, operators = _sources()
    place = _look_up(places, parsed)
    operator = _look_up(operators, parsed).autonomous_system
    return replace(place, autonomous_system=operator) if operator else place


def databases() -> list[GeoIPDatabase]:
    """The configured files and what they hold, for system checks. Never raises.

    Reads little of each, and nothing into memory.
    """
    try:
        places, operators = _sources()
    # The setting may be anything.
    except Exception as error:  # noqa: BLE001
        return [GeoIPDatabase(path=str(conf.SESSIONS_HUB_GEOIP_PATH), problem=str(error))]
    return [
        replace(_described(source.path), tells_operators=source is operators)
        for source in (places, operators)
        if source and not (source.optional and not os.path.exists(source.path))
    ]


def _sources() -> tuple[_Source | None, _Source | None]:
    """The file of places and the one of network operators, as configured now.

    Raises TypeError when a setting is no path.
    """
    path = _path("SESSIONS_HUB_GEOIP_PATH")
    if not path:
        return None, None
    is_folder = os.path.isdir(path)
    folder = path if is_folder else os.path.dirname(path)
    operators = _operators(folder)
    if not is_folder:
        return _Source(path), operators
    city = os.path.join(folder, _path("SESSIONS_HUB_GEOIP_CITY"))
    country = os.path.join(folder, _path("SESSIONS_HUB_GEOIP_COUNTRY"))
    if not os.path.exists(city):
        if os.path.exists(country):
            return _Source(country), operators
        if operators and os.path.exists(operators.path):
            return _Source(city, optional=True), operators
    return _Source(city), operators


def _operators(folder: str) -> _Source | None:
    name = _path("SESSIONS_HUB_GEOIP_ASN")
    if not name:
        return None
    return _Source(os.path.join(folder, name), optional=name == DEFAULT_GEOIP_ASN)


def _path(setting: str) -> str:
    value = getattr(conf, setting)
    try:
        return os.fsdecode(value) if value else ""
    except TypeError:
        raise TypeError(f"{setting} must be a path, not {value!r}") from None


# Two, for the two sources: a file that is not configured any more is let go.
@lru_cache(maxsize=2)
def _file(path: str) -> KeptFile[RecordReader]:
    return KeptFile(path, _open)


def _look_up(source: _Source | None, address: IPv4Address | IPv6Address) -> Place:
    if source is None:
        return Place()
    try:
        reader = _file(source.path).content(optional=source.optional)
        if reader is None or (address.version == 6 and reader.metadata().ip_version == 4):
            return Place()
        return place_of(reader.record(address))
    # A damaged record can make the reader raise anything.
    except Exception:  # noqa: BLE001
        _log_failure()
        return Place()


def _log_failure() -> None:
    log_once_a_minute(
        logger, logging.WARNING, "geoip", "An address could not be located.", exc_info=True
    )


def _open(path: str) -> RecordReader:
    from .geoip_reader import MODE_MEMORY

    return _read(path, MODE_MEMORY)


def _described(path: str) -> GeoIPDatabase:
    from .geoip_reader import MODE_FILE

    try:
        with closing(_read(path, MODE_FILE)) as reader:
            metadata = reader.metadata()
    # Whatever a broken file makes its reader raise.
    except Exception as error:  # noqa: BLE001
        return GeoIPDatabase(path=path, problem=str(error) or type(error).__name__)
    return GeoIPDatabase(
        path=path, kind=str(metadata.database_type), built=_time(metadata.build_epoch)
    )


def _time(epoch: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(epoch, UTC) if isinstance(epoch, int) and epoch else None
    except (OverflowError, ValueError, OSError):
        return None


def _read(path: str, mode: int) -> RecordReader:
    """The reader of the file. Raises anything when it is damaged or knows no place."""
    from .geoip_reader import RecordReader

    # Opening a pipe would wait for its writer.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is no regular file")
    reader = RecordReader(path, mode=mode)
    try:
        if not any(place_of(record) != Place() for record in _sample(reader)):
            kind = reader.metadata().database_type
            raise ValueError(f"a database of type “{kind}” has no places")
    except BaseException:
        reader.close()
        raise
    return reader


def _sample(reader: RecordReader) -> Iterator[object]:
    """Records from all over the file, then those of its first networks.

    The former meet damage, the latter what little a small database holds.
    """
    yield from [
        reader.record(IPv4Address(number * _SPREAD % 2**32)) for number in range(_ADDRESSES_TRIED)
    ]
    version = IPv4Address if reader.metadata().ip_version == 4 else IPv6Address
    bits, start = version(0).max_prefixlen, 0
    for _ in range(_NETWORKS_TRIED):
        record, prefix = reader.record_and_prefix(version(start))
        yield record
        start += 1 << (bits - prefix)
        if start >= 1 << bits:
            return
