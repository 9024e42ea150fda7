"""Asks "who am I?" in another process, with a cookie of the first one.

Usage: python -m tests.contract.second_process '{"cookie": …, "settings": {…}}'
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
    from django.test import Client

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = asked["cookie"]
    print(json.dumps(client.get("/whoami/").json()["user"]))


main()
