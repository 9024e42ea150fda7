"""What may stand in the body of a request. Whatever else stands there is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from sessions_hub.lifecycle.policy import LONGEST
from sessions_hub.models import SessionType

# RFC 6749 §3.3.
_SCOPE = r"^[\x21\x23-\x5B\x5D-\x7E]{1,64}\Z"


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members it does not know: an assignment that silently fails misleads."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("This cannot be set.")] for name in unknown}, code="unknown_field"
                )
        return super().to_internal_value(data)

    @property
    def values(self) -> dict[str, Any]:
        """What was asked for, with the defaults of what was not."""
        return dict(self.validated_data)


class TokenRequest(StrictSerializer):
    """An API key for who is signed in."""

    session_type = serializers.ChoiceField([SessionType.API_KEY], default=SessionType.API_KEY)
    name = serializers.CharField(max_length=100, default="", allow_blank=True)
    scopes = serializers.ListField(
        child=serializers.RegexField(_SCOPE), default=list, max_length=50
    )
    audience = serializers.CharField(max_length=64, default="", allow_blank=True)
    # In seconds.
    lifetime = serializers.IntegerField(
        min_value=1, max_value=int(LONGEST.total_seconds()), default=None, allow_null=True
    )

    def validate_lifetime(self, seconds: int | None) -> timedelta | None:
        return None if seconds is None else timedelta(seconds=seconds)


class SignInRequest(TokenRequest):
    """The credentials of a user, and the session they are to give."""

    session_type = serializers.ChoiceField(
        [SessionType.REGULAR_LOGIN, SessionType.API_KEY], default=SessionType.REGULAR_LOGIN
    )
    username = serializers.CharField(max_length=254, trim_whitespace=False)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    # Of a second factor, and which one where there are several.
    code = serializers.CharField(max_length=64, default="", allow_blank=True)
    factor = serializers.CharField(max_length=255, default="", allow_blank=True)
