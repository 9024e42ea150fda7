"""A small GeoIP database of made-up facts: who lives behind a documentation address.

The networks are those of RFC 5737 and RFC 3849, which belong to nobody; the cities
are real, that these addresses were there is not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from .problems import DemoError

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Town:
    """A city, its network and who is said to run it."""

    name: str
    region: str
    country_code: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    network: str
    operator: str

    def address(self, number: int = 7) -> str:
        """The address with this number in the city's network."""
        return str(ip_network(self.network)[number])


BERLIN = Town("Berlin", "Land Berlin", "DE", "Germany", 52.52, 13.41, "Europe/Berlin",
              "192.0.2.0/26", "Example Kabel")  # fmt: skip
PARIS = Town("Paris", "Île-de-France", "FR", "France", 48.86, 2.35, "Europe/Paris",
             "192.0.2.64/26", "Exemple Télécom")  # fmt: skip
MILAN = Town("Milan", "Lombardy", "IT", "Italy", 45.46, 9.19, "Europe/Rome",
             "2001:db8:17::/48", "Esempio Fibra")  # fmt: skip
ISTANBUL = Town("Istanbul", "Istanbul", "TR", "Türkiye", 41.01, 28.98, "Europe/Istanbul",
                "192.0.2.128/26", "Örnek Net")  # fmt: skip
SAO_PAULO = Town("São Paulo", "São Paulo", "BR", "Brazil", -23.55, -46.63, "America/Sao_Paulo",
                 "198.51.100.0/26", "Exemplo Banda Larga")  # fmt: skip
NAIROBI = Town("Nairobi", "Nairobi County", "KE", "Kenya", -1.29, 36.82, "Africa/Nairobi",
               "198.51.100.64/26", "Mfano Mobile")  # fmt: skip
MOMBASA = Town("Mombasa", "Mombasa County", "KE", "Kenya", -4.04, 39.67, "Africa/Nairobi",
               "198.51.100.128/26", "Mfano Mobile")  # fmt: skip
OSAKA = Town("Osaka", "Osaka", "JP", "Japan", 34.69, 135.50, "Asia/Tokyo",
             "203.0.113.0/26", "Rei Hikari")  # fmt: skip
TOKYO = Town("Tokyo", "Tokyo", "JP", "Japan", 35.68, 139.69, "Asia/Tokyo",
             "203.0.113.64/26", "Rei Hikari")  # fmt: skip
TOWNS = (BERLIN, PARIS, MILAN, ISTANBUL, SAO_PAULO, NAIROBI, MOMBASA, OSAKA, TOKYO)


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
    operators = sorted({each.operator for each in TOWNS})
    # AS64496 to AS64511 are set aside for documentation (RFC 5398).
    return {
        "autonomous_system_number": 64496 + operators.index(town.operator),
        "autonomous_system_organization": town.operator,
    }
