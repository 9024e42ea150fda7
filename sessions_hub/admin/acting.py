"""What all pages that act on sessions share: who may, in whose name, and how it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.refused import tell_denied
from sessions_hub.models import Session

from . import show
from .links import page_of

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Session]
else:
    _ModelAdmin = object

# Instead of what was asked for, where the admin's history could not be written.
NOT_RECORDED = gettext_lazy("Nothing was done: it could not be written into the history.")


class ActingMixin(_ModelAdmin):
    """Permissions of the actions, and the words that follow them."""

    def has_end_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        """Whether the reader may end sessions: `sessions_hub.end_session`.

        Never in somebody else's name: an end tells who wanted it.
        """
        return self._may(request, "end_session")

    def has_extend_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        """Whether the reader may extend sessions: `sessions_hub.change_session`, as in the API.

        `has_change_permission()` is about forms, and there are none.
        """
        return self._may(request, "change_session")

    def _may(self, request: HttpRequest, codename: str) -> bool:
        if is_impersonation(request):
            return False
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def refuse_unless(self, allowed: bool, request: HttpRequest, action: str) -> None:
        """Raise PermissionDenied, and log who was refused what, as the staff API does."""
        if not (allowed and self.has_view_permission(request)):
            tell_denied(request, action, "permission_denied")
            raise PermissionDenied

    def tell_ended(
        self, request: HttpRequest, count: int, whose: str, *, has_more: bool = False
    ) -> None:
        """Say how many sessions ended; warn where none did, or some are left."""
        if not count:
            self.message_user(request, _("No open session was found."), messages.WARNING)
            return
        done = ngettext(
            "%(count)d session of %(whose)s was ended.",
            "%(count)d sessions of %(whose)s were ended.",
            count,
        )
        self.message_user(request, done % {"count": count, "whose": whose}, messages.SUCCESS)
        if has_more:
            self.message_user(request, _("There are more: do it once again."), messages.WARNING)

    def page_context(
        self,
        request: HttpRequest,
        title: str,
        *,
        crumb: str = "",
        of_session: tuple[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """What every page of this admin needs to be drawn, and `more`.

        `crumb` is the short name of the page, `of_session` address and name of the session
        it is about: its way back leads there.
        """
        site = self.admin_site
        request.current_app = site.name
        of_app = {"app_label": self.opts.app_label}
        crumbs = [
            (reverse("admin:index", current_app=site.name), _("Home")),
            (
                reverse("admin:app_list", kwargs=of_app, current_app=site.name),
                self.opts.app_config.verbose_name,
            ),
            (self.url_of("changelist"), capfirst(str(self.opts.verbose_name_plural))),
        ]
        return {
            **site.each_context(request),
            "title": title,
            "crumb": crumb or title,
            "crumbs": [*crumbs, of_session] if of_session else crumbs,
            "opts": self.opts,
            "media": self.media,
            **more,
        }

    def url_of(self, page: str, *args: Any) -> str:
        """The address of one of the pages of this admin."""
        name = page_of(self.admin_site, self.model, page)
        return reverse(name, args=args, current_app=self.admin_site.name)


def sample_rows(sessions: QuerySet[Session] | list[Session]) -> list[dict[str, Any]]:
    """The lines of the table that says which sessions are meant."""
    now = timezone.now()
    return [
        {
            "icon": show.device_icon(session.device_type),
            "label": show.visible(session.name) or show.client(session),
            "user": show.user_name(session.user) if session.user else "",
            "place": show.place(session),
            "last_used": show.ago(session.last_used_at, now),
        }
        for session in sessions
    ]
