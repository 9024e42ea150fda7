"""What a worker does for policies.py. Imported once Django is set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import mail
from django.utils import timezone

from tests.benchmarks.browser import Visit
from tests.benchmarks.jobs import POOL, Visits, add_users, analyze, checked, sign_in, sign_in_again
from tests.benchmarks.variants import Variant
from tests.lifecycle.places import NEW_YORK, write_places

# Rows whose requests leave nothing behind.
READING = frozenset({"form", "read"})
# What else than 200 is the answer of a policy: the page to prove oneself on, a refusal.
STATUSES = {"step_up": {"moved": 302, "back": 302}, "refuse": {"known": 409}}


class Policies(Visits):
    """Requests and sign-ins in which some policy has something to do.

    - form: the page with the form, of somebody who is not signed in
    - read: a request from where the one before came from, a view that reads the user
    - moved: the first request from another continent, of a session begun in Berlin
    - back: a request from the place of the sign-in, the one before came from the other
    - known: a sign-in of a user with three live sessions, the latest on this device
    - new: a sign-in from a new device on another continent, of a user with an older one
    """

    def __init__(self, one: Variant) -> None:
        super().__init__()
        if path := getattr(settings, "SESSIONS_HUB_GEOIP_PATH", None):
            write_places(Path(path))
        self.models: list[Any] = [
            apps.get_model(name) for name in ("sessions.Session", *one.models)
        ]
        names = {
            kind: [f"{kind}{i}" for i in range(POOL)]
            for kind in ("read", "moved", "back", "known", "new")
        }
        add_users(*(name for kind in names.values() for name in kind))
        self.rows["form"] = [Visit("/public/")] * POOL
        self.rows["read"] = [Visit("/whoami/", self._signed_in(name)) for name in names["read"]]
        self.rows["moved"] = [self._elsewhere(name) for name in names["moved"]]
        away = [self._elsewhere(name) for name in names["back"]]
        # Whatever a policy says to that.
        self.wsgi.visit(away)
        self.rows["back"] = [Visit(visit.path, visit.cookies) for visit in away]
        for name in names["known"]:
            checked(self.wsgi.visit([sign_in(name), sign_in(name)]))
        self.rows["known"] = [sign_in_again(self.wsgi, name) for name in names["known"]]
        checked(self.wsgi.visit([sign_in(name) for name in names["new"]]))
        self.rows["new"] = [sign_in(name, address=NEW_YORK) for name in names["new"]]
        self._revive()
        analyze()
        self.before = {model: self._values(model) for model in self.models}
        self.statuses = STATUSES.get(one.key, {})
        for row in self.rows:
            self.block(row, POOL)

    def restore(self, row: str) -> None:
        if row in READING:
            return
        for model in self.models:
            before = self.before[model]
            model._base_manager.exclude(pk__in=list(before)).delete()
            found = self._values(model)
            model._base_manager.bulk_create(
                model(pk=pk, **values) for pk, values in before.items() if pk not in found
            )
            for pk, now in found.items():
                if now == (values := before[pk]):
                    continue
                if "last_used_at" in values:
                    # Or the next block would also have to note that time has passed.
                    values = values | {"last_used_at": timezone.now()}
                model._base_manager.filter(pk=pk).update(**values)
        getattr(mail, "outbox", []).clear()

    def _signed_in(self, name: str) -> dict[str, str]:
        return checked(self.wsgi.visit([sign_in(name)]))[0].cookies

    def _elsewhere(self, name: str) -> Visit:
        return Visit("/whoami/", self._signed_in(name), address=NEW_YORK)

    def _revive(self) -> None:
        """The policies have been at the sessions made so far, too."""
        if apps.is_installed("sessions_hub"):
            sessions = apps.get_model("sessions_hub.Session")._base_manager
            sessions.update(ended_at=None, end_reason="", ended_by=None, ended_by_label="")

    def _values(self, model: Any) -> dict[Any, dict[str, Any]]:
        names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
        return {row.pop("pk"): row for row in model._base_manager.values("pk", *names)}
