"""The schema of a site that has views of its own beside the hub's."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("drf_spectacular", reason="the extra [openapi] is not installed")
from django.test import RequestFactory
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.api.authentication import SessionTokenAuthentication
from sessions_hub.openapi import extensions

from .document import ROOT, document

assert extensions

HUB = path("api/", include("sessions_hub.api.urls"))


class SessionSerializer(serializers.Serializer):
    """Named as the hub's, with members named as its."""

    status = serializers.ChoiceField(["on", "off"])
    session_type = serializers.ChoiceField(["long", "short"])
    object = serializers.ChoiceField(["desk", "chair"])


class Sessions(APIView):
    """A view of the site's own."""

    schema = AutoSchema()
    authentication_classes = (SessionTokenAuthentication,)
    serializer_class = SessionSerializer

    def get(self, request):
        """What the site tells."""
        return Response({})


OWN = path("sessions/", Sessions.as_view())


def schema_of(*patterns, **settings):
    """The schema of these routes. Raises where drf-spectacular has a warning."""
    GENERATOR_STATS.reset()
    with patched_settings(settings):
        schema = SchemaGenerator(patterns=list(patterns)).get_schema(request=None, public=True)
        validate_schema(schema)
    assert not GENERATOR_STATS, GENERATOR_STATS._warn_cache | GENERATOR_STATS._error_cache
    return schema


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1"])
@pytest.mark.parametrize("split", [False, True])
def test_the_hub_changes_nothing_of_the_site(version, split):
    options = {"OAS_VERSION": version, "COMPONENT_SPLIT_REQUEST": split}
    alone, both = schema_of(OWN, **options), schema_of(OWN, HUB, **options)
    own = both["paths"]["/sessions/"]["get"]
    # The tag and the id are made from what paths have in common, of all routes.
    assert own == {**alone["paths"]["/sessions/"]["get"], "operationId": own["operationId"]}
    for kind, components in alone["components"].items():
        for name, component in components.items():
            assert both["components"][kind][name] == component
    others = set(both["components"]["schemas"]) - set(alone["components"]["schemas"])
    assert others
    assert all(name.startswith("Hub") for name in others)


def test_a_view_of_the_site_that_takes_the_hub_s_tokens_says_so():
    schema = schema_of(OWN, OAS_VERSION="3.1.1")
    assert schema["paths"]["/sessions/"]["get"]["security"] == [{"hubSessionToken": []}, {}]


def test_openapi_3_0_is_valid_too():
    schema = schema_of(HUB)
    assert schema["openapi"] == "3.0.3"
    session = schema["components"]["schemas"]["HubSession"]["properties"]
    assert session["ended_at"] == {"type": "string", "format": "date-time", "nullable": True}
    scopes = [
        scheme.get("hubToken", [])
        for item in schema["paths"].values()
        for operation in item.values()
        for scheme in operation["security"]
    ]
    assert not any(scopes)
    assert set(schema["paths"]) == set(document()["paths"])


def test_the_schema_can_be_served():
    view = SpectacularAPIView.as_view(patterns=[HUB], custom_settings={"OAS_VERSION": "3.1.1"})
    request = RequestFactory().get("/schema/", headers={"accept": "application/json"})
    served = view(request).render()
    assert served.status_code == 200
    assert json.loads(served.content)["paths"] == document()["paths"]


def test_what_stands_before_the_api_is_a_parameter():
    schema = schema_of(path("<slug:shop>/api/", include("sessions_hub.api.urls")))
    operation = schema["paths"]["/{shop}/api/sessions/{id}/"]["get"]
    kinds = {one["name"]: one["schema"] for one in operation["parameters"] if "name" in one}
    assert kinds == {
        "shop": {"type": "string"},
        "id": {"type": "string", "format": "uuid"},
    }


WITHOUT = """
import sys
sys.modules["drf_spectacular"] = None  # importing it raises ImportError
import django
django.setup()
import sessions_hub.api.urls
"""
NOT_ASKED_FOR = """
import sys, django
django.setup()
import sessions_hub.api.urls
assert "drf_spectacular" not in sys.modules
"""


@pytest.mark.parametrize("program", [WITHOUT, NOT_ASKED_FOR], ids=["missing", "not installed"])
def test_the_api_does_without_the_package(program):
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
