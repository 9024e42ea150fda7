"""Places come from MaxMind DB files that may be missing, broken or replaced at any time."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from threading import Barrier, Thread

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub import logs
from sessions_hub.understanding import Place, geoip, kept_file, locate

ADDRESS = "203.0.113.7"
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


def write(path: Path, record: dict[str, object], kind: str = "GeoLite2-City", **options) -> Path:
    options = {"ip_version": 6, "ipv4_compatible": True, **options}
    writer = MMDBWriter(database_type=kind, languages=["en"], **options)
    writer.insert_network(IPSet(["203.0.113.0/24"]), record)
    new = path.with_suffix(".new")
    writer.to_db_file(str(new))
    os.replace(new, path)
    return path


class Clock:
    """`monotonic` of the package, moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(kept_file, "monotonic", clock)
    monkeypatch.setattr(logs, "monotonic", clock)
    monkeypatch.setattr(logs, "_last", {})
    geoip._file.cache_clear()
    yield clock
    geoip._file.cache_clear()


@pytest.fixture
def database(tmp_path, settings) -> Path:
    path = write(tmp_path / "GeoLite2-City.mmdb", BERLIN)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    return path


def test_without_a_setting_there_are_no_places_and_no_problem(settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = None
    assert locate(ADDRESS) == Place()
    assert geoip.status() == geoip.GeoIPStatus()


def test_an_address_has_its_place(database) -> None:
    place = Place(
        country_code="DE",
        region="Land Berlin",
        city="Berlin",
        latitude=52.5,
        longitude=13.25,
        time_zone="Europe/Berlin",
    )
    assert locate(ADDRESS) == locate(f"::ffff:{ADDRESS}") == place
    assert geoip.status() == geoip.GeoIPStatus(configured=True, usable=True, path=str(database))


@pytest.mark.parametrize("address", ["", "127.0.0.1", "10.0.0.1", "::1", "2001:db8::1", "rubbish"])
def test_an_unknown_address_has_no_place(database, address) -> None:
    assert locate(address) == Place()


def test_a_folder_has_a_city_file_before_a_country_file(tmp_path, settings, clock) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = str(tmp_path)
    settings.SESSIONS_HUB_GEOIP_CITY = "places.mmdb"
    write(tmp_path / "GeoLite2-Country.mmdb", LINZ, "GeoLite2-Country")
    assert locate(ADDRESS) == Place(country_code="AT")
    write(tmp_path / "places.mmdb", BERLIN)
    assert locate(ADDRESS).city == "Berlin"


def test_the_autonomous_system_comes_from_a_file_of_its_own(database, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = database.parent
    record = {
        "autonomous_system_number": 3320,
        "autonomous_system_organization": "Deutsche Telekom AG",
    }
    write(database.parent / "GeoLite2-ASN.mmdb", record, "GeoLite2-ASN")
    place = locate(ADDRESS)
    assert (place.city, place.autonomous_system) == ("Berlin", "AS3320 Deutsche Telekom AG")


def test_a_missing_asn_file_is_no_problem(database, settings, caplog) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = database.parent
    assert locate(ADDRESS).city == "Berlin"
    assert not caplog.records


def test_djangos_own_setting_is_enough(tmp_path, settings) -> None:
    write(tmp_path / "GeoLite2-City.mmdb", BERLIN)
    settings.GEOIP_PATH = tmp_path
    assert locate(ADDRESS).city == "Berlin"


def test_values_fit_their_columns(tmp_path, settings) -> None:
    long = {
        "country": {"iso_code": "deu"},
        "subdivisions": [{"names": {"en": "r" * 500}}],
        "city": {"names": {"en": "c" * 500}},
        "location": {"latitude": 1e9, "longitude": float("nan"), "time_zone": "t" * 500},
    }
    settings.SESSIONS_HUB_GEOIP_PATH = write(tmp_path / "long.mmdb", long)
    place = locate(ADDRESS)
    assert (place.country_code, place.latitude, place.longitude) == ("DE", None, None)
    assert [len(text) for text in (place.region, place.city, place.time_zone)] == [128, 128, 64]


def test_ipv6_in_a_database_of_ipv4_has_no_place(tmp_path, settings, caplog) -> None:
    path = write(tmp_path / "four.mmdb", BERLIN, ip_version=4, ipv4_compatible=False)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    assert locate(ADDRESS).city == "Berlin"
    assert locate("2001:db8::1") == Place()
    assert not caplog.records


def missing(path: Path) -> None:
    path.unlink()


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 500)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def of_another_kind(path: Path) -> None:
    write(path, {"domain": "example.com"}, "GeoIP2-Domain")


@pytest.mark.parametrize("damage", [missing, garbage, empty, truncated, of_another_kind])
def test_a_bad_file_is_no_place_and_one_line_a_minute(database, caplog, clock, damage) -> None:
    damage(database)
    with caplog.at_level(logging.WARNING, "sessions_hub.understanding"):
        for _ in range(20):
            assert locate(ADDRESS) == Place()
            clock.now += 3.0
        assert len(caplog.records) == 1
        assert str(database) in caplog.text
        clock.now += 60
        assert locate(ADDRESS) == Place()
        assert len(caplog.records) == 2
    status = geoip.status()
    assert (status.configured, status.usable) == (True, False)
    assert status.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_no_place(database) -> None:
    database.chmod(0)
    assert locate(ADDRESS) == Place()
    assert not geoip.status().usable


def test_a_file_whose_reader_fails_is_no_place(database, monkeypatch, caplog) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise PermissionError("not for you")

    monkeypatch.setattr("geoip2.database.Reader", refuse)
    assert locate(ADDRESS) == Place()
    assert geoip.status().problem == "not for you"


@pytest.mark.parametrize("setting", [7, "\x00", "/nowhere/at/all.mmdb", b"/bytes"])
def test_a_wrong_setting_is_no_place(settings, setting) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = setting
    assert locate(ADDRESS) == Place()
    assert not geoip.status().usable
    assert geoip.status().problem


def test_a_replaced_file_is_noticed_within_seconds(database, clock) -> None:
    assert locate(ADDRESS).city == "Berlin"
    write(database, LINZ)
    assert locate(ADDRESS).city == "Berlin"
    clock.now += kept_file.STAT_INTERVAL
    assert locate(ADDRESS).city == "Linz"


@pytest.mark.parametrize("damage", [garbage, empty, truncated])
def test_the_old_file_serves_while_the_new_one_is_broken(database, clock, caplog, damage) -> None:
    assert locate(ADDRESS).city == "Berlin"
    damage(database)
    clock.now += kept_file.STAT_INTERVAL
    assert locate(ADDRESS).city == "Berlin"
    assert "Cannot use" in caplog.text
    assert geoip.status().problem
    write(database, LINZ)
    clock.now += kept_file.STAT_INTERVAL
    assert locate(ADDRESS).city == "Linz"
    assert not geoip.status().problem


def test_a_file_that_is_gone_is_gone_and_may_come_back(database, clock) -> None:
    assert locate(ADDRESS).city == "Berlin"
    shutil.move(database, database.with_suffix(".away"))
    clock.now += kept_file.STAT_INTERVAL
    assert locate(ADDRESS) == Place()
    shutil.move(database.with_suffix(".away"), database)
    clock.now += kept_file.STAT_INTERVAL
    assert locate(ADDRESS).city == "Berlin"


def test_a_refused_file_is_tried_once_a_minute(database, clock, monkeypatch) -> None:
    garbage(database)
    tries = []
    original = geoip._open
    monkeypatch.setattr(geoip, "_open", lambda path: tries.append(path) or original(path))
    for _ in range(60):
        locate(ADDRESS)
        clock.now += 3.0
    assert len(tries) == 3


def test_a_file_is_opened_once_however_many_ask(database, monkeypatch) -> None:
    tries = []
    original = geoip._open
    monkeypatch.setattr(geoip, "_open", lambda path: tries.append(path) or original(path))
    barrier, cities = Barrier(8), []

    def ask() -> None:
        barrier.wait()
        cities.append(locate(ADDRESS).city)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cities == ["Berlin"] * 8
    assert len(tries) == 1
