"""listsessions on a terminal: colours, and a list that is shown anew."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class

from sessions_hub.management.pace import Pace

from .terminal import Terminal

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)


class TestColours:
    @pytest.fixture(autouse=True)
    def three(self, session, monkeypatch):
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        session()
        session(over=HOUR)
        session(ended=HOUR)

    def said(self, out: StringIO, **options: object) -> str:
        call_command("listsessions", status="all", stdout=out, **options)
        return out.getvalue()

    def test_tell_the_status_on_a_terminal(self):
        said = self.said(Terminal())
        assert "\x1b[1muser" in said
        assert "\x1b[32mactive\x1b[0m" in said
        assert "\x1b[33mexpired\x1b[0m" in said
        assert "\x1b[31mrevoked (signed_out)\x1b[0m" in said

    @pytest.mark.parametrize(
        ("out", "options", "environment", "coloured"),
        [
            (StringIO, {}, {}, False),
            (StringIO, {"force_color": True}, {}, True),
            (StringIO, {"force_color": True}, {"NO_COLOR": "1"}, True),
            (Terminal, {"no_color": True}, {}, False),
            (Terminal, {}, {"NO_COLOR": "1"}, False),
            (Terminal, {}, {"NO_COLOR": ""}, True),
            (Terminal, {}, {"TERM": "dumb"}, False),
        ],
    )
    def test_are_there_where_they_are_wanted(
        self, out, options, environment, coloured, monkeypatch
    ):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert ("\x1b" in self.said(out(), **options)) is coloured

    def test_change_no_width(self):
        plain = self.said(Terminal(), no_color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", self.said(Terminal())) == plain


class TestWatching:
    @pytest.fixture
    def terminal(self, monkeypatch):
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("LINES", "9")
        return Terminal()

    def test_shows_what_is_new_until_it_is_interrupted(self, session, user, terminal, monkeypatch):
        session("ada")
        looks = []
        plain = Pace.goes_on

        def look(pace: Pace) -> bool:
            looks.append(terminal.getvalue())
            terminal.seek(0)
            terminal.truncate()
            if len(looks) == 1:
                session("bob")
            else:
                os.kill(os.getpid(), signal.SIGINT)
            return plain(pace)

        monkeypatch.setattr(Pace, "goes_on", look)
        before = signal.getsignal(signal.SIGINT)
        call_command("listsessions", watch=0.01, stdout=terminal)
        assert signal.getsignal(signal.SIGINT) is before
        first, second = looks
        assert first.startswith("\x1b[H")
        assert "every 0.01 s until Ctrl-C" in first
        assert ("ada" in first, "bob" in first) == (True, False)
        assert ("ada" in second, "bob" in second) == (True, True)

    def test_fits_the_terminal(self, session, terminal, monkeypatch):
        monkeypatch.setattr(Pace, "goes_on", lambda pace: False)
        for number in range(9):
            session(f"user{number}", user_agent="x" * 300)
        call_command("listsessions", "--watch", stdout=terminal)
        lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", terminal.getvalue()).splitlines()
        assert len(lines) == 7
        assert max(map(len, lines)) <= 100
        assert "There are more" in lines[-1]

    def test_is_ended_by_sigterm_with_its_status(self, terminal, monkeypatch, stopped):
        monkeypatch.setattr(
            Pace, "goes_on", lambda pace: pace._on_signal(signal.SIGTERM, None) or False
        )
        with pytest.raises(CommandError) as caught:
            call_command("listsessions", "--watch", stdout=terminal)
        assert caught.value.returncode == 143
        assert 143 in load_command_class("sessions_hub", "listsessions").statuses
