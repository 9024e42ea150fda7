"""The tutorial, followed from its first line to its last on a site of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions_hub.testing import LAPTOP, PHONE

from .tutorial import TUTORIAL, Browser, Reader, steps_of

PASSWORD = "a-good-long-passphrase"


@pytest.mark.slow
def test_the_tutorial_leads_where_it_says(tmp_path: Path) -> None:
    steps = steps_of(TUTORIAL)
    assert sorted(steps) == [1, 2, 3, 4, 5, 6, 7]
    reader = Reader(tmp_path)
    reader.follow(steps[1])
    assert "System check identified no issues" in reader.follow(steps[2])

    here, there = Browser(reader, LAPTOP), Browser(reader, PHONE)
    with reader.serving():
        for browser in (here, there):
            browser.open("/admin/")
            browser.sign_in("ada", PASSWORD)
        page = here.open("/admin/")
        assert "Sign-in sessions" in page
        (path,) = set(here.links("/admin/sessions_hub/session/"))
        page = here.open(path)
        assert "Firefox" in page
        assert "iPhone" in page or "iOS" in page
    listed = reader.follow(steps[3])
    assert "Firefox" in listed
    assert "aal1" in listed

    reader.follow(steps[4])
    with reader.serving():
        here.open("/account/sessions/")
        _current, other = here.links(r"/account/sessions/[^/]+/end/")
        here.send(other)
        there.open("/admin/")
        assert "/admin/login/" in there.url
        assert "ended by the user" in here.open("/account/sessions/ended/")
        there.sign_in("ada", PASSWORD)

    reader.follow(steps[5])
    with reader.serving():
        assert here.open("/where-am-i/").startswith("Firefox")
        assert here.open("/only-me/") == "1 other sessions ended"
        assert "/admin/login/" in (there.open("/where-am-i/"), there.url)[1]
    assert "2 passed" in reader.follow(steps[6])

    ended = reader.follow(steps[7])
    assert "compromised" in ended
    assert "ada is out: compromised" in ended
    with reader.serving():
        here.open("/where-am-i/")
        assert "/admin/login/" in here.url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## 1. A\n```python\nx = 1\n```\n", "x = 1"),
        ("## 1. A\n```sh\nfalse\ntrue\n```\n", "false"),
        ("## 1. A\n```toml\na = 1\n```\n", "toml"),
    ],
)
def test_what_cannot_be_followed_fails(tmp_path: Path, text: str, said: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(AssertionError, match=said):
        Reader(tmp_path).follow(steps_of(page)[1])
