"""Every example of the documentation is run with curl, and answered as the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver, resolve

from sessions_hub.api import urls

from .answers import status_shown, unlike
from .conftest import Site
from .pages import PAGES, Example, blocks_in, examples_in

EXAMPLES = {path.name: found for path in PAGES if (found := examples_in(path))}
# Addresses that are nobody's (RFC 5737), one for each page.
ADDRESSES = {page: f"203.0.113.{number}" for number, page in enumerate(sorted(EXAMPLES), 20)}


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", sorted(EXAMPLES))
def test_every_answer_is_as_the_page_shows_it(page: str, site: Site, tmp_path: Path) -> None:
    examples = EXAMPLES[page]
    answers = site.run(examples, tmp_path, ADDRESSES[page])
    assert len(answers) == len(examples)
    for example, answer in zip(examples, answers, strict=True):
        assert not wrong_with(example, answer.text, answer.statuses), (
            f"{example.place}: {example.command}\n{answer.text}"
        )
        assert answer.exit_status == 0, example.place


def wrong_with(example: Example, text: str, statuses: list[int]) -> list[str]:
    """What is not as the page says it."""
    wrong = unlike(example.shown, text)
    shown = status_shown(example.shown)
    # Where the page says no status, all went well. What it throws away may be wrong.
    if shown is None and "/dev/null" not in example.command:
        wrong += [f"status {one}" for one in statuses if one >= 300]
    elif shown is not None and statuses[-1:] != [shown]:
        wrong.append(f"statuses {statuses}, not {shown}")
    return wrong


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_curl_stands_nowhere_but_in_examples(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    commands = sum(len(re.findall(r"\bcurl ", one.command)) for one in EXAMPLES.get(path.name, ()))
    in_blocks = sum(len(re.findall(r"\bcurl ", block.text)) for block in blocks_in(text))
    assert in_blocks == commands
    # A command in the running text would be run by nobody.
    assert not re.search(r"`curl [^`]*[-$/]", text)


def asked(example: Example) -> Iterator[tuple[str, str]]:
    """The method and the path of each request of the API in a command."""
    for command in re.findall(r"\bcurl .*?(?=\||\)|;|$)", example.command.replace("\\\n", " ")):
        words = shlex.split(re.sub(r"'\"?\$\w+\"?'", "", command))
        method = "POST" if {"--json", "-d", "--data-urlencode"} & set(words) else "GET"
        if "-X" in words:
            method = words[words.index("-X") + 1]
        for word in words:
            if word.startswith("$SITE/api/"):
                path = urlsplit(word.removeprefix("$SITE")).path
                yield method, re.sub(r"\$\w+", "0", path)


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """The method and the name of each call the API takes."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "cls", None) or pattern.callback.view_class
        known = getattr(pattern.callback, "actions", None) or view.http_method_names
        for method in set(known) - {"head", "options"}:
            if hasattr(pattern.callback, "actions") or hasattr(view, method):
                yield method.upper(), str(pattern.name)


def test_every_route_has_an_example_that_goes_well() -> None:
    shown = {
        (method, resolve(path).url_name)
        for examples in EXAMPLES.values()
        for example in examples
        if (status_shown(example.shown) or 200) < 300
        for method, path in asked(example)
    }
    assert set(routes(urls.urlpatterns)) - shown == set()
