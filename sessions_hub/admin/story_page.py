"""The page of one session: its head, its story, and what the reader may do about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sessions_hub.lifecycle.impersonation_rules import may_impersonate
from sessions_hub.models import Session, SessionType

from . import ending, show
from . import rows as beside
from .acting import ActingMixin
from .links import impersonate_url, sessions_of_user_url, user_link
from .story import story_of

Link = tuple[str, str]


class StoryPageMixin(ActingMixin):
    """Puts the story above the fieldsets, and the actions among the buttons."""

    change_form_template = "sessions_hub/admin/session_change_form.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The base's page, with what the template puts into its blocks."""
        session: Session | None = kwargs.get("obj") or context.get("original")
        if session is not None:
            now = timezone.now()
            context |= {
                "hub_session": session,
                "hub_label": show.visible(session.name) or show.client(session),
                "hub_icon": show.device_icon(session.device_type),
                "hub_facts": self._facts(session),
                "hub_story": [
                    {"event": event, "when": show.exactly(event.at, now)}
                    for event in story_of(session, beside.extras(session).user_url, now)
                ],
                "hub_buttons": self.hub_buttons(request, session),
                "hub_everything": self.hub_everything(request, session),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def hub_buttons(self, request: HttpRequest, session: Session) -> list[Link]:
        """Address and words of the buttons the reader may use for this session."""
        pk = quote(str(session.pk))
        buttons = []
        is_open = ending.is_open(session)
        if is_open and self.has_end_permission(request, session):
            buttons.append((self.url_of("end", pk), _("End session")))
        can_last = is_open and not session.is_impersonation
        if can_last and self.has_extend_permission(request, session):
            buttons.append((self.url_of("extend", pk), _("Extend")))
        if session.user is not None:
            if (url := impersonate_url(session.user)) and may_impersonate(request, session.user):
                buttons.append((url, _("Impersonate")))
            url = sessions_of_user_url(self.admin_site, session.user_id)
            buttons.append((url, _("This user's sessions")))
        return buttons

    def hub_everything(self, request: HttpRequest, session: Session) -> list[Link]:
        """Address and words of "end everything of …", for those who may end sessions."""
        if not self.has_end_permission(request, session):
            return []
        page = self.url_of("end_matching")
        found: list[tuple[str, Any, str]] = []
        if session.user_id is not None:
            found.append(("user", session.user_id, _("this user")))
        if (device := _last_device(session)) is not None:
            found.append(("device", device, _("this device")))
        if session.ip:
            found.append(("network", session.ip, _("this address")))
        return [(f"{page}?{urlencode({name: value})}", words) for name, value, words in found]

    def _facts(self, session: Session) -> list[Any]:
        """The line below the name."""
        now = timezone.now()
        kind = (
            ""
            if session.session_type == SessionType.REGULAR_LOGIN
            else session.get_session_type_display()
        )
        owner = user_link(session.user, beside.extras(session).user_url)
        facts = (
            show.status_badge(session, now),
            owner,
            kind,
            show.where_words(session),
            session.ip,
        )
        return [fact for fact in facts if fact]


def _last_device(session: Session) -> Any:
    """The key of the device the session was used on last; None where none is known."""
    used = session.session_devices.filter(device__isnull=False).order_by("-last_seen_at")
    return used.values_list("device", flat=True).first()
