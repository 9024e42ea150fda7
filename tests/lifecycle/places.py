"""Clients and places for tests of sessions that move."""

from __future__ import annotations

from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tests.contract.browser import Browser

BERLIN, BERLIN_2, POTSDAM = "203.0.113.7", "203.0.113.99", "203.0.112.7"
VIENNA, NEW_YORK, NOWHERE = "198.51.100.7", "192.0.2.7", "10.1.2.3"

CHROME_143 = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/143.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME_ON_LINUX = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)

_RECORDS = {
    "203.0.113.0/24": ("DE", "Berlin", 52.52, 13.4, 3320, "Deutsche Telekom AG"),
    "203.0.112.0/24": ("DE", "Potsdam", 52.4, 13.06, 6805, "Telefonica Germany"),
    "198.51.100.0/24": ("AT", "Vienna", 48.2, 16.37, 8447, "A1 Telekom Austria AG"),
    "192.0.2.0/24": ("US", "New York", 40.7, -74.0, 701, "Verizon"),
}


def write_places(path: Path) -> Path:
    """A city database with network operators that knows the addresses above."""
    writer = MMDBWriter(
        ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City", languages=["en"]
    )
    for network, (country, city, latitude, longitude, number, operator) in _RECORDS.items():
        record = {
            "country": {"iso_code": country},
            "city": {"names": {"en": city}},
            "location": {"latitude": latitude, "longitude": longitude},
            "autonomous_system_number": number,
            "autonomous_system_organization": operator,
        }
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


class Traveller(Browser):
    """A browser behind a proxy, so that its address can change."""

    def __init__(self, address: str = BERLIN, mode: str = "sync", **headers: str) -> None:
        super().__init__(mode, **headers)
        self.be_at(address)

    def be_at(self, address: str) -> None:
        self.headers["x-forwarded-for"] = address

    def use(self, user_agent: str, **hints: str) -> None:
        self.headers["user-agent"] = user_agent
        self.headers.update({name.replace("_", "-"): value for name, value in hints.items()})
