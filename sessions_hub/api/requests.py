"""What may stand in the body of a request. Whatever else stands there is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from rest_framework import serializers

from sessions_hub.lifecycle.metadata import (
    DEEPEST,
    MetadataTooDeep,
    MetadataTooLarge,
    check_metadata,
)
from sessions_hub.lifecycle.metadata import LONGEST as LARGEST_METADATA
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


class LifetimeField(serializers.IntegerField):
    """How long a session is to last, in seconds; null for the default."""

    def __init__(self, **options: Any) -> None:
        longest = int(LONGEST.total_seconds())
        super().__init__(min_value=1, max_value=longest, allow_null=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        seconds = super().run_validation(data)
        return None if seconds is None else timedelta(seconds=seconds)


class StrictBoolean(serializers.BooleanField):
    """JSON's true or false: "no" and 0 are not taken for either."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class NoMembers(StrictSerializer):
    """A call that takes nothing."""


class MetadataField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object that `check_metadata()` lets pass."""

    default_error_messages = {
        "object": _("Use a JSON object, without NUL and lone surrogates."),
        "large": ngettext_lazy(
            "Use at most {most} byte of compact JSON.",
            "Use at most {most} bytes of compact JSON.",
            LARGEST_METADATA,
        ),
        "deep": ngettext_lazy("Use at most {most} level.", "Use at most {most} levels.", DEEPEST),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            check_metadata(data)
        except MetadataTooLarge:
            self.fail("large", most=LARGEST_METADATA)
        except MetadataTooDeep:
            self.fail("deep", most=DEEPEST)
        except ValueError:
            self.fail("object")
        metadata: dict[str, Any] = data
        return metadata


class SessionPatch(StrictSerializer):
    """What users write to a session of their own."""

    metadata = MetadataField(required=False)
    # Of an API key.
    name = serializers.CharField(max_length=100, allow_blank=True, required=False)


class DevicePatch(StrictSerializer):
    """What users write to a device of their own."""

    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    trusted = StrictBoolean(required=False)


class ExtendRequest(StrictSerializer):
    """How long a program's session is to last from now on."""

    lifetime = LifetimeField(default=None)


class StepUpRequest(StrictSerializer):
    """What proves the session once more: its user's password, a code, or both."""

    password = serializers.CharField(
        max_length=4096, trim_whitespace=False, default="", allow_blank=True
    )
    code = serializers.CharField(max_length=64, default="", allow_blank=True)
    factor = serializers.CharField(max_length=255, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["password"] and not attrs["code"]:
            raise serializers.ValidationError(
                {"password": [_("Give a password, a code, or both.")]}, code="required"
            )
        return attrs


class TokenRequest(StrictSerializer):
    """An API key for who is signed in."""

    session_type = serializers.ChoiceField([SessionType.API_KEY], default=SessionType.API_KEY)
    name = serializers.CharField(max_length=100, default="", allow_blank=True)
    scopes = serializers.ListField(
        child=serializers.RegexField(_SCOPE), default=list, max_length=50
    )
    audience = serializers.CharField(max_length=64, default="", allow_blank=True)
    lifetime = LifetimeField(default=None)


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
