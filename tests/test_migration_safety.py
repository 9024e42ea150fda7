"""Migrations after the first one stop no site: the rule, tried, and held to all there are."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

pytest.importorskip("psycopg", reason="Django's operations for PostgreSQL are not read without it")

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now, Random

from tests.migration_safety import MOST_IN_A_BATCH, complaints

APPS = ("sessions_hub", "sessions_hub_engine")
# What is refused and stays all the same: migration and operation → why that stops nobody.
EXCEPTIONS = {
    ("sessions_hub", "0002_session_fillfactor", "RunPython leave_room"): (
        "A setting of the table, which no row is read for; its lock lets reads and writes pass."
    ),
    ("sessions_hub", "0004_assurance_and_impersonation", "AddField authenticationmethod factor"): (
        "Not released yet: no older process runs anywhere. The column itself is added at once."
    ),
}
INDEX = models.Index(fields=("user", "issued_at"), name="new_index")
CHECK = models.CheckConstraint(condition=models.Q(generation__gte=0), name="new_check")
UNIQUE = models.UniqueConstraint(fields=("name",), name="new_unique")


class IndexEverywhere(AddIndexConcurrently):
    """CONCURRENTLY where the database has it."""


class CheckEverywhere(AddConstraintNotValid):
    """NOT VALID where the database has it."""


class ValidateEverywhere(ValidateConstraint):
    """Where the database has it."""


class Unheard(migrations.operations.base.Operation):
    """An operation nobody has thought of."""

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass


def in_batches(apps: Any, schema_editor: Any) -> None:
    """Changes rows, some at a time."""


in_batches.batch_size = 500  # type: ignore[attr-defined]


def in_huge_batches(apps: Any, schema_editor: Any) -> None:
    """Changes rows, too many at a time."""


in_huge_batches.batch_size = MOST_IN_A_BATCH + 1  # type: ignore[attr-defined]


def at_once(apps: Any, schema_editor: Any) -> None:
    """Changes all rows."""


def added(field: models.Field) -> migrations.AddField:
    return migrations.AddField("session", "new", field)


def altered(name: str, field: models.Field) -> migrations.AlterField:
    return migrations.AlterField("session", name, field)


def table(*more: Any) -> list[Any]:
    """A new model, and what is done to it."""
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
    return [migrations.CreateModel("New", fields), *more]


def found(*operations: Any, atomic: bool = True) -> list[str]:
    """What is said against a second migration of these operations."""
    migration = type("Migration", (migrations.Migration,), {"atomic": atomic})(
        "0002_tried", "sessions_hub"
    )
    migration.operations = list(operations)
    state = MigrationLoader(None).project_state(("sessions_hub", "0001_initial"))
    return [why for _title, why in complaints(migration, state)]


REFUSED = {
    "an index under a lock": (migrations.AddIndex("session", INDEX), "CONCURRENTLY"),
    "an index for PostgreSQL alone": (AddIndexConcurrently("session", INDEX), "falls back"),
    "an index in a transaction": (IndexEverywhere("session", INDEX), "atomic = False"),
    "a check of all rows": (migrations.AddConstraint("session", CHECK), "NOT VALID"),
    "a check for PostgreSQL alone": (AddConstraintNotValid("session", CHECK), "falls back"),
    "a unique constraint": (migrations.AddConstraint("session", UNIQUE), "USING INDEX"),
    "unique together": (
        migrations.AlterUniqueTogether("session", {("user", "name")}),
        "wait for its index",
    ),
    "a column older processes leave out": (
        added(models.CharField(max_length=9, default="")),
        "db_default",
    ),
    "a default worked out once for all": (
        added(models.UUIDField(default=uuid4, null=True)),
        "one value",
    ),
    "a default that differs by row": (added(models.FloatField(db_default=Random())), "rewrites"),
    "a column with an index": (added(models.IntegerField(null=True, db_index=True)), "index"),
    "a unique column": (added(models.IntegerField(null=True, unique=True)), "index"),
    "a foreign key": (
        added(models.ForeignKey("Device", models.CASCADE, null=True, db_index=False)),
        "db_constraint",
    ),
    "a generated column": (
        added(
            models.GeneratedField(
                expression=models.F("generation") + 1,
                output_field=models.IntegerField(),
                db_persist=True,
            )
        ),
        "rewritten",
    ),
    "another type": (altered("name", models.IntegerField()), "Another type"),
    "not null": (altered("mfa_updated_at", models.DateTimeField()), "read under the lock"),
    "a shorter text": (altered("name", models.CharField(max_length=50, blank=True)), "max_length"),
    "a text of two length bytes": (
        altered("end_reason", models.CharField(max_length=64, blank=True)),
        "MariaDB copies",
    ),
    "an index by another name": (
        altered("name", models.CharField(max_length=100, blank=True, db_index=True)),
        "db_index",
    ),
    "a column gone while it is read": (migrations.RemoveField("session", "name"), "still read"),
    "a table gone": (migrations.DeleteModel("SessionDevice"), "still use"),
    "a column renamed": (migrations.RenameField("session", "name", "title"), "old name"),
    "a model renamed": (migrations.RenameModel("Device", "Machine"), "old name"),
    "a table renamed": (migrations.AlterModelTable("session", "other"), "old name"),
    "an order kept in a column": (
        migrations.AlterOrderWithRespectTo("sessiondevice", "session"),
        "every row",
    ),
    "all rows at once": (migrations.RunPython(at_once), "batch_size"),
    "batches of all rows": (migrations.RunPython(in_huge_batches, atomic=False), "batch_size"),
    "batches in a transaction": (migrations.RunPython(in_batches), "one transaction"),
    "SQL": (migrations.RunSQL("SELECT 1"), "EXCEPTIONS"),
    "what nobody thought of": (Unheard(), "write a rule"),
    "what is hidden in another operation": (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AddIndex("session", INDEX)]
        ),
        "CONCURRENTLY",
    ),
}
ALLOWED = {
    "a table, with what it has": table(
        migrations.AddIndex("new", models.Index(fields=("name",), name="its_index")),
        migrations.AddField("new", "more", models.IntegerField(default=0)),
    ),
    "words and permissions": [migrations.AlterModelOptions("session", {"permissions": ()})],
    "a column that may be null": [added(models.IntegerField(null=True))],
    "a column the database fills": [added(models.CharField(max_length=9, db_default=""))],
    "the moment of the change": [added(models.DateTimeField(db_default=Now()))],
    "a reference that is not checked": [
        added(
            models.ForeignKey(
                "Device", models.CASCADE, null=True, db_index=False, db_constraint=False
            )
        )
    ],
    "a longer text": [altered("name", models.CharField(max_length=200, blank=True))],
    "a column that need not be filled": [
        altered("name", models.CharField(max_length=100, blank=True, null=True))
    ],
    "other words for people": [
        altered("name", models.CharField("title", max_length=100, blank=False, help_text="…"))
    ],
    "an index less": [migrations.RemoveIndex("session", "sessions_hub_session_ip")],
    "a column nobody reads any more": [
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.RemoveField("session", "name")
        ])
    ],
    "… and then without it": [
        migrations.SeparateDatabaseAndState(database_operations=[
            migrations.RemoveField("session", "name")
        ])
    ],
    "a check that is not read for": [CheckEverywhere("session", CHECK)],
    "… validated later": [ValidateEverywhere("session", "new_check")],
}  # fmt: skip


@pytest.mark.parametrize(("operation", "why"), REFUSED.values(), ids=REFUSED)
def test_what_stops_a_site_is_refused(operation, why):
    (said,) = found(operation)
    assert why in said


@pytest.mark.parametrize("operations", ALLOWED.values(), ids=ALLOWED)
def test_what_stops_nobody_is_not(operations):
    assert found(*operations) == []


def test_indexes_and_rows_are_changed_outside_of_a_transaction():
    rows = migrations.RunPython(in_batches, atomic=False)
    assert found(IndexEverywhere("session", INDEX), rows, atomic=False) == []
    (said,) = found(migrations.RunPython(in_batches, atomic=True), atomic=False)
    assert "one transaction" in said


def test_a_check_is_not_validated_under_the_lock_it_was_added_with():
    check = CheckEverywhere("session", CHECK)
    (said,) = found(check, ValidateEverywhere("session", "new_check"))
    assert "another migration" in said


def test_an_index_on_another_table_than_the_new_one_is_refused():
    assert len(found(*table(migrations.AddIndex("session", INDEX)))) == 1


def test_every_migration_is_safe_or_has_a_reason():
    loader = MigrationLoader(None)
    refused = {}
    for app in APPS:
        for key in sorted(key for key in loader.disk_migrations if key[0] == app):
            migration = loader.disk_migrations[key]
            parents = [parent for parent in migration.dependencies if parent[0] == app]
            if parents:
                for title, why in complaints(migration, loader.project_state(parents)):
                    refused[*key, title] = why
    unexplained = {key: why for key, why in refused.items() if key not in EXCEPTIONS}
    assert unexplained == {}
    # A reason for what is not refused any more would excuse the next one.
    assert set(EXCEPTIONS) == set(refused)
