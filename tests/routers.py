"""Routers of several databases: Django's sessions apart from people, and a replica for lists."""

from __future__ import annotations

PEOPLE = {
    "auth",
    "contenttypes",
    "users",
    "sessions_hub",
    "sessions_hub_engine",
    "admin",
    "otp_totp",
    "otp_static",
}


class SplitRouter:
    def _of(self, app_label):
        return "people" if app_label in PEOPLE else "default"

    def db_for_read(self, model, **hints):
        return self._of(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, one, two, **hints):
        return self._of(one._meta.app_label) == self._of(two._meta.app_label)

    def allow_migrate(self, db, app_label, **hints):
        return db == self._of(app_label)


class ReplicaRouter:
    """Lists and charts of the hub from a replica; all else from the primary."""

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "sessions_hub" else "default"

    def db_for_write(self, model, **hints):
        # Said for every model: Django would write a row back to where it was read.
        return "default"

    def allow_relation(self, one, two, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"


class StaleRouter(ReplicaRouter):
    """Of a replica that has heard of nothing yet: its tables are there, and empty."""

    def allow_migrate(self, db, app_label, **hints):
        return True
