"""Every example of the documentation is run with curl, and answered as the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver, resolve
from rest_framework.exceptions import APIException

from sessions_hub.api import urls

from .answers import status_shown, unlike
from .conftest import Site
from .pages import DOCUMENTS, PAGES, Example, blocks_in, examples_in, name_of

EXAMPLES = {name_of(path): found for path in DOCUMENTS if (found := examples_in(path))}
# With these curl sends a POST.
SENDING = {"--json", "-d", "--data-urlencode"}
# An address of this computer for each page.
ADDRESSES = {page: f"127.0.0.{number}" for number, page in enumerate(sorted(EXAMPLES), 20)}


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(EXAMPLES))
def test_every_answer_is_as_the_page_shows_it(page: str, site: Site, tmp_path: Path) -> None:
    examples = EXAMPLES[page]
    answers = site.run(examples, tmp_path, ADDRESSES[page])
    assert len(answers) == len(examples)
    for example, answer in zip(examples, answers, strict=True):
        wrong = wrong_with(example, answer.text, answer.statuses)
        assert not wrong, f"{example.place}: {example.command}\n{answer.text}"
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


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_curl_stands_nowhere_but_in_examples(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # A fence that is not closed, or has more behind its language, would hide a block.
    assert len(re.findall(r"^ *```", text, re.MULTILINE)) == 2 * len(blocks_in(text))
    others = [block for block in blocks_in(text) if block.language != "console"]
    assert not [block for block in others if "curl" in block.text and "/api/" in block.text]
    # A command in the running text would be run by nobody.
    assert not re.search(r"`curl [^`]*[-$/]", text)


def asked(example: Example) -> Iterator[tuple[str, str]]:
    """The method and the path of each request of the API in a command."""
    words = shlex.shlex(example.command.replace("\\\n", " "), posix=True, punctuation_chars=True)
    words.whitespace_split = True
    words.commenters = ""
    for is_between, group in groupby(words, lambda word: set(word) <= set("();|&")):
        command = list(group)
        if is_between or "curl" not in command:
            continue
        method = "POST" if SENDING & set(command) else "GET"
        if "-X" in command:
            method = command[command.index("-X") + 1]
        for word in command:
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


def kinds_of(error: type[APIException]) -> Iterator[type[APIException]]:
    """The errors of the API, with their own codes."""
    for kind in error.__subclasses__():
        if kind.__module__.startswith("sessions_hub.api"):
            yield kind
        yield from kinds_of(kind)


def test_every_error_is_told_with_its_code() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    # In the running text, or in an answer.
    told = {code for found in re.findall(r'`(\w+)`|"code": "(\w+)"', text) for code in found}
    codes = {kind.default_code for kind in kinds_of(APIException)} - {APIException.default_code}
    assert len(codes) > 15
    assert codes - told == set()
