"""`{% load sessions_hub_account %}`: times as the pages for users show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime) -> SafeString:
    """A `<time>`: how long ago or ahead, with the time of day in the active zone as its title.

    Reckoned from the page's `now`, or from this instant where it has none.
    """
    now: datetime = context.get("now") or timezone.now()
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        date_format(local, "DATETIME_FORMAT"),
        local.tzname(),
        _relative(when, now),
    )


def _relative(when: datetime, now: datetime) -> str:
    if abs(now - when) < timedelta(minutes=1):
        return _("just now") if when <= now else _("in less than a minute")
    if when <= now:
        return _("%(time)s ago") % {"time": timesince(when, now, depth=1)}
    return _("in %(time)s") % {"time": timeuntil(when, now, depth=1)}
