"""The check of the GeoIP databases tells which are in use, how old they are, what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from .system_checks import found, ids
from .understanding.geoip_files import BERLIN, write

# A check of Django's asks SQLite for what it can.
pytestmark = pytest.mark.django_db(databases="__all__")


def database_built(path: Path, ago: timedelta, kind: str = "GeoLite2-City") -> Path:
    """A GeoIP database that says it was built that long ago."""
    with time_machine.travel(datetime.now(UTC) - ago, tick=False):
        return write(path, BERLIN, kind)


def test_no_path_is_fine():
    assert ids() == set()


def test_a_missing_file_is_a_warning(tmp_path):
    path = str(tmp_path / "none.mmdb")
    with override_settings(SESSIONS_HUB_GEOIP_PATH=path):
        assert ids() == {"W030"}
        (message,) = found()
    assert path in message.msg


def test_a_broken_file_is_a_warning(tmp_path):
    broken = tmp_path / "GeoLite2-City.mmdb"
    broken.write_bytes(b"not a database")
    with override_settings(SESSIONS_HUB_GEOIP_PATH=tmp_path):
        assert ids() == {"W030"}


def test_a_setting_that_is_no_path_is_a_warning():
    with override_settings(SESSIONS_HUB_GEOIP_PATH=7):
        assert ids() == {"W030"}
        (message,) = found()
    assert "SESSIONS_HUB_GEOIP_PATH must be a path, not 7" in message.msg


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(0), "0 days ago"),
        (timedelta(days=-2), "0 days ago"),
        (timedelta(days=1, hours=1), "1 day ago"),
        (timedelta(days=44, hours=23), "44 days ago"),
    ],
)
def test_a_database_in_use_is_told_with_its_age(tmp_path, ago, words):
    path = database_built(tmp_path / "GeoLite2-City.mmdb", ago)
    with override_settings(SESSIONS_HUB_GEOIP_PATH=tmp_path):
        assert ids() == {"I033"}
        (message,) = found()
    built = datetime.now(UTC) - ago
    assert message.msg == (
        f"The GeoIP database {path} is in use: GeoLite2-City, built on {built:%Y-%m-%d}, {words}."
    )


def test_every_file_is_told(tmp_path):
    database_built(tmp_path / "GeoLite2-City.mmdb", timedelta(days=3))
    database_built(tmp_path / "GeoLite2-ASN.mmdb", timedelta(days=50), "GeoLite2-ASN")
    with override_settings(SESSIONS_HUB_GEOIP_PATH=tmp_path):
        messages = found()
    assert [message.id.removeprefix("sessions_hub.") for message in messages] == [
        "I033",
        "I033",
        "W032",
    ]
    assert "GeoLite2-ASN, built on" in messages[1].msg
    assert "GeoLite2-ASN.mmdb was built more than 45 days ago" in messages[2].msg


@pytest.mark.parametrize(("days", "expected"), [(44, {"I033"}), (46, {"I033", "W032"})])
def test_a_stale_database_is_a_warning(tmp_path, days, expected):
    path = database_built(tmp_path / "any.mmdb", timedelta(days=days))
    with override_settings(SESSIONS_HUB_GEOIP_PATH=path):
        assert ids() == expected


def test_a_database_that_does_not_say_its_age_is_told_without(tmp_path):
    with time_machine.travel(datetime(1970, 1, 1, tzinfo=UTC), tick=False):
        path = write(tmp_path / "any.mmdb", BERLIN)
    with override_settings(SESSIONS_HUB_GEOIP_PATH=path):
        assert ids() == {"I033"}
        (message,) = found()
    assert message.msg.endswith("GeoLite2-City, time of build unknown.")


def test_a_database_in_use_fails_no_check(tmp_path, capsys):
    path = database_built(tmp_path / "any.mmdb", timedelta(days=3))
    with override_settings(SESSIONS_HUB_GEOIP_PATH=path):
        call_command("check", fail_level="WARNING")
    assert "INFOS" in (printed := "".join(capsys.readouterr()))
    assert str(path) in printed
    path = database_built(tmp_path / "any.mmdb", timedelta(days=60))
    with (
        override_settings(SESSIONS_HUB_GEOIP_PATH=path),
        pytest.raises(SystemCheckError, match="W032"),
    ):
        call_command("check", fail_level="WARNING")
