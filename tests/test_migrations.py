"""The tables: made, removed and made again on a real database; no index too many."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionToken,
)
from tests.child_runs import CHILD_LIMIT
from tests.factories import make_session, make_user

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = sorted((ROOT / "sessions_hub/migrations").glob("0*.py"))
TABLES = {
    "sessions_hub_authenticationmethod",
    "sessions_hub_device",
    "sessions_hub_failedsignins",
    "sessions_hub_session",
    "sessions_hub_sessiondevice",
    "sessions_hub_sessiontoken",
}
# Of the app of its own.
ENGINE_TABLE = "sessions_hub_engine_djangosession"
# Columns of each index, and whether it is unique. Whoever adds one, adds it here
# with its reason: every index costs each write.
INDEXES = {
    Session: {
        (("id",), True),
        (("user_id", "id"), False),  # a user's own list; end of all of them
        (("ended_at", "id"), False),  # pruning
        (("ip_key", "id"), False),  # staff looking for an address
        (("django_key_digest",), True),  # adoption makes one row
        (("ended_by_id",), False),  # SET_NULL when that user is deleted
        (("impersonator_id",), False),  # likewise
    },
    Device: {
        (("id",), True),
        (("user_id",), False),
        (("key_digest",), True),
    },
    SessionDevice: {
        (("id",), True),
        (("session_id", "fingerprint"), True),
        (("device_id",), False),
    },
    AuthenticationMethod: {(("id",), True), (("session_id",), False)},
    FailedSignIns: {(("id",), True), (("starts_at", "slot"), True)},
    SessionToken: {(("id",), True), (("session_id",), False), (("digest",), True)},
}
# What a touch writes: in no index, or PostgreSQL could not do it in place.
TOUCHED = {
    "last_used_at",
    "updated_at",
    "expires_at",
    "idle_expires_at",
    "current_fingerprint",
    "last_seen_at",
}


class TestState:
    @pytest.mark.parametrize(
        ("user_model", "more"),
        [
            ("auth.User", 'DEFAULT_AUTO_FIELD = "django.db.models.AutoField"'),
            ("auth.User", 'LANGUAGE_CODE = "de"'),
            ("users.UuidUser", 'LANGUAGE_CODE = "fa"'),
            ("users.StringUser", 'DEFAULT_AUTO_FIELD = "django.db.models.SmallAutoField"'),
        ],
    )
    def test_no_project_finds_changes_to_migrate(self, tmp_path, user_model, more):
        (tmp_path / "site_settings.py").write_text(
            "from tests.settings import *\n"
            "DATABASE_ROUTERS = []\n"
            'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}'
            f"\n{more}\n"
        )
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "django", "makemigrations", "sessions_hub"),
                *("--check", "--dry-run", "--settings", "site_settings"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
                "HUB_TEST_USER_MODEL": user_model,
            },
            capture_output=True,
            text=True,
            timeout=CHILD_LIMIT,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "No changes detected" in ran.stdout

    @pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: file.stem)
    def test_the_only_setting_read_is_the_user_model(self, file):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        read = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("settings", "conf")
        }
        assert read <= {"AUTH_USER_MODEL"}
        imported = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        assert imported <= {
            "django.db.models.deletion",
            "django.utils.timezone",
            "sessions_hub.models.ids",
            "migrations",
            "models",
            "settings",
        }

    def test_no_migration_needs_another_app_than_the_users(self):
        loader = MigrationLoader(None)
        needed = {
            parent[0]
            for key in loader.disk_migrations
            if key[0] == "sessions_hub"
            for parent in loader.disk_migrations[key].dependencies
        }
        assert needed <= {"sessions_hub", "__setting__", get_user_model()._meta.app_label}

    def test_the_engine_needs_the_first_migration_of_ours_and_no_more(self):
        loader = MigrationLoader(None)
        first = loader.disk_migrations["sessions_hub_engine", "0001_initial"]
        assert first.dependencies == [("sessions_hub", "0001_initial")]

    def test_every_key_is_a_uuid(self):
        for model in apps.get_app_config("sessions_hub").get_models():
            assert isinstance(model._meta.pk, models.UUIDField)
            assert not model._meta.pk.editable


def tables() -> set[str]:
    names = connections[database()].introspection.table_names()
    return {name for name in names if name.startswith("sessions_hub_")}


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestDatabase:
    def test_forward_backward_and_forward_again(self):
        alias = database()
        assert tables() == {*TABLES, ENGINE_TABLE}
        user = make_user()
        make_session(user)
        try:
            call_command("migrate", "sessions_hub", "zero", database=alias, verbosity=0)
            assert tables() == set()
            # `migrate` runs this check itself, so it is no error.
            messages = run_checks(databases=[alias])
            assert {message.id for message in messages if "hub" in message.id} == {
                f"sessions_hub.{check_id}" for check_id in ["W051"]
            }
            assert get_user_model().objects.using(alias).filter(pk=user.pk).exists()
        finally:
            call_command("migrate", "sessions_hub", database=alias, verbosity=0)
            call_command("migrate", "sessions_hub_engine", database=alias, verbosity=0)
        assert tables() == {*TABLES, ENGINE_TABLE}
        make_session(user)
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("model", INDEXES, ids=lambda model: model.__name__)
    def test_the_indexes_are_the_intended_ones(self, model):
        connection = connections[database()]
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table)
        indexes = [
            (tuple(one["columns"]), bool(one["unique"] or one["primary_key"]))
            for one in found.values()
            if one["index"] or one["unique"] or one["primary_key"]
        ]
        assert set(indexes) == INDEXES[model]
        if get_user_model()._meta.pk.get_internal_type() != "CharField":
            assert len(indexes) == len(set(indexes)), found
        assert not TOUCHED & {column for columns, _unique in indexes for column in columns}

    @pytest.mark.postgres
    def test_no_index_is_there_for_like(self):
        # Django adds one to a unique text column; nothing here searches a digest so.
        with connections[database()].cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [sorted(TABLES)]
            )
            found = [row[0] for row in cursor.fetchall()]
        of_users = ("ended_by_id", "impersonator_id", "user_id")
        assert [
            one for one in found if "pattern_ops" in one and not any(key in one for key in of_users)
        ] == []

    def test_every_table_but_the_hubs_is_left_alone(self):
        for model in INDEXES:
            assert model._meta.db_table in TABLES
        assert {
            model._meta.db_table for model in apps.get_app_config("sessions_hub").get_models()
        } == TABLES
