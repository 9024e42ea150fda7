"""Places of addresses, from the files the settings name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import pytest

from sessions_hub import logs
from sessions_hub.conf import DEFAULT_GEOIP_ASN
from sessions_hub.understanding import Place, geoip, locate

from .geoip_files import ADDRESS, BERLIN, LINZ, TELEKOM, problem, write

OPERATOR = "AS3320 Deutsche Telekom AG"
IPINFO_LITE = {"country": "Canada", "country_code": "CA", "asn": "AS174", "as_name": "Cogent"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(logs, "_last", {})
    geoip._file.cache_clear()
    yield
    geoip._file.cache_clear()


@pytest.fixture
def database(tmp_path, settings) -> Path:
    path = write(tmp_path / "GeoLite2-City.mmdb", BERLIN)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    return path


def problems() -> list[str]:
    return [database.problem for database in geoip.databases()]


def names() -> list[str]:
    return [Path(database.path).name for database in geoip.databases()]


def test_without_a_setting_there_are_no_places_and_no_problem(settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = None
    assert locate(ADDRESS) == Place()
    assert geoip.databases() == []
    assert geoip.databases() == []


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
    assert [one.path for one in geoip.databases()] == [str(database)]
    assert not problem()


@pytest.mark.parametrize("address", ["", "198.51.100.1", "1.1.1.1", "2001:db8::1", "rubbish"])
def test_an_unknown_address_has_no_place(database, address) -> None:
    assert locate(address) == Place()


def test_a_folder_has_a_city_file_before_a_country_file(tmp_path, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = str(tmp_path)
    settings.SESSIONS_HUB_GEOIP_CITY = "places.mmdb"
    write(tmp_path / "GeoLite2-Country.mmdb", {"country": {"iso_code": "AT"}}, "GeoLite2-Country")
    assert locate(ADDRESS) == Place(country_code="AT")
    assert names() == ["GeoLite2-Country.mmdb"]
    write(tmp_path / "places.mmdb", BERLIN)
    assert locate(ADDRESS).city == "Berlin"
    assert names() == ["places.mmdb"]


@pytest.mark.parametrize("path", ["folder", "file"])
def test_the_network_operator_comes_from_a_file_of_its_own(database, settings, path) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = database.parent if path == "folder" else database
    write(database.parent / "GeoLite2-ASN.mmdb", TELEKOM, "GeoLite2-ASN")
    place = locate(ADDRESS)
    assert (place.city, place.autonomous_system) == ("Berlin", OPERATOR)
    assert names() == ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]


def test_the_file_of_operators_gives_nothing_but_operators(database, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_ASN = "ipinfo_lite.mmdb"
    write(database.parent / "ipinfo_lite.mmdb", IPINFO_LITE)
    place = locate(ADDRESS)
    assert (place.country_code, place.autonomous_system) == ("DE", "AS174 Cogent")


def test_an_operator_the_other_file_does_not_know_stays(tmp_path, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = write(tmp_path / "ipinfo_lite.mmdb", IPINFO_LITE)
    write(tmp_path / "GeoLite2-ASN.mmdb", TELEKOM, networks=("198.51.100.0/24",))
    assert locate(ADDRESS) == Place(country_code="CA", autonomous_system="AS174 Cogent")
    assert locate("198.51.100.1") == Place(autonomous_system=OPERATOR)


@pytest.mark.parametrize("name", [None, ""])
def test_the_file_of_operators_can_be_switched_off(database, settings, name) -> None:
    settings.SESSIONS_HUB_GEOIP_ASN = name
    write(database.parent / "GeoLite2-ASN.mmdb", TELEKOM, "GeoLite2-ASN")
    assert locate(ADDRESS).autonomous_system == ""
    assert names() == ["GeoLite2-City.mmdb"]


def test_the_file_of_operators_may_lie_elsewhere(database, settings, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    path = write(tmp_path / "other" / "dbip-asn-lite.mmdb", TELEKOM, "DBIP-ASN-Lite")
    settings.SESSIONS_HUB_GEOIP_ASN = str(path)
    assert locate(ADDRESS).autonomous_system == OPERATOR


@pytest.mark.parametrize("given", ["folder", "file"])
def test_a_file_of_operators_alone_is_enough(tmp_path, settings, caplog, given) -> None:
    path = write(tmp_path / "GeoLite2-ASN.mmdb", TELEKOM, "GeoLite2-ASN")
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path if given == "folder" else path
    assert locate(ADDRESS) == Place(autonomous_system=OPERATOR)
    assert not problem()
    assert set(names()) == {"GeoLite2-ASN.mmdb"}
    assert not caplog.records


@pytest.mark.parametrize("name", ["ipinfo_lite.mmdb", "any name at all"])
def test_one_file_of_any_name_is_enough(tmp_path, settings, caplog, name) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    settings.SESSIONS_HUB_GEOIP_CITY = name
    write(tmp_path / name, IPINFO_LITE, "ipinfo generic_bundle_lite.mmdb")
    assert locate(ADDRESS) == Place(country_code="CA", autonomous_system="AS174 Cogent")
    assert not caplog.records


def test_a_file_of_operators_nobody_named_may_be_missing(database, settings, caplog) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = database.parent
    assert locate(ADDRESS).city == "Berlin"
    assert problems() == [""]
    assert not caplog.records


def test_a_file_of_operators_that_was_named_must_be_there(database, settings, caplog) -> None:
    settings.SESSIONS_HUB_GEOIP_ASN = "operators.mmdb"
    assert locate(ADDRESS).city == "Berlin"
    assert "operators.mmdb" in caplog.text
    assert [bool(problem) for problem in problems()] == [False, True]
    broken = [one for one in geoip.databases() if one.problem]
    assert [(Path(one.path).name, one.tells_operators) for one in broken] == [
        ("operators.mmdb", True)
    ]


def test_an_empty_folder_is_a_problem(tmp_path, settings, caplog) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    assert locate(ADDRESS) == Place()
    assert "GeoLite2-City.mmdb: there is no such file" in caplog.text
    assert len(problems()) == 1
    assert any(database.problem for database in geoip.databases())


def test_djangos_own_setting_is_enough(tmp_path, settings) -> None:
    write(tmp_path / "GeoLite2-City.mmdb", BERLIN)
    settings.GEOIP_PATH = tmp_path
    assert locate(ADDRESS).city == "Berlin"


def test_ipv6_in_a_database_of_ipv4_has_no_place(tmp_path, settings, caplog) -> None:
    path = write(tmp_path / "four.mmdb", BERLIN, ip_version=4, ipv4_compatible=False)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    assert locate(ADDRESS).city == "Berlin"
    assert locate("2001:db8::1") == Place()
    assert not caplog.records


def test_ipv4_in_a_database_of_ipv6_has_no_place(tmp_path, settings, caplog) -> None:
    path = write(tmp_path / "six.mmdb", LINZ, networks=("2001:db8::/32",), ipv4_compatible=False)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    assert locate("2001:db8::1").city == "Linz"
    assert locate(ADDRESS) == Place()
    assert not caplog.records


@pytest.mark.parametrize("setting", [7, "\x00", "/nowhere/at/all.mmdb", b"/bytes", ["/a"]])
@pytest.mark.parametrize("name", ["PATH", "ASN"])
def test_a_wrong_setting_is_no_place(database, settings, caplog, name, setting) -> None:
    setattr(settings, f"SESSIONS_HUB_GEOIP_{name}", setting)
    assert locate(ADDRESS).autonomous_system == ""
    assert any(database.problem for database in geoip.databases())
    assert problem()
    assert caplog.records


@pytest.mark.parametrize("name", ["PATH", "CITY", "COUNTRY", "ASN"])
def test_a_setting_that_is_no_path_is_named(tmp_path, settings, name) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    setattr(settings, f"SESSIONS_HUB_GEOIP_{name}", 7)
    assert problems() == [f"SESSIONS_HUB_GEOIP_{name} must be a path, not 7"]


def test_a_path_of_bytes_is_a_path(database, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = bytes(database)
    assert locate(ADDRESS).city == "Berlin"


def test_a_database_says_what_it_is_and_when_it_was_built(database) -> None:
    (found,) = geoip.databases()
    assert (found.path, found.kind, found.problem) == (str(database), "GeoLite2-City", "")
    assert found.built is not None
    assert abs(found.built - datetime.fromtimestamp(time(), UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("epoch", [0, 2**63, "yesterday", -(10**30), None])
def test_a_time_of_build_that_is_none_is_unknown(database, monkeypatch, epoch) -> None:
    from maxminddb import Reader

    original = Reader.metadata

    def metadata(reader):
        found = original(reader)
        object.__setattr__(found, "build_epoch", epoch)
        return found

    monkeypatch.setattr(Reader, "metadata", metadata)
    (found,) = geoip.databases()
    assert (found.problem, found.built) == ("", None)


def test_describing_the_databases_does_not_read_them_into_memory(database, monkeypatch) -> None:
    from maxminddb import MODE_FILE, open_database

    modes = []

    def opened(path, mode):
        modes.append(mode)
        return open_database(path, mode)

    monkeypatch.setattr("maxminddb.open_database", opened)
    assert problems() == [""]
    assert modes == [MODE_FILE]


def test_a_folder_of_a_database_s_name_is_no_database(tmp_path, settings) -> None:
    (tmp_path / "GeoLite2-City.mmdb").mkdir()
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    assert locate(ADDRESS) == Place()
    assert problems() == ["it is no regular file"]


@pytest.mark.parametrize("networks", [(), ("203.0.113.0/24",)])
def test_a_database_without_places_says_so(tmp_path, settings, networks) -> None:
    record = {"domain": "example.com"}
    path = write(tmp_path / "file.mmdb", record, "GeoIP2-Domain", networks=networks)
    settings.SESSIONS_HUB_GEOIP_PATH = path
    assert locate(ADDRESS) == Place()
    assert problems() == ["a database of type “GeoIP2-Domain” has no places"]


def test_the_default_name_of_the_file_of_operators_is_maxminds() -> None:
    assert DEFAULT_GEOIP_ASN == "GeoLite2-ASN.mmdb"
