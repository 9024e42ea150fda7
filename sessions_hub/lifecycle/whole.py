"""A session with all that is shown of it, in one SELECT, compiled once like the verdict's.

The session with its user and impersonator, its proofs, and its places with their devices
are three kinds of rows. UNION ALL puts them below each other, each in columns of its own:
a join of proofs with places would give every pair of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.db.models import IntegerField, TextField, Value
from django.db.models.functions import Cast

from sessions_hub.models import AuthenticationMethod, Session, SessionDevice

from .verdicts import Converters, converters_of, fetch_rows

_PROOFS, _PLACES = "authentication_methods", "session_devices"


def fetch_whole(
    session_id: UUID, user_id: Any, alias: str, *, with_places: bool = True
) -> Session | None:
    """The session with this id, if it is that user's, with what is shown of it loaded.

    That is `user`, `impersonator`, `authentication_methods` and, unless they are not
    wanted, `session_devices` with their `device`, as `select_related()` and
    `prefetch_related()` load them. Raises what `fetch_verdict()` raises.
    """
    connection = connections[alias]
    key = (alias, connection.vendor, get_user_model(), with_places)
    pk = Session._meta.pk.get_db_prep_value(session_id, connection)
    user = Session._meta.get_field("user").get_db_prep_value(user_id, connection)
    params = (pk, user, *([pk] * (1 + with_places)))
    if (compiled := _compiled.get(key)) is None:
        compiled = _Compiled(session_id, user_id, alias, with_places=with_places)
        if compiled.params != params:
            raise RuntimeError("The SELECT of a session does not take its ids as they are.")
        _compiled[key] = compiled
    return compiled.session_in(fetch_rows(connection, compiled.sql, params, alias), alias)


@dataclass(slots=True)
class _Part:
    """The columns of one model in every row; null in the rows of the other kinds."""

    # From the model its rows are asked of.
    path: str
    model: Any
    start: int = 0
    converters: Converters | None = None

    @property
    def fields(self) -> list[Any]:
        return list(self.model._meta.concrete_fields)

    @property
    def names(self) -> list[str]:
        return [field.attname for field in self.fields]

    @property
    def key_at(self) -> int:
        return self.start + self.fields.index(self.model._meta.pk)

    def reader(self) -> _Reader:
        return _Reader(
            self.model,
            self.names,
            self.key_at,
            slice(self.start, self.start + len(self.names)),
            self.converters or [],
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes the instances of one part."""

    model: Any
    names: list[str]
    key_at: int
    columns: slice
    converters: Converters

    def instance(self, row: Any, connection: Any) -> Any:
        """The model's instance in a row; None where there is none."""
        if row[self.key_at] is None:
            return None
        values = list(row[self.columns])
        for position, functions, expression in self.converters:
            for function in functions:
                values[position] = function(values[position], expression, connection)
        return self.model.from_db(connection.alias, self.names, values)


class _Compiled:
    """The SELECT for one database, and what makes instances of its rows."""

    def __init__(self, session_id: UUID, user_id: Any, alias: str, *, with_places: bool) -> None:
        of_user = Session._base_manager.using(alias).filter(pk=session_id, user=user_id)
        proofs = AuthenticationMethod._base_manager.using(alias).filter(session=session_id)
        places = SessionDevice._base_manager.using(alias).filter(session=session_id)
        kinds: list[tuple[models.QuerySet[Any], list[_Part]]] = [
            (of_user, [_part(Session, path) for path in ("", "user", "impersonator")]),
            (proofs, [_part(AuthenticationMethod, "")]),
        ]
        if with_places:
            kinds.append((places, [_part(SessionDevice, path) for path in ("", "device")]))
        self.with_places = with_places
        parts = [part for _rows, own in kinds for part in own]
        width = 0
        for part in parts:
            part.start = width
            width += len(part.fields)
        selects: list[str] = []
        params: list[Any] = []
        for rows, own in kinds:
            sql, values = _select(rows, own, parts, alias)
            selects.append(sql)
            params += values
        self.sql, self.params = " UNION ALL ".join(selects), tuple(params)
        self.session, self.user, self.impersonator, self.proof, *rest = (
            part.reader() for part in parts
        )
        self.place: _Reader | None
        self.device: _Reader | None
        self.place, self.device = rest or (None, None)

    def session_in(self, rows: Any, alias: str) -> Session | None:
        """The session these rows are about; None without one."""
        connection = connections[alias]
        session: Session | None = None
        proofs: list[Any] = []
        places: list[Any] = []
        for row in rows:
            if (proof := self.proof.instance(row, connection)) is not None:
                proofs.append(proof)
            elif (found := self.session.instance(row, connection)) is not None:
                session = found
                _relate(session, "user", self.user.instance(row, connection))
                _relate(session, "impersonator", self.impersonator.instance(row, connection))
            elif self.place is not None and self.device is not None:
                place = self.place.instance(row, connection)
                _relate(place, "device", self.device.instance(row, connection))
                places.append(place)
        if session is None:
            return None
        _prefetch(session, _PROOFS, proofs)
        if self.with_places:
            _prefetch(session, _PLACES, places)
        return session


_compiled: dict[tuple[str, str, Any, bool], _Compiled] = {}


def _part(model: type[models.Model], path: str) -> _Part:
    if not path:
        return _Part("", model)
    return _Part(f"{path}__", model._meta.get_field(path).related_model)


def _select(
    rows: models.QuerySet[Any], own: list[_Part], parts: list[_Part], alias: str
) -> tuple[str, tuple[Any, ...]]:
    """One kind of rows, with nulls in the columns of the others."""
    columns: list[Any] = []
    for part in parts:
        if part in own:
            columns += [f"{part.path}{name}" for name in part.names]
        else:
            columns += [_null(field, alias) for field in part.fields]
    compiler = rows.values_list(*columns).query.get_compiler(alias)
    sql, params = compiler.as_sql()
    converters = converters_of(compiler)
    for part in own:
        stop = part.start + len(part.fields)
        part.converters = [
            (position - part.start, functions, expression)
            for position, functions, expression in converters
            if part.start <= position < stop
        ]
    return sql, tuple(params)


def _null(field: Any, alias: str) -> Any:
    """A null that may stand above and below the column of a field."""
    null = Value(None, output_field=TextField())
    match connections[alias].vendor:
        case "postgresql":
            # It would be text.
            return Cast(null, field)
        case "mysql" if isinstance(getattr(field, "target_field", field), IntegerField):
            # Below an unsigned number it would make decimals of both.
            return Cast(null, getattr(field, "target_field", field))
    return null


def _relate(instance: Any, name: str, related: Any) -> None:
    instance._meta.get_field(name).set_cached_value(instance, related)


def _prefetch(session: Session, name: str, found: list[Any]) -> None:
    """Keep the rows of a relation where `prefetch_related()` does."""
    field = session._meta.get_field(name).field  # type: ignore[union-attr]
    for one in found:
        field.set_cached_value(one, session)
    rows = getattr(session, name).get_queryset()
    rows._result_cache = found
    rows._prefetch_done = True
    kept = session.__dict__.setdefault("_prefetched_objects_cache", {})
    kept[name] = rows
