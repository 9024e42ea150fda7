"""A site that has not mounted the pages of the account."""

from __future__ import annotations

from django.urls import path

from .site import site

urlpatterns = [path("admin/", site.urls)]
