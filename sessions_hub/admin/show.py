"""How values are written on the pages. Everything a client or user can choose is escaped."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    EndReason,
    Session,
    Status,
)
from sessions_hub.models.client import ClientColumns, PlaceColumns
from sessions_hub.spans import since_or_until
from sessions_hub.understanding.countries import country_name, flag
from sessions_hub.understanding.families import device_kind

# In the place of any secret, whatever its length.
MASK = "••••••••"
_LABEL_LENGTH = 60
# Control, format, surrogate, line and paragraph separator. A right-to-left override
# (U+202E) in a name would turn the text around it.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# They join letters and emoji of honest names.
_JOINERS = "\u200c\u200d"
_KINDS = {
    "desktop": gettext_lazy("desktop"),
    "phone": gettext_lazy("phone"),
    "tablet": gettext_lazy("tablet"),
    "tv": gettext_lazy("TV"),
    "console": gettext_lazy("console"),
    "wearable": gettext_lazy("wearable"),
    "car": gettext_lazy("car"),
    "speaker": gettext_lazy("smart speaker"),
}


def visible(text: object) -> str:
    r"""The text with characters that have no shape of their own written as `\u202e`."""
    text = str(text)
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(char):04x}"
        if unicodedata.category(char) in _INVISIBLE and char not in _JOINERS
        else char
        for char in text
    )


def make_visible(row: Model) -> None:
    """Pass the row's own texts through `visible()`, for wherever Django writes them.

    Only for rows that are shown and never saved. Keys stay as they are.
    """
    for field in row._meta.concrete_fields:
        value = vars(row).get(field.attname)
        if isinstance(value, str) and not (field.primary_key or field.is_relation):
            setattr(row, field.attname, visible(value))


def user_name(user: AbstractBaseUser) -> str:
    """The user's name as it is typed to sign in."""
    return visible(user.get_username())


def client(row: ClientColumns) -> str:
    """What a person calls the client; its user agent where nothing is known of it."""
    if label := row.client_label or row.user_agent:
        label = visible(label)
        return label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1]}…"
    return _("Unknown client")


def two_lines(first: object, second: object) -> SafeString:
    """A line of text with a quieter one below; the second one may be empty."""
    if not second:
        return format_html("{}", first)
    return format_html('{}<br><span class="hub-quiet hub-below">{}</span>', first, second)


def badge(word: object, kind: str) -> SafeString:
    """A word in a frame. `kind` adds a shape and a colour; the word says it all."""
    return format_html('<span class="hub-badge hub-{}">{}</span>', kind, word)


def status_badge(session: Session, now: datetime) -> SafeString:
    """Active, expired or ended."""
    status = session.status(now)
    return badge(status.label, Status(status).value)


def end_words(session: Session, now: datetime) -> str:
    """Why the session ended, in words; empty while it has not, or where the status says it."""
    end = session.how_ended(now)
    if end is not None:
        return "" if end.reason == EndReason.EXPIRED else str(end.reason.label)
    return "" if session.is_active(now) else _("user disabled")


def proof_words(methods: Iterable[AuthenticationMethod | str]) -> str:
    """The names of the methods, in order."""
    return ", ".join(str(method) for method in methods) or _("unknown")


def place(row: PlaceColumns) -> SafeString:
    """Flag, country and city; the address below."""
    # A flag alone would be read out as letters, or not drawn at all.
    name = (
        ", ".join(visible(part) for part in (row.city, country_name(row.country_code)) if part)
        or row.country_code
    )
    where = format_html('<bdi aria-hidden="true">{}</bdi> {}', flag(row.country_code), name)
    address = format_html('<span class="hub-address">{}</span>', row.ip or "")
    return two_lines(where, address if row.ip else "") if name else address


def country(row: PlaceColumns) -> SafeString | str:
    """Flag and name of the country; empty where it is unknown."""
    if not row.country_code:
        return ""
    name = country_name(row.country_code) or row.country_code
    # A flag alone would be read out as letters, or not drawn at all. Its letters are Latin:
    # without <bdi> the line would begin at the left in Persian too.
    return format_html('<bdi aria-hidden="true">{}</bdi> {}', flag(row.country_code), name)


def town(row: PlaceColumns) -> SafeString:
    """City or region, for where the country stands beside it; the address below."""
    name = visible(row.city or row.region)
    address = format_html('<span class="hub-address">{}</span>', row.ip or "")
    return two_lines(name, address if row.ip else "") if name else address


def where_words(row: PlaceColumns) -> SafeString | str:
    """City and country in one line; empty where both are unknown."""
    parts = [part for part in (visible(row.city), country(row)) if part]
    return format_html_join(", ", "{}", ((part,) for part in parts)) if parts else ""


def device_kind_words(kind: str) -> str:
    """The kind of a device in words; empty for an unknown one."""
    return str(_KINDS.get(kind, ""))


def device_type_words(row: ClientColumns) -> str:
    """The type of the row's device in words; as it was recorded where it is of no known kind."""
    return device_kind_words(device_kind(row.device_type)) or visible(row.device_type)


def device_icon(device_type: str) -> SafeString:
    """A sign of the kind of device, hidden from readers of text: the words stand beside it."""
    kind = device_kind(device_type) or "unknown"
    return format_html('<span class="hub-icon hub-icon-{}" aria-hidden="true"></span>', kind)


def with_icon(row: ClientColumns, text: object) -> SafeString:
    """The text with the sign of the row's device before it."""
    icon = device_icon(row.device_type)
    return format_html('<span class="hub-label">{}<span>{}</span></span>', icon, text)


def level_badge(level: int) -> SafeString:
    """The assurance level in a frame."""
    return badge(AssuranceLevel(level).label, "level")


def local_time(moment: datetime) -> datetime:
    """The moment in the reader's time zone; unchanged where the site uses none."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def relative(moment: datetime, now: datetime) -> str:
    """The distance in time: "3 minutes ago", "in 13 days", "just now"."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 60:
        return _("just now")
    return since_or_until(moment, now, depth=1 if seconds < 0 else 2)


def ago(moment: datetime | None, now: datetime | None = None) -> SafeString | None:
    """A time as distance, the exact one as its title."""
    if moment is None:
        return None
    local = local_time(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S %Z").strip(),
        relative(moment, now or timezone.now()),
    )


def exactly(moment: datetime | None, now: datetime | None = None) -> SafeString | None:
    """A time in full, and as distance."""
    if moment is None:
        return None
    local = local_time(moment)
    return format_html(
        '<time datetime="{}">{}, {}</time> <span class="hub-quiet">{}</span>',
        moment.isoformat(),
        date_format(local, "DATE_FORMAT"),
        local.strftime("%H:%M:%S %Z").strip(),
        relative(moment, now or timezone.now()),
    )


def number_words(number: int) -> str:
    """A number with its thousands apart, as the reader's language does it."""
    return number_format(number, force_grouping=True)


def moment_words(moment: datetime) -> str:
    """Date and time, to the minute, in the reader's zone and format."""
    return date_format(local_time(moment), "DATETIME_FORMAT")


def moment_before_stop(moment: datetime) -> str:
    """As `moment_words()`, for the end of a sentence: "p.m." brings a full stop of its own."""
    return moment_words(moment).removesuffix(".")


def code(value: Any) -> SafeString | None:
    """Raw text, or JSON indented."""
    if not value:
        return None
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    lines = format_html_join("\n", "{}", ((visible(line),) for line in text.split("\n")))
    return format_html('<pre class="hub-code">{}</pre>', lines)
