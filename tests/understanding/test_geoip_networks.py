"""Addresses that are nowhere are not looked up, whatever a database says of them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from sessions_hub.understanding import Place, locate
from sessions_hub.understanding.geoip_networks import is_somewhere

from .geoip_files import BERLIN, write

NOWHERE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2002:a00:1::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
SOMEWHERE = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:1::1",
    "2001:4860:4860::8888",
    "2002:808:808::1",
    "2606:4700::1111",
    # Documentation: the demo and these tests live there.
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.7",
    "2001:db8::1",
]


@pytest.fixture
def everywhere(tmp_path, settings) -> None:
    """A database that puts every address there is into Berlin."""
    # IPv4 is part of ::/96.
    path = write(tmp_path / "everywhere.mmdb", BERLIN, networks=("::/3", "2000::/3", "e000::/3"))
    settings.SESSIONS_HUB_GEOIP_PATH = path


@pytest.mark.parametrize("address", NOWHERE)
def test_a_private_or_reserved_address_has_no_place(everywhere, address) -> None:
    assert locate(address) == Place()
    assert address.startswith("::ffff") or not is_somewhere(ip_address(address))


@pytest.mark.parametrize("address", SOMEWHERE)
def test_a_public_or_documentation_address_is_looked_up(everywhere, address) -> None:
    assert locate(address).city == "Berlin"


@pytest.mark.parametrize("address", NOWHERE)
def test_the_database_itself_would_have_answered(everywhere, address, monkeypatch) -> None:
    monkeypatch.setattr("sessions_hub.understanding.geoip.is_somewhere", lambda _: True)
    assert locate(address).city == "Berlin"
