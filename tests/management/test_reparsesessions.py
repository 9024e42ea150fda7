"""reparsesessions derives client and place of stored rows anew, and says what changed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub.lifecycle import rederive
from sessions_hub.management import reparsing
from sessions_hub.models import Device, Session

from .reparsing import MAC, PLAIN, TUX, table

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)
SHOUTING = "--backend=tests.parsers.Shouting"
ADDRESS = "203.0.113.7"


def test_says_per_table_column_and_name_what_changed(rows, session, run):
    session()
    said = run("reparsesessions", PLAIN)
    assert table(said, "table") == [
        # read, changed, unchanged, no raw value, not recognised, failed, left
        ["session", "3", "2", "0", "1", "0", "0", "0"],
        ["sessiondevice", "1", "1", "0", "0", "0", "0", "0"],
        ["device", "1", "1", "0", "0", "0", "0", "0"],
        ["all", "5", "4", "0", "1", "0", "0", "0"],
    ]
    assert dict(table(said, "column")) == {
        "client_version": "4",
        "client_version_key": "4",
        "device_type": "4",
        "os_version": "4",
        "os_version_key": "4",
        "os_name": "3",
        "client_name": "2",
    }
    assert said.rpartition("\n\n")[2] == (
        "column       from      to       rows\n"
        "-----------  --------  -------  ----\n"
        "device_type  -         desktop  3\n"
        "client_name  -         Cat      2\n"
        "os_name      Mac OS X  Mac      2\n"
        "device_type  tablet    desktop  1\n"
        "os_name      Tux       Linux    1\n"
    )
    assert set(Session.objects.values_list("os_name", flat=True)) == {"", "Mac"}


def test_shows_only_the_most_common_changes(session, run):
    for number in range(12):
        session(user_agent=f"Os{number} 1; Fox 1; desktop")
    said = run("reparsesessions", PLAIN)
    assert len(said.rpartition("\n\n")[2].splitlines()) == 2 + 10
    assert "client_name  -     Fox      12\n" in said


def test_keeps_the_most_common_changes_of_names_without_end(session, run, monkeypatch):
    monkeypatch.setattr(reparsing, "_MOST_PAIRS", 6)
    totals: list[int] = []
    plain = reparsing.Summary.add

    def add(self, batch):
        plain(self, batch)
        totals.append(len(self.pairs))

    monkeypatch.setattr(reparsing.Summary, "add", add)
    for number in range(20):
        session(user_agent=f"Mac 1; Fox{number} 1; desktop")
    said = run("reparsesessions", PLAIN, "--batch-size=1")
    assert max(totals) <= 6
    assert "os_name      -     Mac      20\n" in said


def test_run_again_it_changes_nothing(rows, run):
    run("reparsesessions", PLAIN)
    before = list(Session.objects.values())
    said = run("reparsesessions", PLAIN)
    assert table(said, "table")[-1] == ["all", "4", "0", "4", "0", "0", "0", "0"]
    assert "column" not in said
    assert list(Session.objects.values()) == before


def test_a_dry_run_says_the_same_and_writes_nothing(rows, run):
    before = list(Session.objects.values()), list(Device.objects.values())
    said = run("reparsesessions", PLAIN, "--dry-run")
    assert (list(Session.objects.values()), list(Device.objects.values())) == before
    hint = "Nothing is written. A run would do this:\n"
    assert hint in said
    assert said.replace(hint, "") == run("reparsesessions", PLAIN)


class TestBackend:
    def test_is_the_one_of_the_settings(self, settings, rows, run):
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = "tests.parsers.Plain"
        run("reparsesessions")
        assert set(Session.objects.values_list("os_name", flat=True)) == {"Mac"}

    def test_may_be_another_for_one_run(self, settings, rows, run):
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = "tests.parsers.Plain"
        run("reparsesessions", SHOUTING)
        assert set(Session.objects.values_list("os_name", flat=True)) == {"MAC"}

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("nowhere.Parser", "There is no user agent backend “nowhere.Parser”"),
            ("tests.parsers.Plain.parse", "There is no user agent backend"),
            ("tests.parsers.MAC", "There is no user agent backend"),
            ("datetime.datetime", "“datetime.datetime” is no user agent backend"),
            ("tests.parsers.NotReady", "its file is missing"),
            ("", "There is no user agent backend"),
        ],
    )
    def test_that_cannot_be_used_is_explained(self, path, message, settings, rows, run):
        with pytest.raises(CommandError, match=f"^--backend: .*{message}") as caught:
            run("reparsesessions", f"--backend={path}")
        assert caught.value.returncode == 2
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = path
        with pytest.raises(CommandError, match=f"^SESSIONS_HUB_USER_AGENT_BACKEND: .*{message}"):
            run("reparsesessions")
        assert Session.objects.filter(os_name="Mac OS X").count() == 2


def test_a_row_that_cannot_be_parsed_is_a_failure_and_keeps_what_it_has(session):
    old = session(user_agent="broken", os_name="Old", os_version="10.9", ago=2 * HOUR)
    session(user_agent=MAC)
    session(user_agent="hopeless", os_name="Old", os_version="10.9", ago=0 * HOUR)
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("reparsesessions", PLAIN, "--batch-size=1", stdout=out)
    assert caught.value.returncode == 1
    # What the parser quotes may drive a terminal.
    assert str(caught.value) == (
        "Rows whose client could not be parsed, and was kept: 2. "
        f"The first failure: RuntimeError: no idea�[2J (session:{old.pk})"
    )
    assert table(out.getvalue(), "table")[0] == ["session", "3", "3", "0", "0", "0", "2", "0"]
    names = set(Session.objects.values_list("os_name", "os_version_key"))
    assert names == {(name, "0000010.0000009.0000000.0000000") for name in ("Old", "Mac")}


def test_a_failure_that_cannot_be_told_ends_no_run(session, monkeypatch):
    class Mute(Exception):
        def __str__(self):
            raise AttributeError("what")

    def parse(*args, **kwargs):
        raise Mute

    monkeypatch.setattr(rederive, "parse_client", parse)
    session(user_agent=MAC)
    session(user_agent=TUX)
    with pytest.raises(CommandError, match=r"kept: 2\. .* Mute: \(it cannot be shown\)"):
        call_command("reparsesessions", PLAIN, stdout=StringIO())


class TestPlaces:
    @pytest.fixture
    def files(self, tmp_path, settings):
        path = tmp_path / "GeoLite2-City.mmdb"
        writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=path.stem)
        writer.insert_network(
            IPSet([f"{ADDRESS}/32"]),
            {
                "country": {"iso_code": "DE"},
                "city": {"names": {"en": "Berlin"}},
                "location": {"latitude": 52.5, "longitude": 13.25},
            },
        )
        writer.to_db_file(str(path))
        settings.SESSIONS_HUB_GEOIP_PATH = path
        return path

    def test_are_filled_where_there_are_none(self, files, session, run):
        session(ip=ADDRESS)
        session(ip=ADDRESS, country_code="FR", city="Paris")
        assert run("reparsesessions", PLAIN).startswith("table ")
        places = Session.objects.order_by("city").values_list("country_code", "city", "latitude")
        assert list(places) == [("DE", "Berlin", 52.5), ("FR", "Paris", None)]

    def test_are_looked_up_again_when_told(self, files, session, run):
        session(ip=ADDRESS, country_code="FR", city="Paris")
        session(ip="192.0.2.1", country_code="FR", city="Paris")
        run("reparsesessions", PLAIN, "--relocate")
        assert set(Session.objects.values_list("city", flat=True)) == {"Berlin", "Paris"}

    @pytest.mark.parametrize("option", [[], ["--relocate"]])
    def test_are_left_alone_without_a_file(self, option, files, session, run):
        session(ip=ADDRESS, country_code="FR", city="Paris")
        files.unlink()
        said = run("reparsesessions", PLAIN, *option)
        assert f"Places are left alone: cannot use {files}: " in said
        assert Session.objects.get().city == "Paris"

    def test_are_looked_up_though_the_file_of_operators_is_broken(self, files, session, run):
        session(ip=ADDRESS)
        operators = files.parent / "GeoLite2-ASN.mmdb"
        operators.write_bytes(b"garbage")
        said = run("reparsesessions", PLAIN)
        assert f"Network operators are left alone: cannot use {operators}: " in said
        assert "Places are left alone" not in said
        assert Session.objects.get().city == "Berlin"

    def test_are_left_alone_without_a_setting(self, settings, session, run):
        settings.SESSIONS_HUB_GEOIP_PATH = None
        session(country_code="FR")
        said = run("reparsesessions", PLAIN)
        assert "Places are left alone: SESSIONS_HUB_GEOIP_PATH is not set." in said
        assert Session.objects.get().country_code == "FR"


def test_only_rows_made_since(rows, run):
    said = run("reparsesessions", PLAIN, "--since=1d")
    assert table(said, "table")[0] == ["session", "1", "1", "0", "0", "0", "0", "0"]
    rows.refresh_from_db()
    assert rows.os_name == "Mac OS X"


def test_counts_what_the_parser_recognises_nothing_of_and_keeps_it(rows, session, run):
    session(user_agent=MAC)
    said = run("reparsesessions", "--backend=tests.parsers.Ignorant")
    # read, changed, unchanged, no raw value, not recognised, failed, left
    assert table(said, "table")[0] == ["session", "3", "0", "1", "0", "2", "0", "0"]
    assert Session.objects.filter(os_name="Mac OS X").count() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "ever"], "is not a time"),
        (["--after", "session"], "is not where a run stopped"),
        (["--after", "user:0197d1a0-0000-7000-8000-000000000000"], "is not where a run stopped"),
        (["--batch-size", "0"], "is not a whole number"),
        (["--max-seconds", "-1"], "is not a number of seconds"),
        (["--sleep", "nan"], "is not a number of seconds"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("reparsesessions", *arguments)
