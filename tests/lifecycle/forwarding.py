"""A server that renders the pages of a site, and what it tells of its end users."""

from __future__ import annotations

import json

from django.contrib.auth.models import Permission
from django.http import HttpResponse

from tests.contract.browser import CHROME, Browser

SERVER = "undici"
SERVER_ADDRESS = "127.0.0.1"
COOKIE = "sessions_hub_device"


def permit(user):
    user.user_permissions.add(Permission.objects.get(codename="forward_client"))


def told(address: str = "198.51.100.7", user_agent: str = CHROME, **more: object) -> dict:
    return {"X-Client": json.dumps({"address": address, "user_agent": user_agent, **more})}


def sign_in(server: Browser, name: str = "ada", **client: object) -> HttpResponse:
    """Sign somebody in; the session cookie goes to their browser, so it is not kept."""
    server.cookies.pop("sessionid", None)
    return server.get(server.twin("/sign-in-for/") + f"?user={name}", **told(**client))


def page(server: Browser, **client: object) -> HttpResponse:
    return server.get(server.twin("/page-for/"), **told(**client))
