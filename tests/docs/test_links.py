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


def listed() -> list[str]:
    """The pages that the first page of the book has in its tables of contents, in order."""
    text = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    tables = re.findall(r"^```{toctree}\n((?:.*\n)*?)```", text, re.MULTILINE)
    return [line for table in tables for line in table.splitlines() if re.match(r"[\w-]+$", line)]


def test_every_page_is_in_the_book_once() -> None:
    assert len(listed()) == len(set(listed()))
    # Those that a checkout may lack are left out of the book: docs/conf.py.
    optional = {"commands", "observability", "scaling"}
    pages = {path.stem for path in PAGES} - {"index"}
    assert pages - set(listed()) == set()
    assert set(listed()) - pages <= optional


def test_the_readme_leads_to_the_book() -> None:
    assert "(docs/index.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
