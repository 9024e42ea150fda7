"""Every link of the documentation leads to a file, and every anchor to a heading of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import DOCUMENTS, PAGES, ROOT, blocks_in, name_of

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors_of(path: Path) -> set[str]:
    """The anchors a page is given on GitHub: one for each heading."""
    text = path.read_text(encoding="utf-8")
    for block in blocks_in(text):
        text = text.replace(block.text, "")
    headings = [title.strip().lower() for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in headings}


def broken_links(path: Path) -> list[str]:
    """The links of a page that lead nowhere; addresses on the network are not asked."""
    broken = []
    for link in _LINK.findall(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        file, _hash, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_link_is_broken(path: Path) -> None:
    assert broken_links(path) == []


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("other.md", False),
        ("other.md#what-a-key-says-rfc-1", False),
        ("#here", False),
        ("https://example.com/none", False),
        ("none.md", True),
        ("other.md#none", True),
        ("#none", True),
        ("other.md#a-comment", True),
    ],
)
def test_a_broken_link_is_told(tmp_path: Path, link: str, is_broken: bool) -> None:
    (tmp_path / "other.md").write_text("# What a `key` says (RFC 1)\n```sh\n# A comment\n```\n")
    page = tmp_path / "page.md"
    page.write_text(f"## Here\n[text]({link})\n")
    assert broken_links(page) == [link] * is_broken


def test_every_page_can_be_found_from_the_readme() -> None:
    linked = {
        link.partition("#")[0].rpartition("/")[2]
        for path in (ROOT / "README.md", ROOT / "docs/api.md")
        for link in _LINK.findall(path.read_text(encoding="utf-8"))
    }
    assert {path.name for path in PAGES} - linked == set()
