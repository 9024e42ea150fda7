"""Starting a session for a user: a server that has signed somebody in by means of its own."""

from __future__ import annotations

from typing import Any

from django.db import Error as DatabaseFault
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.api.errors import (
    OtherAudience,
    ReauthenticationRequired,
    ScopesNotGranted,
    SessionLimit,
)
from sessions_hub.api.handing_out import parent_of
from sessions_hub.conf import conf
from sessions_hub.lifecycle import (
    Requirement,
    TooManySessions,
    Unavailable,
    shortfall,
)
from sessions_hub.lifecycle.minting import (
    audience_within,
    claims_within,
    excess,
    lifetime_within,
)
from sessions_hub.lifecycle.staff import CreationDenied, create_for, refuse_creation
from sessions_hub.models import Method

from .base import STAFF
from .errors import CreationRefused
from .requests import CreateRequest
from .sessions import StaffSessionViewSet
from .users import find_user


class StaffSessions(StaffSessionViewSet):
    """All of `staff/sessions/`."""

    required_scopes = {**StaffSessionViewSet.required_scopes, "create": STAFF}
    required_permissions = {**StaffSessionViewSet.required_permissions, "create": "add_session"}

    @sensitive_variables()
    def create(self, request: Request) -> Response:
        """Start a session for a user; 201 with its secret, which is shown this once."""
        asked = CreateRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.values
        if self.bearer is None:
            self._ask_for_proof()
        parent = parent_of(request, self.now)
        user = find_user(values.pop("user"))
        if user is None:
            raise ValidationError({"user": [_("There is no user with this id.")]})
        try:
            # Before the scopes, which depend on who the user is.
            refuse_creation(request.user, user)
            if refused := excess(values["scopes"], user, self.bearer):
                raise ScopesNotGranted(refused)
            if (audience := audience_within(values["audience"], self.bearer)) is None:
                raise OtherAudience
            values["audience"] = audience
            values["lifetime"] = lifetime_within(values["lifetime"], self.bearer, self.now)
            claims = claims_within(parent, Method.SERVER)
            issued = create_for(user, claims, self.actor, now=self.now, **values)
        except CreationDenied as denial:
            raise CreationRefused(denial) from denial
        except TooManySessions as error:
            raise SessionLimit from error
        except DatabaseFault as error:
            raise Unavailable("The session could not be stored; try again.") from error
        session = self.get_queryset().get(pk=issued.session.pk)
        data: dict[str, Any] = {**self.get_serializer(session).data, "secret": issued.secret}
        return Response(data, status=201)

    def _ask_for_proof(self) -> None:
        """Refuse whoever is signed in and has not proven it lately, without exception."""
        fresh = Requirement("aal1", conf.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE)
        if (lacking := shortfall(self.request, fresh)) is not None:
            raise ReauthenticationRequired(lacking)
