"""The example project itself: ready to deploy, and friendly to a strict CSP."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_demo import ROOT, manage

TEMPLATES = sorted((ROOT / "example_project/templates").rglob("*.html"))


def test_passes_the_deployment_check(tmp_path: Path) -> None:
    run = manage(
        tmp_path / "demo.sqlite3",
        "check",
        "--deploy",
        "--fail-level=WARNING",
        HUB_EXAMPLE_DEPLOY="1",
    )
    assert run.returncode == 0, run.stdout
    assert "no issues" in run.stdout


def test_needs_no_migrations(tmp_path: Path) -> None:
    run = manage(tmp_path / "demo.sqlite3", "makemigrations", "--check", "--dry-run")
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("asked", "told"),
    [("fa", ("fa", "rtl")), ("de-AT,de", ("de", "ltr")), ("tlh", ("en", "ltr"))],
)
def test_speaks_the_language_of_the_browser_and_its_own_words_are_english(
    tmp_path: Path, asked: str, told: tuple[str, str]
) -> None:
    code = (
        "from django.test import Client\n"
        "client = Client(headers={'host': 'localhost', 'accept-language': '%s'})\n"
        "page = client.get('/accounts/login/')\n"
        "print(page['Vary'], page.content.decode())"
    )
    run = manage(tmp_path / "demo.sqlite3", "shell", "-v0", "-c", code % asked)
    assert run.returncode == 0, run.stdout
    page = run.stdout
    assert '<html lang="{}" dir="{}">'.format(*told) in page
    assert "Accept-Language" in page.partition("<!doctype")[0]
    assert '<main id="main" lang="en" dir="ltr">' in page
    assert "Username:" in page


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text, re.IGNORECASE)


def test_there_are_templates() -> None:
    assert len(TEMPLATES) >= 4
