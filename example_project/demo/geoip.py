"""A small GeoIP database of made-up facts: the towns, as vendors' files hold them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .problems import DemoError
from .towns import TOWNS, Town, operator_number

Record = Mapping[str, Any]


def build(folder: Path) -> None:
    """Write the databases of cities and of network operators into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "GeoLite2-City.mmdb", "GeoLite2-City", _city)
    _write(folder / "GeoLite2-ASN.mmdb", "GeoLite2-ASN", _operator)


def _write(path: Path, kind: str, record: Callable[[Town], Record]) -> None:
    try:
        from mmdb_writer import MMDBWriter
        from netaddr import IPSet  # type: ignore[import-untyped]
    except ImportError as error:
        raise DemoError(f"{error.name} is missing: pip install -e '.[demo]'") from error
    writer = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type=kind,
        languages=["en"],
        description="Made-up places for the demo of sessions_hub. No address was ever there.",
    )
    for town in TOWNS:
        writer.insert_network(IPSet([town.network]), dict(record(town)))
    unfinished = path.with_suffix(".new")
    writer.to_db_file(str(unfinished))
    os.replace(unfinished, path)


def _city(town: Town) -> Record:
    return {
        "city": {"names": {"en": town.name}},
        "subdivisions": [{"names": {"en": town.region}}],
        "country": {"iso_code": town.country_code, "names": {"en": town.country}},
        "location": {
            "latitude": town.latitude,
            "longitude": town.longitude,
            "time_zone": town.time_zone,
        },
    }


def _operator(town: Town) -> Record:
    return {
        "autonomous_system_number": operator_number(town.operator),
        "autonomous_system_organization": town.operator,
    }
