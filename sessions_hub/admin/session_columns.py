"""The columns of the list of sessions."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Session, SessionType
from sessions_hub.understanding.families import device_kind

from . import rows as beside
from . import show
from .links import user_link


class SessionColumns:
    """The columns of the list."""

    @admin.display(description=_("session"))
    def label(self, session: Session) -> SafeString:
        title = session.name or show.client(session)
        below: list[object] = [show.client(session)] if session.name else []
        below += [show.country(session), show.device_kind_words(device_kind(session.device_type))]
        if session.session_type != SessionType.REGULAR_LOGIN:
            below.append(session.get_session_type_display())
        if beside.extras(session).is_current:
            below.append(gettext("the session you are in"))
        lines = format_html_join(" · ", "{}", ((part,) for part in below if part))
        name = show.two_lines(format_html("<bdi>{}</bdi>", title), lines)
        return show.with_icon(session, name)

    @admin.display(description=_("user"))
    def owner(self, session: Session) -> str:
        user = user_link(session.user, beside.extras(session).user_url)
        return user or gettext("deleted user")

    @admin.display(description=_("status"))
    def status(self, session: Session) -> SafeString:
        now = timezone.now()
        return show.two_lines(show.status_badge(session, now), show.end_words(session, now))

    @admin.display(description=_("signed in with"))
    def proven_by(self, session: Session) -> SafeString:
        level = show.level_badge(session.assurance_level)
        words = show.proof_words(beside.extras(session).methods)
        return format_html("{} {}", words, level)

    @admin.display(description=_("place"))
    def town(self, session: Session) -> SafeString:
        # The country stands in the first column.
        return show.town(session)

    @admin.display(description=_("place"))
    def where(self, session: Session) -> SafeString:
        return show.place(session)

    @admin.display(description=_("last used"))
    def last_used(self, session: Session) -> SafeString | None:
        return show.ago(session.last_used_at)

    @admin.display(description=_("started"))
    def started(self, session: Session) -> SafeString | None:
        return show.ago(session.issued_at)
