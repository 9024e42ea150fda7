"""What drf-spectacular asks about the hub's views, authentication and fields.

Importing this registers the classes. It says nothing about any other view, and takes
nothing from REST_FRAMEWORK: the hub's views bring a schema of their own.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
    OpenApiViewExtension,
)
from drf_spectacular.plumbing import get_class
from rest_framework.views import APIView

from .names import component_name, is_version_31

Schema = dict[str, Any]


class HubViews(OpenApiViewExtension):
    """Every view of the hub, with a schema class of its own."""

    target_class = "sessions_hub.api.base.HubView"
    match_subclasses = True

    def view_replacement(self) -> type[APIView]:
        from .schema import HubSchema

        # The name stays: it is what warnings tell.
        members = {"schema": HubSchema(), "__module__": self.target.__module__}
        return type(self.target.__name__, (self.target,), members)


class KeySetView(HubViews):
    """The keys of signed tokens, whose view has no user."""

    target_class = "sessions_hub.api.jwks.JwksView"


class Bearer(OpenApiAuthenticationExtension):
    """The secret of an API session."""

    target_class = "sessions_hub.api.authentication.BearerAuthentication"
    name = "hubToken"

    def get_security_requirement(self, auto_schema: Any) -> Schema | list[Schema]:
        scopes = getattr(auto_schema, "scopes", None)
        # Other schemes than OAuth 2 have had no list of scopes before 3.1.
        return {self.name: sorted(scopes) if scopes and is_version_31() else []}

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The secret of an API session. An operation names the scopes it needs.",
        }


class SiteBearer(Bearer):
    """The same in views of the site's own: drf-spectacular wants a name for each class."""

    target_class = "sessions_hub.api.authentication.SessionTokenAuthentication"
    name = "hubSessionToken"


class Cookie(OpenApiAuthenticationExtension):
    """Django's session, and a CSRF token with whatever writes."""

    target_class = "sessions_hub.api.authentication.CookieAuthentication"
    name = ["hubCookie", "hubCsrf"]

    def get_security_requirement(self, auto_schema: Any) -> Schema | list[Schema]:
        writes = auto_schema.method not in ("GET", "HEAD")
        return {name: [] for name in (self.name if writes else self.name[:1])}

    def get_security_definition(self, auto_schema: Any) -> list[Schema]:
        header = settings.CSRF_HEADER_NAME.removeprefix("HTTP_").replace("_", "-").title()
        return [
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "A browser that has signed in to the site.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": header,
                "description": "Django's CSRF token, which whatever writes by cookie needs.",
            },
        ]


class StrictInput(OpenApiSerializerExtension):
    """A body or a query string: members it does not name are errors."""

    target_class = "sessions_hub.api.requests.StrictSerializer"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return component_name(get_class(self.target))

    def map_serializer(self, auto_schema: Any, direction: Any) -> Schema:
        from .inputs import tidied

        mapped = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**tidied(mapped, auto_schema, self.target), "additionalProperties": False}


class StaffDevice(OpenApiSerializerExtension):
    """A row of the list of devices, named apart from those of the site."""

    target_class = "sessions_hub.api.staff.serializers.DeviceSerializer"

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return component_name(get_class(self.target))


class StaffMethod(StaffDevice):
    """A row of the list of proofs."""

    target_class = "sessions_hub.api.staff.serializers.AuthenticationMethodSerializer"


class Metadata(OpenApiSerializerFieldExtension):
    """A JSON object of the user's own."""

    target_class = "sessions_hub.api.requests.MetadataField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        return {"type": "object", "additionalProperties": {}}
