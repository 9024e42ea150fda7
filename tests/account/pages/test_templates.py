"""The templates of the pages, as a strict CSP and the rules of other sites need them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sessions_hub

ROOT = Path(sessions_hub.__file__).parent
TEMPLATES = sorted((ROOT / "templates/sessions_hub/account").glob("*.html"))
INLINE = re.compile(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def test_there_are_templates():
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
class TestEach:
    def test_has_no_inline_script_or_style(self, template):
        assert not INLINE.search(template.read_text(encoding="utf-8"))

    def test_has_no_elements_that_sites_style_by_their_name(self, template):
        assert not re.search(r"<(header|footer|article|aside)\b", template.read_text("utf-8"))

    def test_every_word_a_person_reads_can_be_translated(self, template):
        text = template.read_text(encoding="utf-8")
        text = re.sub(r"\{% (comment|blocktranslate)\b.*?\{% end\1 %\}", "", text, flags=re.S)
        text = re.sub(r"\{[%{].*?[%}]\}|<[^>]*>", " ", text, flags=re.S)
        # What is no language: a header of HTTP, and marks between parts.
        assert set(re.findall(r"\w+", text)) <= {"Authorization", "Bearer"}
        for label in re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text):
            assert label.startswith("{%")


def test_the_style_sheet_touches_nothing_outside_the_pages():
    css = (ROOT / "static/sessions_hub/pages.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    selectors = [
        one.strip()
        for block in re.findall(r"([^{}]+)\{", css)
        for one in re.split(r",(?![^(]*\))", block.strip())
    ]
    rules = [one for one in selectors if not one.startswith("@")]
    assert len(rules) > 80
    assert [one for one in rules if not one.startswith(".sessions-hub")] == []
    # From right to left where the language is.
    assert not re.findall(
        r"\b(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)", css
    )
