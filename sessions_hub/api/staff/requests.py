"""What staff may say: conditions on sessions, the session to start, and how long to extend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from sessions_hub.api.requests import StrictSerializer, TokenRequest
from sessions_hub.capture import ClientSnapshot, given_snapshot
from sessions_hub.lifecycle.policy import LONGEST
from sessions_hub.lifecycle.staff import MOST
from sessions_hub.models import Method, SessionType, Status
from sessions_hub.models.predicate import WrongCondition

Answer = TypeVar("Answer")

# What staff start for a user; the other types come about by themselves.
STARTED = (
    SessionType.REGULAR_LOGIN,
    SessionType.API_KEY,
    SessionType.SERVICE_ACCOUNT,
    SessionType.OAUTH_CLIENT,
    SessionType.OAUTH_SESSION,
    SessionType.ONE_TIME_ACCESS,
)
_LEVELS = ["aal0", "aal1", "aal2", "aal3"]
# Spelt out: the site's own formats must not change what a time means here.
_MOMENT: Mapping[str, Any] = {
    "input_formats": ["iso-8601"],
    "default_timezone": UTC,
    "required": False,
}


class Conditions(StrictSerializer):
    """What a list is narrowed by, and what is ended by, alike."""

    user = serializers.CharField(max_length=254, required=False)
    session_type = serializers.ChoiceField(SessionType.choices, required=False)
    network = serializers.CharField(max_length=64, required=False)
    country_code = serializers.CharField(max_length=2, required=False)
    os_code = serializers.CharField(max_length=16, required=False)
    method = serializers.ChoiceField(Method.choices, required=False)
    assurance_level = serializers.ChoiceField(_LEVELS, required=False)
    tenant_id = serializers.CharField(max_length=64, required=False)

    def validate_assurance_level(self, level: str) -> int:
        return _LEVELS.index(level)


class SessionFilters(Conditions):
    """The filters of the list of sessions."""

    status = serializers.ChoiceField(Status.choices, required=False)
    ip = serializers.IPAddressField(required=False)
    # Empty for the sessions that are in none.
    tenant_id = serializers.CharField(max_length=64, required=False, allow_blank=True)


class EndRequest(Conditions):
    """Which sessions to end, and whether only to look."""

    autonomous_system = serializers.CharField(max_length=128, required=False)
    os_version_below = serializers.CharField(max_length=32, required=False)
    client_code = serializers.CharField(max_length=16, required=False)
    client_version_below = serializers.CharField(max_length=32, required=False)
    # Nothing is below aal0.
    assurance_level_below = serializers.ChoiceField(_LEVELS[1:], required=False)
    issued_before = serializers.DateTimeField(**_MOMENT)
    last_used_before = serializers.DateTimeField(**_MOMENT)
    device = serializers.UUIDField(required=False)
    dry_run = serializers.BooleanField(default=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=MOST)

    def validate_assurance_level_below(self, level: str) -> int:
        return _LEVELS.index(level)


class ExtendRequest(StrictSerializer):
    """How long from now, in seconds."""

    lifetime = serializers.IntegerField(
        min_value=1, max_value=int(LONGEST.total_seconds()), default=None, allow_null=True
    )

    def validate_lifetime(self, seconds: int | None) -> timedelta | None:
        return None if seconds is None else timedelta(seconds=seconds)


class CreateRequest(TokenRequest):
    """The session to start: whose, what for, and where its end user is."""

    user = serializers.CharField(max_length=254)
    session_type = serializers.ChoiceField(STARTED, default=SessionType.REGULAR_LOGIN)
    # Of the end user, as the server saw them; never those of the server.
    ip = serializers.CharField(max_length=128, default="", allow_blank=True)
    user_agent = serializers.CharField(max_length=4096, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """With the snapshot of the end user's client in the place of its parts."""
        address, agent = attrs.pop("ip"), attrs.pop("user_agent")
        if not address and agent:
            raise serializers.ValidationError({"ip": [_("Give the address, too.")]})
        try:
            attrs["snapshot"] = given_snapshot(address, agent) if address else ClientSnapshot()
        except ValueError as error:
            raise serializers.ValidationError({"ip": [str(error)]}) from None
        return attrs


class ImpersonationRequest(StrictSerializer):
    """Why; whether that is a reason the lifecycle says."""

    reason = serializers.CharField(default="", allow_blank=True, max_length=1000)


class DeviceFilters(StrictSerializer):
    """The filters of the list of devices."""

    user = serializers.CharField(max_length=254, required=False)


class MethodFilters(DeviceFilters):
    """The filters of the list of proofs."""

    session = serializers.UUIDField(required=False)
    method = serializers.ChoiceField(Method.choices, required=False)


def checked(call: Callable[[], Answer]) -> Answer:
    """What `call` returns; a condition that says nothing is an error of that member."""
    try:
        return call()
    except WrongCondition as error:
        name = error.name or "non_field_errors"
        raise serializers.ValidationError({name: [str(error)]}) from None
