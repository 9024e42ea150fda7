"""What --help says is there, whole, and what the documentation says."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

from sessions_hub.management import commands, statuses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
NAMES = sorted(one.name for one in pkgutil.iter_modules(commands.__path__))


def help_of(name: str, monkeypatch: pytest.MonkeyPatch, columns: int = 90) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    command = load_command_class("sessions_hub", name)
    return command.create_parser("manage.py", name).format_help()


@pytest.mark.parametrize("name", NAMES)
def test_help_has_its_parts_in_their_order(name, monkeypatch):
    said = help_of(name, monkeypatch)
    assert said.startswith(f"usage: manage.py {name} [options]\n")
    places = [said.index(part) for part in ("\noptions of every command:\n", "\nexit status:\n")]
    assert places == sorted(places)
    command = load_command_class("sessions_hub", name)
    assert [int(one) for one in re.findall(r"^  (\d+) ", said[places[1] :], re.MULTILINE)] == list(
        command.statuses
    )
    for example in command.examples:
        assert f"  manage.py {name} {example}".rstrip() + "\n" in said


@pytest.mark.parametrize("name", NAMES)
def test_help_keeps_to_the_terminal(name, monkeypatch):
    said = help_of(name, monkeypatch).partition("\nexamples:\n")[0]
    assert max(map(len, said.splitlines())) <= 90


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_one_the_parser_takes(name):
    command = load_command_class("sessions_hub", name)
    for example in command.examples:
        words = re.split(r" [|>] ", example)[0].split()
        command.create_parser("manage.py", name).parse_args(words)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_section_and_a_line(name):
    page = PAGE.read_text(encoding="utf-8")
    assert f"\n## {name}\n" in page
    assert f"| [`{name}`](#{name}) |" in page


def test_the_table_of_statuses_is_the_one_in_the_code():
    page = PAGE.read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE))
    assert table == {str(number): meaning for number, meaning in statuses.MEANINGS.items()}
