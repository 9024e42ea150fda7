"""Ending sessions from the list: asked first, then done, told and written down once."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.exceptions import ActionNotRecorded
from sessions_hub.lifecycle.refused import tell_denied
from sessions_hub.lifecycle.staff import end_chosen
from sessions_hub.models import Session, SessionQuerySet

from . import ending, rows
from .acting import NOT_RECORDED, ActingMixin, sample_rows
from .ending import Summary
from .show import number_words

_CONFIRMED = "confirmed"
# Of a query string, in the log: enough to tell one list from another.
_MOST_OF_QUERY = 500


class EndSessionsMixin(ActingMixin):
    """The two actions of the list."""

    actions = ("end_selected", "end_all_of_users")
    end_confirmation_template = "sessions_hub/admin/end_confirmation.html"

    @admin.action(permissions=["end"], description=gettext_lazy("End selected sessions"))
    def end_selected(self, request: HttpRequest, queryset: QuerySet[Session]) -> Any:
        """End the selected sessions, once confirmed."""
        return self._from_list(request, "end_selected", cast("SessionQuerySet", queryset))

    @admin.action(
        permissions=["end"], description=gettext_lazy("End everything of the users of these")
    )
    def end_all_of_users(self, request: HttpRequest, queryset: QuerySet[Session]) -> Any:
        """End every session of the users of the selected sessions, once confirmed."""
        users = ending.user_ids(queryset, ending.MOST_USERS + 1)
        if len(users) > ending.MOST_USERS:
            words = ngettext(
                "These are of more than %(count)s user: choose fewer, or end the sessions.",
                "These are of more than %(count)s users: choose fewer, or end the sessions.",
                ending.MOST_USERS,
            )
            most = number_words(ending.MOST_USERS)
            self.message_user(request, words % {"count": most}, messages.WARNING)
            return None
        everything = cast("SessionQuerySet", self.get_queryset(request))
        # By their keys: as a subquery of what was chosen, it took seconds at two million rows.
        theirs = everything.filter(user__in=users)
        return self._from_list(request, "end_all_of_users", theirs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list. Django would answer a forged action with a friendly message."""
        forged = set(EndSessionsMixin.actions).intersection(request.POST.getlist("action"))
        if forged and not self.has_end_permission(request):
            tell_denied(request, "end", "permission_denied")
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def _from_list(
        self, request: HttpRequest, action: str, chosen: SessionQuerySet
    ) -> HttpResponse | None:
        """The confirmation page; None, which leads back to the list, when all is done."""
        summary = ending.summarize(chosen, rows.current_id(request))
        across = request.POST.get("select_across") == "1"
        ids = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        if not summary.count:
            self.tell_ended(request, 0, "")
            return None
        if _CONFIRMED in request.POST:
            told = {
                "action": action,
                "selected": "all" if across else len(ids),
                "list": request.GET.urlencode()[:_MOST_OF_QUERY],
            }
            self._end(request, chosen, told, summary)
            return None
        hidden = [
            ("action", action),
            ("select_across", "1" if across else "0"),
            (_CONFIRMED, "yes"),
            # Django wants at least one, and with select_across heeds none.
            *((helpers.ACTION_CHECKBOX_NAME, pk) for pk in (ids[:1] if across else ids)),
        ]
        of_users = action == "end_all_of_users"
        everything = _("End everything of %(whose)s?") % {"whose": summary.whose}
        return self.ask_before_end(
            request,
            summary,
            title=everything if of_users else None,
            hidden=hidden,
            cancel_url=request.get_full_path(),
            regardless_of_filters=of_users and bool(request.GET),
        )

    def ask_before_end(
        self, request: HttpRequest, summary: Summary, *, title: str | None = None, **more: Any
    ) -> HttpResponse:
        """The page that says what will end, and changes nothing."""
        context = self.page_context(
            request,
            title or _("End %(how_many)s?") % {"how_many": summary.how_many},
            count=summary.count,
            how_many=summary.how_many,
            whose=summary.whose,
            has_unnamed=summary.unnamed,
            includes_current=summary.includes_current,
            sample=sample_rows(list(summary.sample)),
            button=ngettext("End session", "End sessions", summary.count),
            **more,
        )
        return TemplateResponse(request, self.end_confirmation_template, context)

    def _end(
        self, request: HttpRequest, chosen: SessionQuerySet, told: Any, summary: Summary
    ) -> None:
        try:
            ended = end_chosen(chosen, told, Actor.of(request), now=timezone.now())
        except ActionNotRecorded:
            self.message_user(request, str(NOT_RECORDED), messages.ERROR)
            return
        self.tell_ended(request, ended.count, summary.whose, has_more=ended.has_more)
