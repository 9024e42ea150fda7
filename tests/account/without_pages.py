"""A site that has its own views, and shows the banner all the same."""

from __future__ import annotations

from django.urls import path

from tests.account.banner_site import banner
from tests.lifecycle.impersonating import urlpatterns as common

urlpatterns = [
    path("banner/", banner),
    *(one for one in common if str(one.pattern) != "account/"),
]
