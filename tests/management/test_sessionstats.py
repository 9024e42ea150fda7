"""sessionstats prints the numbers of a site."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, ManagementUtility, call_command
from django.utils import timezone

from sessions_hub.management.bars import bars
from sessions_hub.models import Device, FailedSignIns

from .terminal import Terminal

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sessions(session):
    """Three sign-ins of the last day, one of last week, one of last year."""
    session(os_name="Windows", client_name="Chrome", country_code="DE", assurance_level=1)
    session(os_name="Windows", client_name="Edge", methods=("password", "totp"), assurance_level=2)
    session(os_name="Be\x1b[31mOS", ended=HOUR, reason="compromised")
    session(ago=3 * DAY, over=2 * DAY)
    session(ago=365 * DAY, ended=DAY)
    for ago, count in ((0, 4), (0, 3), (10, 5), (40, 9)):
        slot = FailedSignIns.objects.count()
        FailedSignIns.objects.create(starts_at=timezone.now() - ago * DAY, slot=slot, count=count)


@pytest.fixture
def proxied(session):
    for _ in range(100):
        session(ip="10.0.0.1", current_fingerprint="f" * 32)


def test_prints_totals_and_tables(sessions, run):
    lines = run("sessionstats").splitlines()
    assert lines[0] == "Active now: 2"
    assert lines[1] == "Used within 24 hours, 7 days, 30 days: 3, 4, 4"
    assert lines[3].split("  ")[0] == "over the last"
    assert [line.split() for line in lines[5:8]] == [
        ["24", "hours", "3", "7", "0"],
        ["7", "days", "4", "7", "0"],
        ["30", "days", "4", "12", "0"],
    ]
    assert lines[9] == "Over the last 30 days:"
    tables = "\n".join(lines[10:]).split("\n\n")
    said = {table.strip().splitlines()[0].split("  ")[0]: table.split() for table in tables}
    assert list(said) == [
        "day",
        *("operating system", "client", "device type", "country", "method", "level", "end"),
    ]
    for title, value, number in (
        ("operating system", "Windows", "2"),
        ("operating system", "unknown", "1"),
        ("country", "DE", "1"),
        ("method", "totp", "1"),
        ("level", "aal2", "1"),
        ("end", "compromised", "1"),
        ("end", "expired", "1"),
        ("end", "signed_out", "1"),
    ):
        words = said[title]
        assert words[words.index(value) + 1] == number, title


def test_the_table_says_what_people_call_a_system_and_the_json_keeps_its_column(session, run):
    session(os_name="Mac")
    assert re.search(r"\nmacOS +1 *\n", run("sessionstats"))
    found = json.loads(run("sessionstats", "--format=json"))["operating_systems"]
    assert found["shares"] == [{"value": "Mac", "count": 1}]


def test_nothing_drives_the_terminal_and_nothing_is_drawn_elsewhere(sessions, run):
    said = run("sessionstats")
    assert "\x1b" not in said
    assert not set("▏▎▍▌▋▊▉█") & set(said)


def test_a_terminal_gets_bars(sessions, monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: __import__("os").terminal_size((60, 9)))
    out = Terminal()
    call_command("sessionstats", stdout=out)
    lines = out.getvalue().splitlines()
    assert f"Windows{' ' * 11}       2  {'█' * 24}" in lines
    assert any(re.fullmatch(r"\d{4}-\d\d-\d\d +3 +0  █{24}", line) for line in lines)
    assert max(map(len, lines)) <= 60


def test_without_a_sign_in_there_are_only_totals(db, run):
    said = run("sessionstats")
    assert said.startswith("Active now: 0\n")
    assert said.endswith("Over the last 30 days:\nNo sign-in.\n")


def test_json_has_the_same_numbers(sessions, session, run):
    device = Device.objects.create(user=session().user)
    assert device.pk
    numbers = json.loads(run("sessionstats", "--format=json", "--days=2"))
    assert numbers.pop("at").endswith("Z")
    today = timezone.localdate()
    days = [(today - DAY).isoformat(), today.isoformat()]
    by_day = numbers.pop("sign_ins_by_day")
    # An hour ago may have been yesterday.
    assert (list(by_day), sum(by_day.values())) == (days, 4)
    new = numbers.pop("new_devices_by_day")
    assert (list(new), sum(new.values())) == (days, 1)
    assert numbers.pop("in_use") == {
        **{"now": 3, "day": 4, "week": 5, "month": 5},
        "is_capped": False,
    }
    assert numbers.pop("unusual_countries") == {"shares": [], "others": 0}
    assert numbers.pop("days_complete_since") is None
    assert numbers == {
        "active": 3,
        "periods": [
            {"days": 1, "sign_ins": 4, "failed_sign_ins": 7, "new_devices": 1},
            {"days": 7, "sign_ins": 5, "failed_sign_ins": 7, "new_devices": 1},
            {"days": 30, "sign_ins": 5, "failed_sign_ins": 12, "new_devices": 1},
        ],
        "window": {"days": 2, "sign_ins": 4, "failed_sign_ins": 7, "new_devices": 1},
        "operating_systems": breakdown(("", 1), ("Be\x1b[31mOS", 1), Windows=2),
        "clients": breakdown(("", 2), Chrome=1, Edge=1),
        "device_types": breakdown(("", 4)),
        "countries": breakdown(("", 3), DE=1),
        "methods": breakdown(password=4, totp=1),
        "assurance_levels": breakdown(aal0=2, aal1=1, aal2=1),
        "ends": breakdown(compromised=1, signed_out=1),
    }


def test_a_site_that_does_not_count_failed_sign_ins_is_told_so(sessions, run, settings):
    settings.SESSIONS_HUB_COUNT_FAILED_SIGN_INS = False
    assert "3      not counted" in run("sessionstats")
    numbers = json.loads(run("sessionstats", "--format=json"))
    assert numbers["window"]["failed_sign_ins"] is None


def breakdown(*more: tuple[str, int], **counts: int) -> dict[str, object]:
    shares = sorted([*more, *counts.items()], key=lambda share: (-share[1], share[0]))
    return {"shares": [{"value": v, "count": n} for v, n in shares], "others": 0}


def test_more_than_ten_names_are_summed_up(session, run):
    for number in range(12):
        session(client_name=f"Client {number:02}")
    table = run("sessionstats").partition("\nclient ")[2].partition("\n\n")[0]
    assert table.split()[-2:] == ["others", "2"]
    assert table.count("Client") == 10
    assert "Client 09" in table


def test_the_warning_comes_first(proxied, run):
    first, _blank, second = run("sessionstats").splitlines()[:3]
    assert first.startswith("Warning: The last 100 sign-ins all came from 10.0.0.1")
    assert "SESSIONS_HUB_TRUSTED_PROXIES" in first
    assert second == "Active now: 100"


def test_the_warning_does_not_spoil_the_json(proxied):
    out, err = io.StringIO(), io.StringIO()
    call_command("sessionstats", "--format=json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["active"] == 100
    assert err.getvalue().startswith("Warning: The last 100 sign-ins")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--days", "0"], "is not a whole number"),
        (["--days", "36501"], "is too long"),
        (["--days", "999999999"], "is too long"),
        (["--format", "xml"], "invalid choice"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("sessionstats", *arguments)


@pytest.mark.parametrize("days", ["0", "36501", "99999"])
def test_wrong_options_have_the_status_the_help_names(days, capsys):
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(["manage.py", "sessionstats", "--days", days]).execute()
    assert caught.value.code == 2
    assert "--days" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"format": "xml"}, {"days": "none"}])
def test_wrong_options_of_a_program_are_explained_too(options, run):
    with pytest.raises(CommandError, match="is not"):
        run("sessionstats", **options)


def test_the_longest_window_works(sessions, run):
    assert "Over the last 36500 days:" in run("sessionstats", "--days=36500")


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [
        ([8, 4, 1], ["██", "█", "▎"]),
        ([1000, 1, 0], ["██", "▏", ""]),
        ([], []),
    ],
)
def test_bars_are_drawn_to_the_largest(counts, drawn):
    assert bars(Terminal(), counts, width=2) == drawn


def test_a_terminal_without_blocks_gets_none():
    class Plain(Terminal):
        encoding = "ascii"

    assert bars(Plain(), [1, 2]) == ["", ""]
