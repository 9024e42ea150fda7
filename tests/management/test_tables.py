"""Tables fit the terminal, and nothing in them drives it."""

from __future__ import annotations

import io
import os

import pytest

from sessions_hub.management.tables import display_width, harmless, print_table


def table(*rows: tuple[str, ...], width: int | None = None, out: io.StringIO | None = None):
    out = out or io.StringIO()
    print_table(out, ("name", "what"), rows, width=width)
    return out.getvalue().splitlines()


def test_columns_are_aligned():
    assert table(("a", "x"), ("longer", "y")) == [
        "name    what",
        "------  ----",
        "a       x",
        "longer  y",
    ]


def test_without_rows_the_header_stays():
    assert table() == ["name  what", "----  ----"]


def test_the_widest_column_is_cut_to_fit():
    lines = table(("a" * 40, "short"), width=20)
    assert lines[-1] == "aaaaaaaaaaaa…  short"
    assert max(map(display_width, lines)) == 20


def test_wide_letters_count_double():
    lines = table(("日本語日本語", "x"), ("a", "y"), width=14)
    assert lines[-2].startswith("日本語…")
    columns = [line[: line.rindex(c)] for line, c in zip(lines[-2:], "xy", strict=True)]
    assert [display_width(text) for text in columns] == [10, 10]


def test_what_is_no_terminal_gets_it_all():
    assert "a" * 400 in table(("a" * 400, "x"))[-1]


def test_a_terminal_sets_the_width(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((30, 5)))
    assert max(map(len, table(("a" * 400, "x"), out=Terminal()))) <= 30


def test_control_characters_are_replaced():
    assert table(("\x1b[2J\u202e", "a\nb"))[-1] == "�[2J�  a�b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        (" =1", "' =1"),
        ("\t=1", "'�=1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("a=1", "a=1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text, shown):
    assert harmless(text) == shown
