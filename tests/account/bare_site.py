"""The same site without the page that asks again."""

from __future__ import annotations

from django.urls import path

from tests.lifecycle.urls import urlpatterns as common

from .site import strong

urlpatterns = [
    *(one for one in common if str(one.pattern) != "account/"),
    path("strong/", strong),
]
