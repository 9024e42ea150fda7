"""Devices and proofs, as staff read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from rest_framework import serializers

# Spelt out: nothing is taken from the site's own formats.
_TIME: Mapping[str, Any] = {"format": "iso-8601", "default_timezone": UTC}


class DeviceSerializer(serializers.Serializer[Any]):
    """A device, read only; the client columns are the latest seen."""

    id = serializers.CharField()
    user_id = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    trusted_at = serializers.DateTimeField(allow_null=True, **_TIME)
    first_seen_at = serializers.DateTimeField(**_TIME)
    last_seen_at = serializers.DateTimeField(**_TIME)
    forgotten_at = serializers.DateTimeField(allow_null=True, **_TIME)
    user_agent = serializers.CharField()
    os_code = serializers.CharField()
    os_name = serializers.CharField()
    os_version = serializers.CharField()
    client_type = serializers.CharField()
    client_code = serializers.CharField()
    client_name = serializers.CharField()
    client_version = serializers.CharField()
    device_type = serializers.CharField()
    device_brand = serializers.CharField()
    device_model = serializers.CharField()
    is_bot = serializers.BooleanField()


class AuthenticationMethodSerializer(serializers.Serializer[Any]):
    """A proof, read only, with whose it was; the provider's tokens are nobody's to read."""

    id = serializers.CharField()
    session_id = serializers.CharField()
    user_id = serializers.CharField(allow_null=True)
    method = serializers.CharField()
    assurance_level = serializers.SerializerMethodField()
    completed_at = serializers.DateTimeField(**_TIME)
    revoked_at = serializers.DateTimeField(allow_null=True, **_TIME)
    provider = serializers.CharField()
    provider_uid = serializers.CharField()
    organization = serializers.CharField()
    upstream_acr = serializers.CharField()
    upstream_amr = serializers.ListField()

    def get_assurance_level(self, proof: Any) -> str:
        return f"aal{proof.assurance_level}"
