"""Writes GeoIP databases in the shapes of their vendors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub.understanding import geoip

ADDRESS = "203.0.113.7"
NETWORK = "203.0.113.0/24"
# So that half a file is still a good many pages and records.
WIDE = tuple(f"{first}.{second}.0.0/17" for first in (11, 101, 203) for second in range(0, 250, 2))
BERLIN = {
    "country": {"iso_code": "DE", "names": {"en": "Germany"}},
    "registered_country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [
        {"iso_code": "BE", "names": {"en": "Land Berlin"}},
        {"names": {"en": "Mitte"}},
    ],
    "city": {"names": {"en": "Berlin"}},
    "location": {"latitude": 52.5, "longitude": 13.25, "time_zone": "Europe/Berlin"},
}
LINZ = {"country": {"iso_code": "AT"}, "city": {"names": {"en": "Linz"}}}
TELEKOM = {
    "autonomous_system_number": 3320,
    "autonomous_system_organization": "Deutsche Telekom AG",
}


def write(
    path: Path,
    record: Mapping[str, object],
    kind: str = "GeoLite2-City",
    *,
    networks: tuple[str, ...] = (NETWORK,),
    **options: object,
) -> Path:
    """A database at `path` whose `networks` have `record`, put there in one step."""
    options = {"ip_version": 6, "ipv4_compatible": True, **options}
    writer = MMDBWriter(database_type=kind, languages=["en"], **options)
    writer.insert_network(IPSet(list(networks)), dict(record))
    new = path.with_suffix(".new")
    writer.to_db_file(str(new))
    os.replace(new, path)
    return path


def problem() -> str:
    """What is wrong with the first configured file that cannot be used; `""` for none."""
    return next((one.problem for one in geoip.databases() if one.problem), "")
