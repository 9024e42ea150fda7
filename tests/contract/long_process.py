"""Another process of the site, asked "who am I?" as often as wanted, with a cookie of the first.

Usage: python -m tests.contract.long_process '{"cookie": …, "settings": {…}}'
Answers each line of its input with one of JSON: the user, and the hub's own statements.
A line "end" ends all sessions there; "ready" asks as nobody, and is answered once the site runs.
"""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main() -> None:
    import django
    from django.conf import settings

    asked = json.loads(sys.argv[1])
    for name, value in asked["settings"].items():
        setattr(settings, name, value)
    django.setup()
    from django.db import connections
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from sessions_hub.lifecycle import end_sessions
    from sessions_hub.lifecycle.guard import database
    from sessions_hub.models import Session
    from tests.contract.browser import CHROME

    for line in sys.stdin:
        if line.strip() == "end":
            print(json.dumps(end_sessions(Session.objects.all(), reason="compromised")), flush=True)
            continue
        client = Client(headers={"user-agent": CHROME})
        if line.strip() == "ready":
            print(json.dumps(client.get("/username/").status_code), flush=True)
            continue
        client.cookies[settings.SESSION_COOKIE_NAME] = asked["cookie"]
        with CaptureQueriesContext(connections[database()]) as captured:
            user = client.get("/username/").content.decode()
        ours = [query for query in captured.captured_queries if "sessions_hub_" in query["sql"]]
        print(json.dumps([user, len(ours)]), flush=True)


main()
