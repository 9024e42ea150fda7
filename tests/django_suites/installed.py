"""Puts the hub into every site that Django's tests build.

They name the apps and the middleware in Django's runner, in `override_settings`, and in
`available_apps`. Wherever they name what the hub stands on, the hub is added; nothing is
taken away, and what a test asserts stays as it is.
"""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.test.utils import override_settings

APPS = ["sessions_hub", "sessions_hub.engine"]
NEEDED_APPS = {
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
}
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
MIDDLEWARE = "sessions_hub.middleware.SessionsHubMiddleware"


def with_apps(apps: Any) -> list[str]:
    """The apps of a site, and the hub where it can be installed."""
    apps = list(apps)
    if set(apps) >= NEEDED_APPS:
        apps += [name for name in APPS if name not in apps]
    return apps


def with_middleware(middleware: Any) -> list[str]:
    """The middleware of a site, and ours right behind the one that sets the user."""
    middleware = list(middleware)
    if AUTHENTICATION in middleware and MIDDLEWARE not in middleware:
        middleware.insert(middleware.index(AUTHENTICATION) + 1, MIDDLEWARE)
    return middleware


def install(runtests: Any) -> None:
    """Change Django's runner, before it has set anything up."""
    runtests.ALWAYS_INSTALLED_APPS[:] = with_apps(runtests.ALWAYS_INSTALLED_APPS)
    runtests.ALWAYS_MIDDLEWARE[:] = with_middleware(runtests.ALWAYS_MIDDLEWARE)

    enable = override_settings.enable

    def enable_with_hub(self: Any) -> None:
        if "INSTALLED_APPS" in self.options:
            self.options["INSTALLED_APPS"] = with_apps(self.options["INSTALLED_APPS"])
        if "MIDDLEWARE" in self.options:
            self.options["MIDDLEWARE"] = with_middleware(self.options["MIDDLEWARE"])
        enable(self)

    override_settings.enable = enable_with_hub  # type: ignore[method-assign]

    make_available = Apps.set_available_apps

    def make_available_with_hub(self: Any, available: Any) -> None:
        # Without its tables being emptied the next test would find the last one's rows.
        make_available(self, {*available, *APPS, *NEEDED_APPS})

    Apps.set_available_apps = make_available_with_hub  # type: ignore[method-assign]
