"""The tests' admin site, with a page to sign in and the pages for users."""

from __future__ import annotations

from tests.admin.site import urlpatterns as admin_patterns

from .pages_site import urlpatterns as pages

urlpatterns = [*admin_patterns[:1], *(one for one in pages if str(one.pattern) != "admin/")]
