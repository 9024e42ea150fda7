"""listsessions prints who is signed in."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.management.tables import SESSION_HEADERS

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def listed(run):
    """The ids a call lists, in order."""
    return lambda *args: [
        row["id"] for row in json.loads(run("listsessions", "--format=json", *args))
    ]


def test_prints_active_sessions_newest_first(session, listed):
    old, new = session(ago=DAY), session(ago=HOUR)
    session(ended=HOUR)
    session(over=HOUR)
    assert listed() == [str(new.pk), str(old.pk)]


def test_filters_narrow_the_list(session, listed):
    mine = session(
        "ada",
        ip="10.0.3.4",
        country_code="DE",
        session_type="api_key",
        methods=("password", "totp"),
        ago=3 * DAY,
    )
    session("bob", ip="2001:db8::1", ago=HOUR)
    # In the time zone the command reads it in, not in UTC.
    the_day_before = (timezone.localdate() - 2 * DAY).isoformat()
    for arguments in (
        ["--user", "ada"],
        ["--address", "10.0.3.4"],
        ["--address", "10.0.0.0/16"],
        ["--country", "de"],
        ["--type", "api_key"],
        ["--method", "totp"],
        ["--until", "1d"],
        ["--until", the_day_before],
        ["--user=ada", "--method=password", "--since=4d"],
    ):
        assert listed(*arguments) == [str(mine.pk)], arguments
    assert listed("--since", "4d", "--until", "90d") == []
    assert len(listed("--since", "4d")) == 2
    assert listed("--address", "2001:db8::/32") != [str(mine.pk)]


def test_statuses(session, listed):
    active, expired, revoked = session(), session(over=HOUR), session(ended=HOUR)
    assert listed("--status", "expired") == [str(expired.pk)]
    assert listed("--status", "revoked") == [str(revoked.pk)]
    assert set(listed("--status", "all")) == {str(row.pk) for row in (active, expired, revoked)}


def test_the_table_has_a_line_per_session(session, run):
    session(
        os_name="Windows",
        os_version="11",
        client_name="Chrome",
        client_version="142.0",
        device_type="desktop",
        country_code="DE",
        assurance_level=2,
        methods=("password", "totp"),
    )
    header, rule, line = run("listsessions").splitlines()
    assert header.split() == " ".join(SESSION_HEADERS).split()
    assert set(rule) <= {"-", " "}
    used = timezone.localtime(timezone.now() - HOUR).strftime("%Y-%m-%d %H:")
    assert [cell.strip() for cell in line.split("  ") if cell][:8] == [
        "ada",
        "regular_login",
        "desktop",
        "Windows 11",
        "Chrome 142.0",
        "DE",
        "password+totp",
        "aal2",
    ]
    assert used in line
    assert line.endswith("active")


def test_the_table_says_why_a_session_ended_and_shows_ids_when_asked(session, run):
    row = session(ended=HOUR, reason="compromised")
    assert "revoked (compromised)" in run("listsessions", "--status=all")
    assert run("listsessions", "--status=all", "--ids").splitlines()[-1].endswith(str(row.pk))


def test_says_that_there_are_none_and_that_there_are_more(session, run):
    assert run("listsessions") == "No session matches.\n"
    session()
    session()
    assert run("listsessions", "--limit=1").endswith("Only the newest 1 are shown; see --limit.\n")


def test_csv_is_safe_in_a_spreadsheet(session, run):
    session("@SUM(1)", client_name="=1+1", os_name="\x1b[31mred")
    (row,) = csv.DictReader(StringIO(run("listsessions", "--format=csv")))
    assert row["user"] == "'@SUM(1)"
    assert row["client"] == "'=1+1"
    assert "\x1b" not in row["os"]


def test_csv_of_nothing_is_its_header(run):
    assert run("listsessions", "--format=csv").startswith("id,user,session_type,")
    assert run("listsessions", "--format=json") == "[]\n"


def test_a_deleted_users_session_is_listed_without_a_name(session, run):
    row = session(ended=HOUR)
    type(row).objects.filter(pk=row.pk).update(user=None)
    assert json.loads(run("listsessions", "--status=all", "--format=json"))[0]["user"] == ""


def test_the_number_of_queries_does_not_grow_with_the_rows(session, run):
    def queries() -> int:
        with CaptureQueriesContext(connections[database()]) as made:
            run("listsessions")
        return len(made)

    session()
    one = queries()
    for _ in range(5):
        session()
    assert queries() == one == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--user", "nobody"], "there is no user whose username is “nobody”"),
        (["--address", "here"], "is not an address or a network"),
        (["--country", "Germany"], "is not a country code"),
        (["--since", "soon"], "is not a time"),
        (["--since", "2026-02-30"], "is not a time"),
        (["--limit", "0"], "is not a whole number"),
        (["--status", "gone"], "invalid choice"),
        (["--type", "gone"], "invalid choice"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("listsessions", *arguments)


@pytest.mark.parametrize(
    "options",
    [{"status": "gone"}, {"format": "xml"}, {"limit": "none"}, {"since": "soon"}, {"type": "x"}],
)
def test_wrong_options_of_a_program_are_explained_too(options, run):
    with pytest.raises(CommandError, match="is not"):
        run("listsessions", **options)


def test_lists_the_sessions_of_one_tenant(session, run):
    mine = session("ada", tenant_id="acme")
    session("ada", tenant_id="other")
    session("bob")
    rows = json.loads(run("listsessions", "--tenant=acme", "--format=json"))
    assert [row["id"] for row in rows] == [str(mine.pk)]
