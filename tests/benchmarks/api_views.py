"""The site of api.py: what a site with Django REST framework writes itself, and the hub's API."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from sessions_hub.models import AuthenticationMethod, Session, SessionDevice
from tests.benchmarks.views import urlpatterns as plain

PAGE = 101
_CLIENT = [
    "user_agent",
    "os_code",
    "os_name",
    "os_version",
    "client_type",
    "client_code",
    "client_name",
    "client_version",
    "client_engine",
    "client_engine_version",
    "device_type",
    "device_brand",
    "device_model",
    "ip",
    "country_code",
    "location",
]


class Read(APIView):
    """Next to nothing, by a user who has to be known."""

    def get(self, request: Request) -> Response:
        return Response({"username": request.user.username})


class WhoAmI(APIView):
    """The user, as many sites tell a program who it is."""

    def get(self, request: Request) -> Response:
        user: Any = request.user
        names = ("id", "username", "email", "first_name", "last_name", "date_joined")
        return Response({name: getattr(user, name) for name in names})


class Introspect(APIView):
    """Whether a token of Django REST framework's is good, to somebody who is signed in."""

    def post(self, request: Request) -> Response:
        tokens = apps.get_model("authtoken.Token")._base_manager.select_related("user")
        token = tokens.filter(key=request.data["token"]).first()
        if token is None or not token.user.is_active:
            return Response({"active": False})
        return Response({"active": True, "username": token.user.username})


class Tokenize(APIView):
    """A token of simplejwt's for whoever is signed in."""

    def get(self, request: Request) -> Response:
        from rest_framework_simplejwt.tokens import AccessToken

        return Response({"tokenized": str(AccessToken.for_user(request.user))})


class OwnToken(APIView):
    """The end of a token of Django REST framework's, by itself."""

    def delete(self, request: Request) -> Response:
        request.auth.delete()
        return Response(status=204)


@csrf_exempt
def sign_out(request: HttpRequest) -> HttpResponse:
    """The end of Django's session."""
    logout(request)
    return HttpResponse(status=204)


class _Proofs(serializers.ModelSerializer):
    class Meta:
        model = AuthenticationMethod
        fields = [
            "id",
            "method",
            "assurance_level",
            "completed_at",
            "provider",
            "provider_uid",
            "organization",
            "upstream_acr",
            "upstream_amr",
        ]


class _Places(serializers.ModelSerializer):
    device_name = serializers.CharField(source="device.name")

    class Meta:
        model = SessionDevice
        fields = ["id", "device_id", "device_name", "first_seen_at", "last_seen_at", *_CLIENT]


class _Sessions(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username")
    authentication_methods = _Proofs(many=True)
    session_devices = _Places(many=True)

    class Meta:
        model = Session
        fields = [
            "id",
            "session_type",
            "name",
            "user_id",
            "username",
            "tenant_id",
            "workspace_id",
            "audience",
            "scopes",
            "metadata",
            "issued_at",
            "authenticated_at",
            "mfa_updated_at",
            "last_used_at",
            "updated_at",
            "expires_at",
            "idle_expires_at",
            "ended_at",
            "end_reason",
            "assurance_level",
            "authentication_methods",
            "session_devices",
            *_CLIENT,
        ]


class _Pages(CursorPagination):
    ordering = "-id"
    page_size = PAGE


class Sessions(ReadOnlyModelViewSet):
    """The same rows by Django REST framework's own serializers, loaded with care."""

    serializer_class = _Sessions
    pagination_class = _Pages

    def get_queryset(self) -> Any:
        rows = Session.objects.filter(user=self.request.user.pk).select_related("user")
        return rows.prefetch_related("authentication_methods", "session_devices__device")


urlpatterns = [
    *plain,
    path("read/", Read.as_view()),
    path("who/", WhoAmI.as_view()),
    path("introspect/", Introspect.as_view()),
    path("tokenize/", Tokenize.as_view()),
    path("token/", OwnToken.as_view()),
    path("out/", sign_out),
    path("sessions/", Sessions.as_view({"get": "list"})),
    path("api/", include("sessions_hub.api.urls")),
]

if find_spec("rest_framework_simplejwt") is not None:
    from rest_framework_simplejwt.views import TokenRefreshView, TokenVerifyView

    urlpatterns += [
        path("jwt/refresh/", TokenRefreshView.as_view()),
        path("jwt/verify/", TokenVerifyView.as_view()),
    ]
