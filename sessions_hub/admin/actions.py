"""Ending sessions from the admin: asked first, then done, told and logged once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.models import EndReason, Session

from . import ending, rows, show
from .ending import Summary

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Session]
else:
    _ModelAdmin = object

_CONFIRMED = "confirmed"


class EndSessionsMixin(_ModelAdmin):
    """The two actions of the list, and what they share with the pages of one session."""

    actions = ("end_selected", "end_all_of_users")
    end_confirmation_template = "sessions_hub/admin/end_confirmation.html"

    def has_end_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        """Whether the reader may end sessions: `sessions_hub.end_session`.

        Never in somebody else's name: an end tells who wanted it.
        """
        if is_impersonation(request):
            return False
        return request.user.has_perm(f"{self.opts.app_label}.end_session")

    @admin.action(permissions=["end"], description=gettext_lazy("End selected sessions"))
    def end_selected(self, request: HttpRequest, queryset: QuerySet[Session]) -> Any:
        """End the selected sessions, once confirmed."""
        summary = ending.summarize(queryset, rows.current_id(request))
        return self._from_list(request, "end_selected", summary, [queryset])

    @admin.action(permissions=["end"], description=gettext_lazy("End all sessions of these users"))
    def end_all_of_users(self, request: HttpRequest, queryset: QuerySet[Session]) -> Any:
        """End every session of the users of the selected sessions, once confirmed."""
        everything = self.get_queryset(request)
        theirs = everything.filter(user__in=queryset.order_by().values("user_id"))
        summary = ending.summarize(theirs, rows.current_id(request))
        portions = (everything.filter(user__in=ids) for ids in ending.user_batches(queryset))
        return self._from_list(request, "end_all_of_users", summary, portions)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list. Django would answer a forged action with a friendly message."""
        forged = set(EndSessionsMixin.actions).intersection(request.POST.getlist("action"))
        if forged and not self.has_end_permission(request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def _from_list(
        self,
        request: HttpRequest,
        action: str,
        summary: Summary,
        portions: Iterable[QuerySet[Session]],
    ) -> HttpResponse | None:
        """The confirmation page; None, which leads back to the list, when all is done."""
        of_users = action == "end_all_of_users"
        if not summary.count or _CONFIRMED in request.POST:
            self.end_and_tell(request, summary, portions, of_users=of_users)
            return None
        across = request.POST.get("select_across") == "1"
        chosen = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        hidden = [
            ("action", action),
            ("select_across", "1" if across else "0"),
            (_CONFIRMED, "yes"),
            # Django wants at least one, and with select_across heeds none.
            *((helpers.ACTION_CHECKBOX_NAME, pk) for pk in (chosen[:1] if across else chosen)),
        ]
        return self.ask_before_end(
            request, summary, of_users=of_users, hidden=hidden, cancel_url=request.get_full_path()
        )

    def ask_before_end(
        self,
        request: HttpRequest,
        summary: Summary,
        *,
        of_users: bool,
        hidden: Iterable[tuple[str, str]],
        cancel_url: str,
    ) -> HttpResponse:
        """The page that says what will end, and changes nothing."""
        request.current_app = self.admin_site.name
        title = _("End all sessions of %(whose)s?") if of_users else _("End %(how_many)s?")
        context = {
            **self.admin_site.each_context(request),
            "title": title % {"whose": summary.whose, "how_many": summary.how_many},
            "opts": self.opts,
            "media": self.media,
            "summary": summary,
            "of_users": of_users,
            "regardless_of_filters": of_users and bool(request.GET),
            "sample": [_sample_row(session) for session in summary.sample],
            "hidden": hidden,
            "cancel_url": cancel_url,
        }
        return TemplateResponse(request, self.end_confirmation_template, context)

    def end_and_tell(
        self,
        request: HttpRequest,
        summary: Summary,
        portions: Iterable[QuerySet[Session]],
        *,
        of_users: bool,
    ) -> None:
        """End the sessions, tell the reader, and write one log entry."""
        user: Any = request.user
        ended = sum(ending.end(portion, user) for portion in portions) if summary.count else 0
        if not ended:
            self.message_user(request, _("No open session was found."), messages.WARNING)
            return
        words = {"count": ended, "whose": summary.whose}
        done = ngettext(
            "%(count)d session of %(whose)s was ended.",
            "%(count)d sessions of %(whose)s were ended.",
            ended,
        )
        logged = ngettext(
            "Ended %(count)d session of %(whose)s. Reason: %(reason)s.",
            "Ended %(count)d sessions of %(whose)s. Reason: %(reason)s.",
            ended,
        )
        about: Any = summary.users[0] if of_users and summary.users else summary.sample[0]
        reason = EndReason.REVOKED_BY_STAFF.label
        self.log_change(request, about, logged % {**words, "reason": reason})
        self.message_user(request, done % words, messages.SUCCESS)


def _sample_row(session: Session) -> dict[str, Any]:
    return {
        "label": show.visible(session.name) or show.client(session),
        "user": show.user_name(session.user) if session.user else "",
        "place": show.place(session),
        "last_used": show.ago(session.last_used_at),
    }
