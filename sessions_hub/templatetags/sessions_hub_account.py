"""`{% load sessions_hub_account %}`: times as the pages for users show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions_hub import spans

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime) -> SafeString:
    """A `<time>`: how long ago or ahead, with the time of day in the active zone as its title.

    Reckoned from the page's `now`, or from this instant where it has none.
    """
    now: datetime = context.get("now") or timezone.now()
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{} {}" dir="auto">{}</time>',
        when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        date_format(local, "DATETIME_FORMAT"),
        local.tzname(),
        _relative(when, now),
    )


def _relative(when: datetime, now: datetime) -> str:
    span = abs(now - when)
    if span < timedelta(minutes=1):
        return _("just now") if when <= now else _("in less than a minute")
    is_past = when <= now
    text = _text_of(span, spans.PAST if is_past else spans.FUTURE)
    if not text:
        return spans.since_or_until(when, now)
    return spans.ago(text) if is_past else spans.ahead(text)


def _text_of(span: timedelta, words: Mapping[str, Any]) -> str:
    """Minutes, hours or days, to the nearest; empty for more than two months.

    In days also where Django counts weeks: "in 1 week" may be thirteen days.
    """
    minutes = round(span / timedelta(minutes=1))
    if minutes < 60:
        return str(words["minute"] % {"num": minutes})
    hours = round(span / timedelta(hours=1))
    if hours < 24:
        return str(words["hour"] % {"num": hours})
    days = round(span / timedelta(days=1))
    return str(words["day"] % {"num": days}) if days <= 60 else ""
