"""The pages behind the buttons of one session: end it, or let it last longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.exceptions import ActionNotRecorded
from sessions_hub.lifecycle.link import age_of
from sessions_hub.lifecycle.policy import Refusal
from sessions_hub.lifecycle.staff import end_one, extend_one
from sessions_hub.models import Session

from . import ending, rows, show
from .acting import NOT_RECORDED
from .actions import EndSessionsMixin

_REFUSALS: dict[Refusal, str | Promise] = {
    Refusal.ENDED: gettext_lazy("This session has ended."),
    Refusal.TOO_LATE: gettext_lazy("This session has expired: it takes a new sign-in."),
    Refusal.CAPPED: gettext_lazy(
        "This session lasts as long as it may: only its user, by proving it again, moves that."
    ),
    Refusal.IMPERSONATION: gettext_lazy("An impersonation is never extended."),
}


class ExtendForm(forms.Form):
    """How long from now."""

    lifetime = forms.TypedChoiceField(
        label=gettext_lazy("From now on it lasts"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = age_of(settings.SESSION_COOKIE_AGE)
        choices = {
            3600: _("an hour"),
            86400: _("a day"),
            7 * 86400: _("a week"),
            int(usual.total_seconds()): _("as long as a sign-in"),
        }
        self.fields["lifetime"].choices = list(choices.items())  # type: ignore[attr-defined]
        self.fields["lifetime"].initial = 86400


class EndPagesMixin(EndSessionsMixin):
    """Ending and extending one session."""

    extend_template = "sessions_hub/admin/extend.html"

    def get_urls(self) -> list[URLPattern]:
        """The two pages, before Django's own patterns, which would take them for ids."""
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/end/", wrap(self.end_view), name=f"{name}_end"),
            path("<path:object_id>/extend/", wrap(self.extend_view), name=f"{name}_extend"),
            *super().get_urls(),
        ]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks on GET, ends the session on POST."""
        self.refuse_unless(self.has_end_permission(request), request, "end")
        session = self._found(request, object_id)
        self.refuse_unless(self.has_end_permission(request, session), request, "end")
        chosen = self.get_queryset(request).filter(pk=session.pk)
        summary = ending.summarize(chosen, rows.current_id(request))
        back = self.url_of("change", quote(str(session.pk)))
        if request.method != "POST" and summary.count:
            return self.ask_before_end(
                request,
                summary,
                crumb=_("End session"),
                of_session=(back, _name(session)),
                hidden=(),
                cancel_url=back,
            )
        try:
            ended = request.method == "POST" and end_one(
                session, Actor.of(request), now=timezone.now()
            )
        except ActionNotRecorded:
            self.message_user(request, str(NOT_RECORDED), messages.ERROR)
        else:
            self.tell_ended(request, int(ended), summary.whose)
        return HttpResponseRedirect(back)

    def extend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks how long on GET, extends the session on POST; says why it could not."""
        self.refuse_unless(self.has_extend_permission(request), request, "extend")
        session = self._found(request, object_id)
        self.refuse_unless(self.has_extend_permission(request, session), request, "extend")
        back = self.url_of("change", quote(str(session.pk)))
        form = ExtendForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            self._extend(request, session, form.cleaned_data["lifetime"])
            return HttpResponseRedirect(back)
        context = self.page_context(
            request,
            _("Extend %(label)s?") % {"label": _name(session)},
            crumb=_("Extend"),
            of_session=(back, _name(session)),
            form=form,
            owner=show.user_name(session.user) if session.user else "",
            expires=show.exactly(session.expires_at),
            idle_expires=show.exactly(session.idle_expires_at)
            if session.idle_expires_at < session.expires_at
            else None,
            cancel_url=back,
        )
        return TemplateResponse(request, self.extend_template, context)

    def _extend(self, request: HttpRequest, session: Session, seconds: int) -> None:
        lifetime = timedelta(seconds=seconds)
        try:
            done = extend_one(session, Actor.of(request), lifetime=lifetime, now=timezone.now())
        except ActionNotRecorded:
            self.message_user(request, str(NOT_RECORDED), messages.ERROR)
            return
        if done.refusal is not None:
            self.message_user(request, str(_REFUSALS[done.refusal]), messages.WARNING)
        elif done.expires_at is not None:
            words = _("The session lasts until %(time)s at the latest.")
            until = show.moment_words(done.expires_at)
            self.message_user(request, words % {"time": until}, messages.SUCCESS)

    def _found(self, request: HttpRequest, object_id: str) -> Session:
        session: Session | None = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        return session


def _name(session: Session) -> str:
    return show.visible(session.name) or show.client(session)
