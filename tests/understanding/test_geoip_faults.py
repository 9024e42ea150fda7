"""GeoIP files that are missing, broken, or changed while they are in use."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import weakref
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub.understanding import Place, geoip, locate

from .clock import Clock
from .geoip_files import ADDRESS, BERLIN, LINZ, NETWORK, TELEKOM, WIDE, problem, write


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    clock.rule(monkeypatch)
    geoip._file.cache_clear()
    yield clock
    geoip._file.cache_clear()


@pytest.fixture
def database(tmp_path, settings) -> Path:
    path = write(tmp_path / "GeoLite2-City.mmdb", BERLIN, networks=(NETWORK, *WIDE[:200]))
    settings.SESSIONS_HUB_GEOIP_PATH = path
    return path


def missing(path: Path) -> None:
    path.unlink()


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 500)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def without_its_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def half_written(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def garbage_behind_its_beginning(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:64] + os.urandom(len(whole) - 64))


def garbage_before_its_end(path: Path) -> None:
    """Only the description at the end is whole, as if written in place from behind."""
    whole = path.read_bytes()
    end = whole.rindex(b"\xab\xcd\xefMaxMind.com")
    path.write_bytes(b"\xee" * end + whole[end:])


def zeros_before_its_end(path: Path) -> None:
    """A file that was made long and then never filled."""
    whole = path.read_bytes()
    end = whole.rindex(b"\xab\xcd\xefMaxMind.com")
    path.write_bytes(b"\x00" * end + whole[end:])


def of_another_kind(path: Path) -> None:
    write(path, {"domain": "example.com"}, "GeoIP2-Domain")


def without_records(path: Path) -> None:
    write(path, {}, networks=())


BROKEN = [
    garbage,
    empty,
    without_its_end,
    half_written,
    garbage_behind_its_beginning,
    garbage_before_its_end,
    zeros_before_its_end,
    of_another_kind,
    without_records,
]


@pytest.mark.parametrize("damage", [missing, *BROKEN])
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
    assert [(one.path, bool(one.problem)) for one in geoip.databases()] == [(str(database), True)]


@pytest.mark.parametrize("damage", BROKEN)
def test_the_old_file_serves_while_the_new_one_is_broken(database, clock, caplog, damage) -> None:
    assert locate(ADDRESS).city == "Berlin"
    damage(database)
    clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS).city == "Berlin"
    assert "Cannot use" in caplog.text
    write(database, LINZ)
    clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS).city == "Linz"


@pytest.mark.parametrize("damage", [missing, *BROKEN])
def test_a_file_that_was_broken_from_the_start_may_become_whole(database, clock, damage) -> None:
    damage(database)
    assert locate(ADDRESS) == Place()
    write(database, LINZ)
    clock.look_again(lambda: locate(ADDRESS), times=1)
    assert locate(ADDRESS).city == "Linz"


def test_files_that_were_swapped_do_no_harm_and_may_be_swapped_back(
    database, settings, clock
) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = database.parent
    operators = write(database.parent / "GeoLite2-ASN.mmdb", TELEKOM, "GeoLite2-ASN")
    whole = locate(ADDRESS)
    assert (whole.city, whole.autonomous_system) == ("Berlin", "AS3320 Deutsche Telekom AG")
    aside = database.with_suffix(".aside")
    for first, second in ((database, operators), (operators, database)):
        first.rename(aside)
        second.rename(first)
        aside.rename(second)
        clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS) == whole


@contextmanager
def an_ordinary_user():
    """Root reads everything, so it is somebody else meanwhile."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.mark.parametrize("hidden", ["file", "folder"])
def test_an_unreadable_file_is_no_place_until_it_may_be_read(settings, clock, hidden) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "city.mmdb", BERLIN)
        settings.SESSIONS_HUB_GEOIP_PATH = path
        assert not problem()
        guarded = path if hidden == "file" else path.parent
        path.parent.chmod(0o755)
        guarded.chmod(0)
        with an_ordinary_user():
            assert locate(ADDRESS) == Place()
            assert "Permission denied" in problem()
        guarded.chmod(0o755)
        with an_ordinary_user():
            clock.look_again(lambda: locate(ADDRESS), times=1)
            assert locate(ADDRESS).city == "Berlin"
            assert not problem()


def test_a_file_that_may_not_be_read_keeps_the_old_and_is_read_once_it_may(
    database, clock, monkeypatch, caplog
) -> None:
    assert locate(ADDRESS).city == "Berlin"
    write(database, LINZ)
    with monkeypatch.context() as patch:

        def refuse(path, mode):
            raise PermissionError("not for you")

        patch.setattr("maxminddb.open_database", refuse)
        clock.look_again(lambda: locate(ADDRESS))
        assert locate(ADDRESS).city == "Berlin"
        assert "not for you" in caplog.text
        assert problem() == "not for you"
    # A change of its mode is a change.
    database.chmod(0o640)
    clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS).city == "Linz"


def test_damage_far_behind_a_whole_beginning_is_met_before_the_file_is_used(
    database, clock, caplog
) -> None:
    """The records of all but the first networks are destroyed."""
    assert locate(ADDRESS).city == "Berlin"
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City")
    writer.insert_network(IPSet(["1.0.0.0/8"]), LINZ)
    writer.insert_network(IPSet(["128.0.0.0/2"]), {"city": {"names": {"en": "To be destroyed"}}})
    new = database.with_suffix(".new")
    writer.to_db_file(str(new))
    whole = new.read_bytes()
    assert whole.count(b"To be destroyed") == 1
    new.write_bytes(whole.replace(b"To be destroyed", b"\xff" * 15))
    new.replace(database)
    clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS).city == "Berlin"
    assert "Cannot use" in caplog.text
    assert problem()


def test_a_broken_file_of_operators_leaves_the_places_alone(database, clock, caplog) -> None:
    garbage(database.parent / "GeoLite2-ASN.mmdb")
    assert locate(ADDRESS).city == "Berlin"
    assert "GeoLite2-ASN.mmdb" in caplog.text
    assert problem()


def test_a_record_that_cannot_be_read_is_no_place(database, monkeypatch, caplog) -> None:
    from maxminddb import InvalidDatabaseError, Reader

    assert locate(ADDRESS).city == "Berlin"

    def damaged(reader, address):
        raise InvalidDatabaseError("bad data")

    monkeypatch.setattr(Reader, "get", damaged)
    assert locate(ADDRESS) == locate(ADDRESS) == Place()
    assert [record.message for record in caplog.records] == ["An address could not be located."]


def test_a_replaced_file_is_noticed_within_seconds(database, clock) -> None:
    assert locate(ADDRESS).city == "Berlin"
    write(database, LINZ)
    assert locate(ADDRESS).city == "Berlin"
    clock.look_again(lambda: locate(ADDRESS))
    assert locate(ADDRESS).city == "Linz"


def test_the_database_that_was_replaced_is_let_go(database, clock) -> None:
    assert locate(ADDRESS).city == "Berlin"
    old = weakref.ref(geoip._file(str(database)).content())
    assert old() is not None
    write(database, LINZ)
    clock.look_again(lambda: locate(ADDRESS))
    gc.collect()
    assert old() is None


def test_a_file_that_is_not_configured_any_more_is_let_go(
    database, clock, settings, tmp_path
) -> None:
    assert locate(ADDRESS).city == "Berlin"
    old = weakref.ref(geoip._file(str(database)).content())
    settings.SESSIONS_HUB_GEOIP_PATH = write(tmp_path / "other.mmdb", LINZ)
    assert locate(ADDRESS).city == "Linz"
    gc.collect()
    assert old() is None


def test_whoever_reads_the_old_database_can_finish(database, clock) -> None:
    locate(ADDRESS)
    old = geoip._file(str(database)).content()
    write(database, LINZ)
    clock.look_again(lambda: locate(ADDRESS))
    assert old.record(ip_address(ADDRESS))["city"]["names"]["en"] == "Berlin"


def test_a_file_that_is_gone_is_gone_and_may_come_back(database, clock) -> None:
    assert locate(ADDRESS).city == "Berlin"
    shutil.move(database, database.with_suffix(".away"))
    clock.look_again(lambda: locate(ADDRESS), times=1)
    assert locate(ADDRESS) == Place()
    shutil.move(database.with_suffix(".away"), database)
    clock.look_again(lambda: locate(ADDRESS), times=1)
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
