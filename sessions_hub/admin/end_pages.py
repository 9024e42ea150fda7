"""The pages behind the buttons of one session: end it, or all of its user's."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from sessions_hub.models import Session

from . import ending, rows
from .actions import EndSessionsMixin
from .links import page_of, sessions_of_user_url


class EndPagesMixin(EndSessionsMixin):
    """Buttons on the page of a session, for those who may end sessions."""

    change_form_template = "sessions_hub/admin/session_change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """The two pages, before Django's own patterns, which would take them for ids."""
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/end/", wrap(self.end_view), name=f"{name}_end"),
            path("<path:object_id>/end-all/", wrap(self.end_all_view), name=f"{name}_end_all"),
            *super().get_urls(),
        ]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks on GET, ends the session on POST."""
        return self._end_page(request, object_id, of_users=False)

    def end_all_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks on GET, ends all sessions of the session's user on POST."""
        return self._end_page(request, object_id, of_users=True)

    def _end_page(self, request: HttpRequest, object_id: str, *, of_users: bool) -> HttpResponse:
        if not (self.has_view_permission(request) and self.has_end_permission(request)):
            raise PermissionDenied
        session = self.get_object(request, unquote(object_id))
        if session is None or (of_users and session.user_id is None):
            raise Http404
        if not self.has_end_permission(request, session):
            raise PermissionDenied
        only = {"user": session.user_id} if of_users else {"pk": session.pk}
        sessions = self.get_queryset(request).filter(**only)
        summary = ending.summarize(sessions, rows.current_id(request))
        back = self._url_of("change", session)
        if request.method == "POST" or not summary.count:
            portions = [sessions] if request.method == "POST" else []
            self.end_and_tell(request, summary, portions, of_users=of_users)
            return HttpResponseRedirect(back)
        return self.ask_before_end(request, summary, of_users=of_users, hidden=(), cancel_url=back)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page of a session, with the buttons the reader may use."""
        session: Session | None = kwargs.get("obj") or context.get("original")
        if session is not None and self.has_end_permission(request, session):
            if ending.is_open(session):
                context["hub_end_url"] = self._url_of("end", session)
            if session.user_id is not None:
                context["hub_end_all_url"] = self._url_of("end_all", session)
        if session is not None and session.user_id is not None:
            context["hub_user_sessions_url"] = sessions_of_user_url(
                self.admin_site, session.user_id
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def _url_of(self, page: str, session: Session) -> str:
        name = page_of(self.admin_site, self.model, page)
        return reverse(name, args=[quote(str(session.pk))], current_app=self.admin_site.name)
