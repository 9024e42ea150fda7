"""The comparison itself: it must notice whatever a page shows wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from .answers import parsed, status_shown, unlike
from .pages import examples_in, goes_on

ALIKE = [
    ('{"id": "…", "at": "…Z"}', '{"at":"2026Z","id":"0197"}'),
    ('{"id": "0197…", "n": …}', '{"id":"0197ab","n":null}'),
    ('{"id": "…", …}', '{"id":"x","more":{"a":1}}'),
    ('[{"id": "…"}, …]', '[{"id":"x"},{"other":1}]'),
    ('[{"id": "…"}, …]', '[{"id":"x"}]'),
    ('{"text": "“…”, and …"}', '{"text":"“a”, and b"}'),
    ("", ""),
    ("false", "false"),
    ("HTTP/1.1 204 No Content\nX: …", "HTTP/1.1 204 No Content\r\nY: 2\r\nX: 1\r\n\r\n"),
    ('HTTP/1.1 200 OK\n\n{"a": 1}', 'HTTP/1.1 200 OK\r\n\r\n{"a":1}'),
]
UNLIKE = [
    ('{"a": 1}', '{"a":2}', "is 2, not 1"),
    ('{"a": 1}', '{"a":true}', "is True, not 1"),
    ('{"a": "1"}', '{"a":1}', "is 1, not '1'"),
    ('{"a": "…"}', '{"a":""}', "is ''"),
    ('{"a": "…"}', '{"a":null}', "is None"),
    ('{"a": "01…"}', '{"a":"02"}', "is '02'"),
    ('{"a": 1}', '{"a":1,"b":2}', ".b is not shown"),
    ('{"a": 1, "b": …}', '{"a":1}', ".b is not there"),
    ('{"a": 1, "b": 2, …}', '{"a":1}', ".b is not there"),
    ('{"a": {"b": 1}}', '{"a":{"b":1,"c":1}}', ".a.c is not shown"),
    ('{"a": [1]}', '{"a":[1,2]}', ".a has 2 elements"),
    ('{"a": [1, 2, …]}', '{"a":[1]}', ".a has 1 elements"),
    ('{"a": [1, 3]}', '{"a":[1,2]}', ".a[1] is 2"),
    ('{"a": []}', '{"a":{}}', "is {}"),
    ("", '{"a":1}', "shown ''"),
    ('{"a": 1}', "", "shown"),
    ("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found\r\n\r\n", "no line 'HTTP/1.1 200 OK'"),
    ("HTTP/1.1 200 OK\nX: 1", "HTTP/1.1 200 OK\r\nX: 12\r\n\r\n", "no line 'X: 1'"),
    ("HTTP/1.1 200 OK", 'HTTP/1.1 200 OK\r\n\r\n{"a":1}', "shown ''"),
]


@pytest.mark.parametrize(("shown", "real"), ALIKE)
def test_what_is_as_shown_passes(shown: str, real: str) -> None:
    assert unlike(shown, real) == []


@pytest.mark.parametrize(("shown", "real", "said"), UNLIKE)
def test_what_is_not_as_shown_is_told(shown: str, real: str, said: str) -> None:
    assert any(said in line for line in unlike(shown, real))


@pytest.mark.parametrize("shown", ['{"a": 1', '{"a" 1}', "no JSON"])
def test_what_a_page_shows_has_to_be_json(shown: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(shown)


def test_the_status_is_in_the_status_line_or_the_problem() -> None:
    assert status_shown('HTTP/1.1 201 Created\n\n{"status": 404}') == 201
    assert status_shown('{"title": "Not Found", "status": 404}') == 404
    assert status_shown('{"status": "active"}') is None


def test_commands_are_told_from_answers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ curl -d '{\"a\":\n  1}' \\\n   /x\n{\n\n}\n$ true\n```\n"
        "```sh\n$ false\n```\n```console\n$ curl /y\n```\n"
    )
    found = [(one.line, one.command, one.shown) for one in examples_in(page)]
    assert found == [
        (2, "curl -d '{\"a\":\n  1}' \\\n   /x", "{\n\n}"),
        (8, "true", ""),
        (14, "curl /y", ""),
    ]


def test_a_block_that_begins_with_no_command_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n{}\n$ curl /x\n```\n")
    with pytest.raises(AssertionError, match="does not begin with a command"):
        examples_in(page)


@pytest.mark.parametrize(
    ("command", "expected"), [("a \\", True), ("a 'b", True), ("a 'b'", False), ("a", False)]
)
def test_a_command_goes_on_until_it_is_complete(command: str, expected: bool) -> None:
    assert goes_on(command) is expected
