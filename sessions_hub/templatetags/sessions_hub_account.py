"""`{% load sessions_hub_account %}`: times as the pages for users show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    text = _("%(time)s ago") if when <= now else _("in %(time)s")
    return text % {"time": _text_of(span) or timesince(min(when, now), max(when, now), depth=1)}


def _text_of(span: timedelta) -> str:
    """Minutes, hours or days, to the nearest; empty for more than two months.

    In days also where Django counts weeks: "in 1 week" may be thirteen days. In the words
    of `timesince()`, whose translations come with Django.
    """
    minutes = round(span / timedelta(minutes=1))
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes) % {"num": minutes}
    hours = round(span / timedelta(hours=1))
    if hours < 24:
        return ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours}
    days = round(span / timedelta(days=1))
    if days <= 60:
        return ngettext("%(num)d day", "%(num)d days", days) % {"num": days}
    return ""
