"""GeoIP files that are written or cut in place while they are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from sessions_hub.understanding import geoip, kept_file, locate
from tests.child_runs import CHILD_LIMIT

from .geoip_files import ADDRESS, BERLIN, LINZ, NETWORK, WIDE, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path, settings) -> Path:
    geoip._file.cache_clear()
    path = write(tmp_path / "GeoLite2-City.mmdb", BERLIN, networks=(NETWORK, *WIDE[:200]))
    settings.SESSIONS_HUB_GEOIP_PATH = path
    yield path
    geoip._file.cache_clear()


def test_a_file_written_in_place_is_old_or_new_or_nothing(database, monkeypatch, tmp_path) -> None:
    """Again and again, in small pieces, by a writer that does not cut it off first.

    Nothing, since here the two looks at the file may fall into one tick of the file
    system's clock, as they cannot five seconds apart.
    """
    monkeypatch.setattr(kept_file, "STAT_INTERVAL", 0.0)
    monkeypatch.setattr(kept_file, "RETRY_INTERVAL", 0.0)
    old = database.read_bytes()
    new = write(tmp_path / "new.mmdb", LINZ, networks=(NETWORK, *WIDE)).read_bytes()
    done = Event()

    def rewrite() -> None:
        for content in (new, old) * 15:
            with database.open("r+b", buffering=0) as file:
                for start in range(0, len(content), 1024):
                    file.write(content[start : start + 1024])
                file.truncate()
        done.set()

    assert locate(ADDRESS).city == "Berlin"
    writer = Thread(target=rewrite)
    writer.start()
    seen = {locate(ADDRESS).city}
    while not done.is_set():
        seen.add(locate(ADDRESS).city)
    writer.join()
    assert seen <= {"Berlin", "Linz", ""}
    database.write_bytes(new)
    for _ in range(3):
        locate(ADDRESS)
    assert locate(ADDRESS).city == "Linz"


# Reads all the time; is truncated, emptied, filled with garbage, replaced.
CHILD = """
import os, sys, django
from pathlib import Path
django.setup()
from django.test import override_settings
from sessions_hub.understanding import geoip, kept_file, locate
kept_file.STAT_INTERVAL = kept_file.RETRY_INTERVAL = 0.0
path = Path(sys.argv[1])
whole = path.read_bytes()
reads = [f"203.{n}.113.7" for n in range(0, 250, 2)]

def cities():
    return {locate(address).city for address in reads}

with override_settings(SESSIONS_HUB_GEOIP_PATH=path):
    seen = [cities()]
    for size in (len(whole) // 2, 4096, 100, 0):
        os.truncate(path, size)
        seen.append(cities())
        assert any(one.problem for one in geoip.databases())
    path.write_bytes(b"garbage" * 1000)
    seen.append(cities())
    assert seen == [{"Berlin"}] * 6, seen
    path.unlink()
    assert cities() == {""}
    path.write_bytes(whole[:5000])
    assert cities() == {""}
    path.write_bytes(whole)
    print(*cities())
"""


def test_a_file_that_is_cut_short_does_not_kill_the_process(tmp_path) -> None:
    networks = tuple(f"203.{second}.113.0/24" for second in range(0, 250, 2))
    path = write(tmp_path / "cut.mmdb", BERLIN, networks=networks)
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    # Below zero: killed by a signal (SIGBUS).
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["Berlin"]
