"""The admin on unfold's base, with a page to sign in and the pages for users."""

from __future__ import annotations

from tests.admin.unfold_site import urlpatterns as admin_patterns
from tests.browser.pages_site import urlpatterns as pages

urlpatterns = [*admin_patterns[:1], *(one for one in pages if str(one.pattern) != "admin/")]
