"""Who may ask."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class IsSiteUser(IsAuthenticated):
    """Signed in, as a user of AUTH_USER_MODEL: others have no sessions here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        # By class, not by key: another model's user may share a key with somebody.
        return super().has_permission(request, view) and isinstance(request.user, get_user_model())
