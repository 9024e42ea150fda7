"""Answering a proxy that asks whether to let a request through, and as whose.

nginx's `auth_request`, Traefik's ForwardAuth and Envoy's ext_authz take 2xx for yes and
copy headers of the answer into the request they let through.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle import Requirement, shortfall
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.proofs import level_within
from sessions_hub.models import Session

from .errors import InsufficientAuthentication
from .permissions import InsufficientScope

DEMANDS = frozenset({"require", "max_age", "scope"})
# Fewer seconds than this many digits: 31 years.
_DIGITS = 9
_FORWARDED = re.compile(r"(?:^|&)forwarded=")


def asked_by_proxy(request: Request) -> QueryDict:
    """The parameters of a request, up to `forwarded=`.

    Behind it a proxy that can only lengthen an address puts the one it was asked for. That
    is its client's text: `&scope=` in it must take nothing back.
    """
    query = str(request.META.get("QUERY_STRING", ""))
    return QueryDict(_FORWARDED.split(query, maxsplit=1)[0])


def identify(response: Response, session: Session) -> Response:
    """The answer with whose session it is in headers, percent-encoded (RFC 3986).

    Reads the session's `authentication_methods`: load them with it.
    """
    proofs = session.authentication_methods.all()
    standing = [proof for proof in proofs if proof.revoked_at is None]
    level = level_within(session.assurance_level, standing)
    username = "" if session.user is None else session.user.get_username()
    response["X-Session-Id"] = str(session.pk)
    response["X-Session-User"] = quote(str(session.user_id), safe="")
    response["X-Session-Username"] = quote(username, safe="")
    response["X-Session-Assurance-Level"] = f"aal{level}"
    # "impersonation" where somebody else acts as the user.
    response["X-Session-Type"] = session.session_type
    response["X-Session-Scopes"] = " ".join(quote(scope, safe=":") for scope in session.scopes)
    response["X-Session-Audience"] = quote(session.audience, safe="")
    return response


def demand(request: Request, asked: QueryDict) -> None:
    """Hold the request to `?require=aal2&max_age=900&scope=reports:read`, each optional.

    Scopes are asked of tokens alone. Raises InsufficientScope for one without them,
    InsufficientAuthentication, the challenge of RFC 9470, for a session that has
    not proven as much, or not lately; ValidationError for what is no level or no seconds.
    """
    scopes = set(asked.get("scope", "").split())
    if isinstance(request.auth, Bearer) and not scopes <= request.auth.scopes:
        raise InsufficientScope(scopes)
    level = asked.get("require")
    seconds = asked.get("max_age")
    if level is None and seconds is None:
        return
    max_age = None
    if seconds is not None:
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _DIGITS):
            raise ValidationError({"max_age": [_("Use a whole number of seconds.")]})
        max_age = timedelta(seconds=int(seconds))
    try:
        requirement = Requirement(level or "aal1", max_age)
    except ValueError:
        words = "aal0, aal1, aal2, aal3, available"
        message = _("Use one of: %(words)s.") % {"words": words}
        raise ValidationError({"require": [message]}) from None
    if (lacking := shortfall(request, requirement)) is not None:
        raise InsufficientAuthentication(lacking)
