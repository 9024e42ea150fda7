"""The columns of the list of sessions."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Session, SessionType

from . import rows as beside
from . import show
from .links import user_link


class SessionColumns:
    """The columns of the list."""

    @admin.display(description=_("session"))
    def label(self, session: Session) -> SafeString:
        name = session.name or show.client(session)
        below = [show.client(session)] if session.name else []
        if session.session_type != SessionType.REGULAR_LOGIN:
            below.append(str(session.get_session_type_display()))
        if beside.extras(session).is_current:
            below.append(gettext("the session you are in"))
        return show.two_lines(format_html("<bdi>{}</bdi>", name), " · ".join(below))

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
        level = show.badge(session.get_assurance_level_display(), "level")
        words = show.proof_words(beside.extras(session).methods)
        return format_html("{} {}", words, level)

    @admin.display(description=_("place"))
    def where(self, session: Session) -> SafeString:
        return show.place(session)

    @admin.display(description=_("last used"))
    def last_used(self, session: Session) -> SafeString:
        # One column for both times: two would push the table off a small screen.
        now = timezone.now()
        signed_in = format_html(gettext("signed in {}"), show.ago(session.issued_at, now))
        return show.two_lines(show.ago(session.last_used_at, now), signed_in)
