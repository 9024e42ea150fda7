"""The page of one session, line by line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Session

from . import rows as beside
from . import show
from .links import user_link

FIELDSETS: Any = (
    (
        _("Session"),
        {"fields": ("state", "owner", "kind", "name", "impersonation", "proven_by")},
    ),
    (
        _("Time"),
        {
            "fields": (
                "signed_in_at",
                "proven_at",
                "second_factor_at",
                "used_at",
                "expiry",
                "idle_expiry",
                "end",
            )
        },
    ),
    (
        _("Client at sign-in"),
        {"fields": ("client", "system", "program", "device", "is_bot")},
    ),
    (
        _("Place at sign-in"),
        {
            "fields": ("where", "region", "coordinates", "time_zone", "autonomous_system"),
            "description": _("Looked up from the address, so only roughly right."),
        },
    ),
    (
        _("Tenant, scopes and notes"),
        {
            "fields": (
                "tenant_id",
                "workspace_id",
                "audience",
                "scope_list",
                "notes",
                "token_count",
            ),
            "classes": ("collapse",),
        },
    ),
    (
        _("As recorded"),
        {
            "fields": ("id", "raw_user_agent", "raw_hints", "changed_at"),
            "classes": ("collapse",),
        },
    ),
)


class SessionDetails:
    """The lines of the page of one session."""

    @admin.display(description=_("status"))
    def state(self, session: Session) -> SafeString:
        now = timezone.now()
        return format_html("{} {}", show.status_badge(session, now), show.end_words(session, now))

    @admin.display(description=_("type"))
    def kind(self, session: Session) -> str:
        return str(session.get_session_type_display())

    @admin.display(description=_("signed in"))
    def signed_in_at(self, session: Session) -> SafeString | None:
        return show.exactly(session.issued_at)

    @admin.display(description=_("last proven"))
    def proven_at(self, session: Session) -> SafeString | None:
        return show.exactly(session.authenticated_at)

    @admin.display(description=_("second factor"))
    def second_factor_at(self, session: Session) -> SafeString | None:
        return show.exactly(session.mfa_updated_at)

    @admin.display(description=_("impersonated by"))
    def impersonation(self, session: Session) -> SafeString | None:
        name = user_link(session.impersonator, beside.extras(session).user_url)
        who = name or session.impersonator_label
        why = session.impersonation_reason
        return show.two_lines(who, why) if who or why else None

    @admin.display(description=_("last used"))
    def used_at(self, session: Session) -> SafeString | None:
        return show.exactly(session.last_used_at)

    @admin.display(description=_("expires"))
    def expiry(self, session: Session) -> SafeString | None:
        return show.exactly(session.expires_at)

    @admin.display(description=_("expires when idle"))
    def idle_expiry(self, session: Session) -> SafeString | None:
        # Equal where there is no idle limit.
        has_limit = session.idle_expires_at != session.expires_at
        return show.exactly(session.idle_expires_at) if has_limit else None

    @admin.display(description=_("ended"))
    def end(self, session: Session) -> SafeString | None:
        now: datetime = timezone.now()
        end = session.how_ended(now)
        if end is None:
            return None
        by = user_link(session.ended_by, beside.extras(session).user_url)
        who = by or session.ended_by_label
        why = format_html("{} ({})", end.reason.label, who) if who else end.reason.label
        return show.two_lines(show.exactly(end.at, now), why)

    @admin.display(description=_("client"))
    def client(self, session: Session) -> str:
        return show.client(session)

    @admin.display(description=_("operating system"))
    def system(self, session: Session) -> str:
        return session.os_label

    @admin.display(description=_("program"))
    def program(self, session: Session) -> str:
        engine = _words(session.client_engine, session.client_engine_version)
        program = _words(session.client_name, session.client_version)
        return f"{program} ({engine})" if program and engine else program or engine

    @admin.display(description=_("device"))
    def device(self, session: Session) -> str:
        known = _words(session.device_brand, session.device_model)
        return known or show.device_type_words(session)

    @admin.display(description=_("coordinates"))
    def coordinates(self, session: Session) -> SafeString | None:
        if session.latitude is None or session.longitude is None:
            return None
        both = f"{session.latitude:.2f}, {session.longitude:.2f}"
        return format_html('<bdi dir="ltr">{}</bdi>', both)

    @admin.display(description=_("scopes"))
    def scope_list(self, session: Session) -> str:
        return show.visible(" ".join(map(str, session.scopes)))

    @admin.display(description=_("metadata"))
    def notes(self, session: Session) -> SafeString | None:
        return show.code(session.metadata)

    @admin.display(description=_("API tokens"))
    def token_count(self, session: Session) -> str | None:
        # Of one session, by an index, and a rotation forgets the oldest: no limit is needed.
        counts = session.tokens.aggregate(
            all=Count("pk"), replaced=Count("pk", filter=Q(replaced_at__isnull=False))
        )
        if not counts["all"]:
            return None
        return gettext("%(mask)s %(valid)d in use, %(replaced)d replaced") % {
            "mask": show.MASK,
            "valid": counts["all"] - counts["replaced"],
            "replaced": counts["replaced"],
        }

    @admin.display(description=_("user agent"))
    def raw_user_agent(self, session: Session) -> SafeString | None:
        return show.code(session.user_agent)

    @admin.display(description=_("client hints"))
    def raw_hints(self, session: Session) -> SafeString | None:
        return show.code(session.client_hints)

    @admin.display(description=_("changed"))
    def changed_at(self, session: Session) -> SafeString | None:
        return show.exactly(session.updated_at)


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)
