"""The tables that sessions are imported from, as far as they are read.

As models of an own registry: the package whose table it is need not be installed, nor be
importable, and no migration is ever made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.apps.registry import Apps
from django.db import connections, models

# Characters of a key that are said: one row in 46,656 begins so.
_BEGINS_WITH = 3
_BEGINNING = re.compile(rf"[0-9A-Za-z]{{{_BEGINS_WITH}}}")


class NoSuchTable(Exception):
    """The database has no such table, or another one of that name; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A row as it is stored elsewhere. `key` is a secret; `reference` finds the row again."""

    reference: str
    # Where a run may go on, as whoever runs it may read it; empty where that cannot be told.
    place: str = ""
    key: str
    # Encoded session data; None where this table has none.
    data: str | None = None
    expires_at: datetime | None = None
    began_at: datetime | None = None
    used_at: datetime | None = None
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A table: its columns by the names of `Stored`, and the one its rows are paged by."""

    table: str
    columns: Mapping[str, models.Field[Any, Any]]
    # Column → attribute of Stored.
    meaning: Mapping[str, str]
    paged_by: str = "session_key"
    _models: dict[str, Any] = field(default_factory=dict)

    def batches(self, alias: str, size: int, after: str = "") -> Iterator[list[Stored]]:
        """The rows from the place `after` on, by their key, `size` at a time.

        Raises NoSuchTable.
        """
        self._find(alias)
        rows = self._model()._base_manager.using(alias).order_by(self.paged_by)
        if after:
            rows = rows.filter(**{f"{self.paged_by}__gte": after})
        last: Any = None
        while True:
            page = rows if last is None else rows.filter(**{f"{self.paged_by}__gt": last})
            found = list(page.values(self.paged_by, *self.meaning)[:size])
            if found:
                yield [self._stored(row) for row in found]
            if len(found) < size:
                return
            last = found[-1][self.paged_by]

    def count(self, alias: str) -> int:
        """How many rows there are. Raises NoSuchTable."""
        self._find(alias)
        number: int = self._model()._base_manager.using(alias).count()
        return number

    def is_place(self, text: str) -> bool:
        """Whether a run may go on there."""
        if self.paged_by == "session_key":
            return _BEGINNING.fullmatch(text) is not None
        return text.isascii() and text.isdecimal() and len(text) < 19

    def _find(self, alias: str) -> None:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if self.table not in connection.introspection.table_names(cursor):
                raise NoSuchTable(f"The database “{alias}” has no table {self.table}.")
            described = connection.introspection.get_table_description(cursor, self.table)
        missing = sorted({self.paged_by, *self.meaning} - {column.name for column in described})
        if missing:
            raise NoSuchTable(f"The table {self.table} has no column {missing[0]}.")

    def _model(self) -> Any:
        if self.table not in self._models:
            meta = type(
                "Meta",
                (),
                {"apps": Apps(), "app_label": "sessions_hub", "db_table": self.table}
                | {"managed": False},
            )
            body = {"__module__": __name__, "Meta": meta, **self.columns}
            self._models[self.table] = type("Row", (models.Model,), body)
        return self._models[self.table]

    def _stored(self, row: Mapping[str, Any]) -> Stored:
        values = {name: row[column] for column, name in self.meaning.items()}
        for name in ("address", "user_agent"):
            values[name] = values.get(name) or ""
        if self.paged_by == "session_key":
            reference = f"sha256:{sha256(values['key'].encode()).hexdigest()[:16]}"
        else:
            reference = f"{self.paged_by}:{row[self.paged_by]}"
        # Of a key only so much that nobody could guess the rest: a run reads few rows twice.
        place = str(row[self.paged_by])
        if self.paged_by == "session_key":
            place = place[:_BEGINS_WITH]
        return Stored(reference=reference, place=place if self.is_place(place) else "", **values)


def _key(**options: Any) -> models.CharField[Any, Any]:
    return models.CharField(max_length=40, **options)


_OF_DJANGO = {"session_key": "key", "session_data": "data", "expire_date": "expires_at"}

# What a person calls them; the columns are those of the packages' own migrations.
SOURCES: Mapping[str, Source] = {
    "django": Source(
        "django_session",
        {
            "session_key": _key(primary_key=True),
            "session_data": models.TextField(),
            "expire_date": models.DateTimeField(),
        },
        _OF_DJANGO,
    ),
    "allauth": Source(
        "usersessions_usersession",
        {
            "id": models.BigAutoField(primary_key=True),
            "session_key": _key(),
            "created_at": models.DateTimeField(),
            "last_seen_at": models.DateTimeField(),
            "ip": models.GenericIPAddressField(null=True),
            "user_agent": models.CharField(max_length=200),
        },
        {
            "session_key": "key",
            "created_at": "began_at",
            "last_seen_at": "used_at",
            "ip": "address",
            "user_agent": "user_agent",
        },
        paged_by="id",
    ),
    "user-sessions": Source(
        "user_sessions_session",
        {
            "session_key": _key(primary_key=True),
            "session_data": models.TextField(),
            "expire_date": models.DateTimeField(),
            "user_agent": models.CharField(max_length=200, null=True),
            "last_activity": models.DateTimeField(),
            "ip": models.GenericIPAddressField(null=True),
        },
        {
            **_OF_DJANGO,
            "last_activity": "used_at",
            "ip": "address",
            "user_agent": "user_agent",
        },
    ),
    "qsessions": Source(
        "qsessions_session",
        {
            "session_key": _key(primary_key=True),
            "session_data": models.TextField(),
            "expire_date": models.DateTimeField(),
            "user_agent": models.CharField(max_length=300, null=True),
            "created_at": models.DateTimeField(null=True),
            "updated_at": models.DateTimeField(),
            "ip": models.GenericIPAddressField(null=True),
        },
        {
            **_OF_DJANGO,
            "created_at": "began_at",
            "updated_at": "used_at",
            "ip": "address",
            "user_agent": "user_agent",
        },
    ),
}
