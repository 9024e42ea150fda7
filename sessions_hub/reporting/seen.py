"""The sessions somebody may see, and how far a count of them looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sessions_hub.models import Session
from sessions_hub.models.exact import exactly


@dataclass(frozen=True, slots=True)
class Seen:
    """`rows` are what the reader may see; `is_all` where that is every session there is."""

    rows: QuerySet[Session]
    is_all: bool
    tenant: str = ""

    @property
    def table(self) -> QuerySet[Session]:
        """All sessions, on the same database."""
        return Session._base_manager.using(self.rows.db).all()

    @property
    def is_narrowed(self) -> bool:
        """Whether some sessions are left out."""
        return not self.is_all or bool(self.tenant)

    @property
    def is_joined(self) -> bool:
        """Whether `rows` may have a session twice, so that each has to be looked up in them."""
        query = self.rows.query
        # A join that a condition turned out not to need is left with a count of zero.
        tables = sum(count > 0 for count in query.alias_refcount.values())
        return bool(query.distinct or query.group_by is not None or tables > 1)

    def where(self, condition: Q) -> QuerySet[Session]:
        """Those that meet `condition`, each once however `rows` was joined."""
        simple = not self.is_all and not self.is_joined
        found = (self.rows.order_by() if simple else self.table).filter(condition)
        if self.tenant:
            found = found.filter(exactly("tenant_id", self.tenant))
        if self.is_all or simple:
            return found
        return found.filter(pk__in=self.rows.filter(condition).order_by().values("pk"))

    def any_of(self, **condition: Any) -> QuerySet[Session]:
        """Those that meet `condition`, for EXISTS: one may come twice, and it may refer out."""
        found = self.rows.filter(**condition).order_by()
        return found.filter(exactly("tenant_id", self.tenant)) if self.tenant else found


def oldest_of_newest(rows: QuerySet[Any], most: int, column: str = "pk") -> Any:
    """The value of an indexed `column` in the last of the newest `most` rows; None for fewer.

    A place to stop at, for any database: MariaDB takes no LIMIT in a subquery.
    """
    edge = list(rows.order_by(f"-{column}").values_list(column, flat=True)[most - 1 : most + 1])
    return edge[0] if len(edge) > 1 else None


def not_before(column: str, floor: UUID | datetime | None) -> Q:
    """The rows from `floor` on; all of them where there is none."""
    return Q() if floor is None else Q(**{f"{column}__gte": floor})
