"""Users and the hub on one database, Django's sessions on another."""

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
