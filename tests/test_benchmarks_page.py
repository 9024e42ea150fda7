"""The sections of docs/benchmarks.md, and what `tests/benchmarks/run_all.py` writes there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks import run_all
from tests.benchmarks.page import (
    PAGE,
    PageError,
    as_markdown,
    replaced,
    sections,
    with_summary,
)
from tests.benchmarks.run_all import PARTS, Part, Ran, run

TEXT = """# Benchmarks

<!-- begin: summary -->
<!-- end: summary -->

## The first (1)

By hand.

<!-- begin: first; status 1; 2026-11-21; --quick -->

old figures

<!-- end: first -->

## The second

<!-- begin: second; status ?; not yet; - -->
kept as it is
<!-- end: second -->

The end.
"""


def test_a_section_is_replaced_and_all_else_stays():
    text = replaced(TEXT, "first", "new figures\n", "status 0; 2026-11-27; -")
    before, after = TEXT.split("<!-- begin: first; status 1; 2026-11-21; --quick -->")
    _old, after = after.split("<!-- end: first -->")
    assert text == (
        f"{before}<!-- begin: first; status 0; 2026-11-27; - -->\n\nnew figures\n\n"
        f"<!-- end: first -->{after}"
    )


def test_the_same_content_again_changes_nothing():
    once = with_summary(replaced(TEXT, "first", "| a |\n\\1", "status 0; 2026-11-27; -"))
    assert with_summary(replaced(once, "first", "| a |\n\\1", "status 0; 2026-11-27; -")) == once
    assert "\\1" in once


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (TEXT, "third", "no line “<!-- begin: third;"),
        (TEXT.replace("<!-- end: first -->", ""), "first", "“first” is not closed"),
        # Its end lies behind another section, which would be lost.
        (
            TEXT.replace("<!-- end: first -->", "").replace("The end.", "<!-- end: first -->"),
            "first",
            "“first” is not closed",
        ),
        (TEXT.replace("second", "first"), "first", "2 line"),
    ],
)
def test_a_missing_marker_is_told(text, name, said):
    with pytest.raises(PageError, match=said.replace("?", r"\?")):
        replaced(text, name, "new")


def test_the_summary_says_what_each_section_says():
    lines = [line for line in with_summary(TEXT).splitlines() if line.startswith("| [")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells == [
        ["[The first (1)](#the-first-1), `first.py`", "2026-11-21", "`--quick`", "**MISSED**"],
        ["[The second](#the-second), `second.py`", "not yet", "", "see there"],
    ]


def test_the_page_has_a_section_for_every_script_and_its_summary_is_theirs():
    text = PAGE.read_text(encoding="utf-8")
    assert {one.name for one in sections(text)} == {part.name for part in PARTS}
    assert with_summary(text) == text


def test_every_part_is_a_script():
    for part in PARTS:
        assert (run_all.ROOT / "tests" / "benchmarks" / f"{part.name}.py").is_file()


def test_output_becomes_markdown():
    output = "one <b>\ntwo\n| a |\n|---|\nMISSED x\nMISSED *y*\n\n\nEvery\n"
    assert as_markdown(output) == (
        "one \\<b>\\\ntwo\n\n| a |\n|---|\n\n- MISSED x\n- MISSED \\*y\\*\n\nEvery"
    )


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("print('| ok |')", 0),
        ("import sys; print('MISSED'); sys.exit(1)", 1),
        ("import sys; sys.exit(2)", 2),
        # None of these has missed a target: they have measured nothing.
        ("raise ValueError('broken')", 2),
        ("raise SystemExit('no database')", 2),
        ("import os; os.kill(os.getpid(), 9)", 2),
        ("import sys; sys.exit(7)", 2),
    ],
)
def test_what_became_of_a_script(tmp_path, monkeypatch, script, status):
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    (tmp_path / "tests" / "benchmarks").mkdir(parents=True)
    (tmp_path / "tests" / "benchmarks" / "one.py").write_text(script)
    assert run(Part("one"), ()).status == status


def test_a_script_has_its_options_and_its_output_is_passed_on(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    (tmp_path / "tests" / "benchmarks").mkdir(parents=True)
    script = tmp_path / "tests" / "benchmarks" / "one.py"
    script.write_text("import sys; print(sys.argv[1:], __file__, __name__)")
    one = run(Part("one"), ("--rows", "5"))
    assert one.output == f"['--rows', '5'] {script} __main__\n"
    assert one.output in capfd.readouterr().out


def ran(name: str, status: int) -> Ran:
    began = datetime(2026, 11, 27, tzinfo=UTC)
    return Ran(Part(name), ("--quick",), status, 90.0, began, "a machine", "| figures |\n")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(TEXT, encoding="utf-8")
    return page


def asked(monkeypatch: pytest.MonkeyPatch, page: Path, statuses: dict[str, int]) -> int:
    monkeypatch.setattr(run_all, "PARTS", tuple(map(Part, statuses)))
    monkeypatch.setattr(run_all, "run", lambda part, _options: ran(part.name, statuses[part.name]))
    monkeypatch.setattr("sys.argv", ["run_all.py", "--write", "--page", str(page)])
    return run_all.main()


def test_the_exit_status_is_the_worst_and_both_runs_are_written(monkeypatch, page):
    assert asked(monkeypatch, page, {"first": 2, "second": 1}) == 2
    text = page.read_text(encoding="utf-8")
    assert [(one.name, one.status, one.date) for one in sections(text)] == [
        ("first", 2, "2026-11-27"),
        ("second", 1, "2026-11-27"),
    ]
    assert "`python tests/benchmarks/first.py --quick`, 2026-11-27, 90 s." in text
    assert text.count("| figures |") == 2
    assert with_summary(text) == text


def test_nothing_is_run_where_the_page_has_no_place_for_it(monkeypatch, page, capsys):
    monkeypatch.setattr(run_all, "run", None)
    monkeypatch.setattr(run_all, "PARTS", (Part("first"), Part("third")))
    monkeypatch.setattr("sys.argv", ["run_all.py", "--write", "--page", str(page)])
    assert run_all.main() == 2
    assert "no line “<!-- begin: third;" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == TEXT


def test_the_page_is_left_alone_unless_it_is_to_be_written(monkeypatch, page):
    monkeypatch.setattr(run_all, "PARTS", (Part("first"),))
    monkeypatch.setattr(run_all, "run", lambda part, _options: ran(part.name, 0))
    monkeypatch.setattr("sys.argv", ["run_all.py", "--page", str(page)])
    assert run_all.main() == 0
    assert page.read_text(encoding="utf-8") == TEXT
