"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

NOW = datetime(2030, 5, 10, 12, 0, tzinfo=UTC)
S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def shown(when: datetime, **context) -> str:
    template = Template("{% load sessions_hub_account %}{% moment when %}")
    return template.render(Context({"when": when, "now": NOW, **context}))


def text(when: datetime) -> str:
    return shown(when).partition(">")[2].removesuffix("</time>")


@pytest.mark.parametrize(
    ("span", "past", "future"),
    [
        (0 * S, "just now", "just now"),
        (59 * S, "just now", "in less than a minute"),
        (60 * S, "1 minute ago", "in 1 minute"),
        (59 * M, "59 minutes ago", "in 59 minutes"),
        (59 * M + 40 * S, "1 hour ago", "in 1 hour"),
        (H, "1 hour ago", "in 1 hour"),
        (23 * H + 29 * M, "23 hours ago", "in 23 hours"),
        (23 * H + 31 * M, "1 day ago", "in 1 day"),
        (13 * D + 23 * H, "14 days ago", "in 14 days"),
        (60 * D, "60 days ago", "in 60 days"),
        (92 * D, "3 months ago", "in 3 months"),
        (800 * D, "2 years ago", "in 2 years"),
    ],
)
def test_are_told_from_now(span, past, future):
    assert text(NOW - span).replace("\xa0", " ") == past
    assert text(NOW + span).replace("\xa0", " ") == future


def test_are_given_to_machines_in_utc_and_to_people_in_the_active_zone():
    with timezone.override("Asia/Kolkata"):
        html = shown(NOW - timedelta(hours=3, microseconds=7))
    assert html.startswith(
        '<time datetime="2030-05-10T08:59:59Z" title="May 10, 2030, 2:29 p.m. IST" dir="auto">'
    )


def test_are_told_in_the_language_of_the_page():
    with translation.override("de"):
        html = shown(NOW - D)
    assert 'title="9. Mai 2030' in html
    assert "1 Tag" in html


def test_without_a_page_are_reckoned_from_this_instant():
    assert "just now" in shown(timezone.now(), now=None)
