"""Where the user is signed in, and ending it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from sessions_hub.conf import conf
from sessions_hub.lifecycle import current_session, end_session, end_sessions
from sessions_hub.lifecycle.disown import disown
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS, END_SESSION
from sessions_hub.lifecycle.policy import PROGRAMS
from sessions_hub.models import EndReason, Session
from sessions_hub.models.validity import past_limits

from .not_me import password_change_url
from .notes import Note, noted
from .page import AccountPage, Refused
from .paging import page_of
from .rows import grouped, load_methods, session_rows, with_device


class SessionsView(AccountPage):
    """The sessions that are active, by device; the one this is read in first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        active = with_device(self.sessions.active(self.now))
        people = active.exclude(session_type__in=PROGRAMS).except_for(self.current_id)
        others, page = page_of(people, request)
        here = self.current_id if page.before is None else None
        mine = [] if here is None else list(active.filter(pk=here))
        shown = [*mine, *others]
        load_methods(shown)
        rows = session_rows(shown, current_id=self.current_id, now=self.now)
        wanted = {row.session.shown_device for row in rows} - {None}  # type: ignore[attr-defined]
        devices = self.devices.filter(forgotten_at__isnull=True).in_bulk(wanted)
        groups = grouped(rows, devices)
        return self.show(
            "sessions",
            {
                "current": [group for group in groups if group.is_current],
                "others": [group for group in groups if not group.is_current],
                "has_others": bool(others),
                "page": page,
                "guesses_devices": conf.SESSIONS_HUB_DEVICE_COOKIE is None,
            },
        )


class EndedView(AccountPage):
    """The sessions that have ended, as long as their rows are kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        over = self.sessions.filter(Q(ended_at__isnull=False) | past_limits(self.now))
        ended, page = page_of(over.select_related("user"), request)
        rows = session_rows(ended, current_id=None, now=self.now)
        return self.show("ended", {"rows": rows, "page": page})


class SessionPage(AccountPage):
    """A page about one session of the user's own."""

    def session(self, pk: UUID) -> Session:
        """The session; 404 alike for unknown ids and foreign ones."""
        return self.own(self.sessions.select_related("user"), pk)

    def ask(self, name: str, session: Session) -> HttpResponse:
        """A page that asks whether to do it."""
        load_methods([session])
        rows = session_rows([session], current_id=self.current_id, now=self.now)
        is_program = session.session_type in PROGRAMS
        return self.show(name, {"row": rows[0], "is_program": is_program})


class EndView(SessionPage):
    """Ends one session. Ending the one this is read in is signing out."""

    for_incomplete = True

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        if pk != self.current_id:
            self.refuse_incomplete()
        return self.ask("session_end", self.session(pk))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        session = self.session(pk)
        here = session.pk == self.current_id
        if not here:
            self.refuse_impersonation()
            self.refuse_incomplete()
        ended = False
        # Signing out of an impersonation tells itself who acted as the user.
        if session.is_active(self.now) and not (here and session.is_impersonation):
            if not here:
                self.ask_for_proof(END_SESSION)
            reason = EndReason.SIGNED_OUT if here else EndReason.REVOKED_BY_USER
            ended = end_session(session, reason=reason, by=self.user, now=self.now)
        if here:
            logout(request)
            return HttpResponseRedirect(signed_out_url())
        if session.session_type in PROGRAMS:
            return self.leave("api-keys", Note.KEY_REVOKED if ended else Note.OVER_ALREADY)
        return self.leave("sessions", Note.ENDED if ended else Note.OVER_ALREADY)


class NotMineView(SessionPage):
    """For "This wasn't me": ends a session as compromised, and leads to the password."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.ask("session_not_mine", self.session(pk))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        session = self.session(pk)
        self.refuse_impersonation()
        if session.pk == self.current_id:
            return self.leave("sessions", Note.NOT_THIS_ONE)
        if session.is_active(self.now):
            self.ask_for_proof(END_SESSION)
        disown(session.pk, now=self.now)
        return HttpResponseRedirect(noted(request, password_change_url(), Note.DISOWNED))


class EndOthersView(AccountPage):
    """Ends all sessions but the one this is read in, those of programs among them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        self.refuse_impersonation()
        self.ask_for_proof(END_OTHER_SESSIONS)
        is_program = Q(session_type__in=PROGRAMS)
        others = self.sessions.active(self.now).except_for(self.current_id)
        counted = others.aggregate(
            people=Count("pk", filter=~is_program), programs=Count("pk", filter=is_program)
        )
        return self.show("end_others", counted)

    def post(self, request: HttpRequest) -> HttpResponse:
        self.refuse_impersonation()
        current = current_session(request)
        if current is None:
            # All but which?
            raise Refused(_("It is not known which session this is. Sign in again."), 409)
        self.ask_for_proof(END_OTHER_SESSIONS)
        others = self.sessions.active(self.now).except_for(current)
        reason = EndReason.REVOKED_BY_USER
        ended = end_sessions(others, reason=reason, by=self.user, now=self.now)
        return self.leave("sessions", Note.OTHERS_ENDED, ended)


def signed_out_url() -> str:
    """Where a browser goes that has signed out: where the site's own sign-out leads."""
    return resolve_url(settings.LOGOUT_REDIRECT_URL or settings.LOGIN_URL)
