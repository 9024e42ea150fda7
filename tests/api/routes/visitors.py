"""Everybody who may call, and what they call about: rows of ada's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from sessions_hub.credentials.scopes import Scope
from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session, SessionType
from sessions_hub.understanding.methods import MethodClaim
from tests.api.staff.conftest import ALL, make_staff, token_of
from tests.api.tokens.conftest import Program
from tests.secrecy.seeds import Seeds

FORM = "application/x-www-form-urlencoded"
PASSWORD = MethodClaim(method="password")
ALL_SCOPES = tuple(Scope)

# Column of the table → who that is.
VISITORS = {
    "anon": "nobody is signed in",
    "expired": "ada's session, whose limit has passed",
    "ended": "ada's session, which was ended",
    "disabled": "ada's session; ada is disabled",
    "other": "bob, a user like any other",
    "owner": "ada, who has just given her password and a code",
    "aal1": "ada, who could give a code and has given her password alone",
    "halfway": "ada, in a session that still misses its second factor",
    "stale": "ada, whose last proof is an hour old",
    "acting": "a superuser, acting as ada",
    "token": "a program of ada's, with all scopes",
    "bare": "a program of ada's, with no scope",
    "perm": "a user with the permission it takes, who is no staff",
    "perm-t": "a program of such a user, with all scopes",
    "plain": "staff with all permissions but the one it takes; with none where it takes none",
    "staff": "staff with the one permission it takes; with all where it takes none",
    "mailed": "such staff, in a session that a link in a mail began",
    "root": "a superuser",
    "acting-s": "a superuser, acting as staff",
    "token-s": "a program of staff with the permission, with all scopes",
    "bare-s": "a program of staff with the permission, with no scope",
    "token-p": "a program of staff without the permission, with all scopes",
}


@dataclass(frozen=True)
class World:
    """Ada's other session, its device, and one secret of hers to ask about."""

    ada: Any
    bob: Any
    session: Session
    device: Device
    secret: str
    # None of them is for anybody to see.
    seeds: Seeds
    sign_in: Any

    def ask(self, client: Any, verb: str, path: str, body: dict[str, Any] | str) -> HttpResponse:
        """What this client is answered; a body of text is a form."""
        path = "/api/" + self.filled(path)
        if isinstance(client, Program):
            headers = {**client.headers, "authorization": f"Bearer {client.secret}"}
            client = Client(headers=headers)
        client.raise_request_exception = True
        send = getattr(client, verb.lower())
        if verb in {"GET", "HEAD", "DELETE"}:
            return send(path)
        if isinstance(body, str):
            return send(path, urlencode({"token": self.filled(body)}), content_type=FORM)
        data = {key: self.filled(one) if isinstance(one, str) else one for key, one in body.items()}
        return send(path, data, content_type="application/json")

    def filled(self, text: str) -> str:
        """The text with ids and secrets for its names."""
        pk = self.device.pk if text.startswith("devices/") else self.session.pk
        if text.startswith("staff/users/"):
            pk = self.ada.pk
        text = text.replace("<pk>", str(pk))
        return text.replace("{user}", str(self.ada.pk)).replace("{secret}", self.secret)

    def settled(self, who: str, permission: str | None) -> Any:
        """The visitor, of whom all is written that their first request leaves behind."""
        visitor = self.visitor(who, permission)
        self.ask(visitor, "GET", "sessions/current/", {})
        return visitor

    def visitor(self, who: str, permission: str | None) -> Any:
        """A client that is this visitor, for a call that takes this permission."""
        granted = ALL if permission is None else (permission,)
        others = () if permission is None else tuple(set(ALL) - {permission})
        match who:
            case "anon":
                return Client()
            case "expired" | "ended" | "disabled" | "owner" | "aal1" | "halfway" | "stale":
                return self._browser_of_ada(who)
            case "other":
                return self.sign_in(self.bob)
            case "perm":
                return self.sign_in(make_staff("eve", *granted, is_staff=False))
            case "perm-t":
                return token_of(make_staff("eve", *granted, is_staff=False), *ALL_SCOPES)
            case "plain":
                return self.sign_in(make_staff("carl", *others))
            case "staff":
                return self.sign_in(make_staff("grace", *granted))
            case "mailed":
                client = self.sign_in(make_staff("grace", *granted))
                row = Session.objects.filter(pk=client.session_id)
                row.update(session_type=SessionType.ACCOUNT_RECOVERY)
                return client
            case "root":
                return self.sign_in(make_staff("root", is_superuser=True))
            case "acting":
                return self._acting_as(self.ada)
            case "acting-s":
                return self._acting_as(make_staff("grace", *ALL))
            case "token" | "bare":
                return token_of(self.ada, *(ALL_SCOPES if who == "token" else ()))
            case "token-s" | "bare-s":
                scopes = ALL_SCOPES if who == "token-s" else ()
                return token_of(make_staff("grace", *granted), *scopes)
            case "token-p":
                return token_of(make_staff("carl", *others), *ALL_SCOPES)
        raise LookupError(who)

    def _browser_of_ada(self, who: str) -> Client:
        client = self.sign_in(self.ada)
        row = Session.objects.filter(pk=client.session_id)
        now = timezone.now()
        match who:
            case "expired":
                row.update(expires_at=now, idle_expires_at=now)
            case "ended":
                row.end(EndReason.REVOKED_BY_STAFF)
            case "disabled":
                type(self.ada).objects.filter(pk=self.ada.pk).update(is_active=False)
            case "owner":
                AuthenticationMethod.objects.create(
                    session_id=client.session_id, method="totp", assurance_level=1
                )
                row.update(assurance_level=2)
            case "halfway":
                row.update(session_type=SessionType.TEMPORARY)
            case "stale":
                then = now - timedelta(hours=1)
                row.update(authenticated_at=then, fully_authenticated_at=then)
                AuthenticationMethod.objects.filter(session=client.session_id).update(
                    completed_at=then
                )
        if who in {"owner", "aal1", "stale"}:
            # One that can be extended.
            soon = now + timedelta(hours=1)
            row.update(expires_at=soon, idle_expires_at=soon)
        return client

    def _acting_as(self, target: Any) -> Client:
        client = self.sign_in(make_staff("root", is_superuser=True))
        response = client.post(f"/account/impersonate/{target.pk}/", {"reason": "ticket 7"})
        if response.status_code != 302:
            raise AssertionError(response.content)
        return client
