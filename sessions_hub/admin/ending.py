"""What an end in the admin would do: whose sessions, how many, and in which portions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_hub.lifecycle import end_sessions
from sessions_hub.models import EndReason, Session, SessionQuerySet
from sessions_hub.models.counting import CAP, capped_count

from .show import user_name

_NAMES = 10
_SAMPLE = 20
_MOST_USERS = 1000
_USER_BATCH = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """What will end, for people to read before they say yes."""

    count: int
    users: Sequence[AbstractBaseUser]
    user_count: int
    sample: Sequence[Session]
    includes_current: bool

    @property
    def how_many(self) -> str:
        """The number in words: "3 sessions", "10,000 sessions or more"."""
        if self.count >= CAP:
            return _("%(count)s sessions or more") % {"count": _number(CAP)}
        words = ngettext("%(count)s session", "%(count)s sessions", self.count)
        return words % {"count": _number(self.count)}

    @property
    def whose(self) -> str:
        """The users in words: "alice, bob and 3 more users"."""
        names = ", ".join(user_name(user) for user in self.users)
        if not names:
            return _("deleted users")
        if self.user_count > _MOST_USERS:
            return _("%(names)s and many more users") % {"names": names}
        if more := self.user_count - len(self.users):
            words = ngettext(
                "%(names)s and %(count)s more user", "%(names)s and %(count)s more users", more
            )
            return words % {"names": names, "count": _number(more)}
        return names

    @property
    def unnamed(self) -> bool:
        """Whether the sample leaves sessions out."""
        return self.count > len(self.sample)


def open_sessions(sessions: QuerySet[Session]) -> SessionQuerySet:
    """Those not ended yet. One that a limit has ended keeps that reason."""
    return cast("SessionQuerySet", sessions).open()


def is_open(session: Session) -> bool:
    """`open_sessions()` for one row at hand."""
    return session.how_ended() is None


def summarize(sessions: QuerySet[Session], current: UUID | None) -> Summary:
    """What ending these sessions would do. A fixed number of bounded queries."""
    rows = open_sessions(sessions)
    user_ids = next(user_batches(rows, _MOST_USERS + 1), [])
    users = get_user_model()._default_manager.in_bulk(user_ids[:_NAMES])
    return Summary(
        count=capped_count(rows),
        users=[users[pk] for pk in user_ids[:_NAMES] if pk in users],
        user_count=len(user_ids),
        sample=list(rows.select_related("user").order_by("-pk")[:_SAMPLE]),
        includes_current=current is not None and rows.filter(pk=current).exists(),
    )


def end(sessions: QuerySet[Session], by: AbstractBaseUser) -> int:
    """End sessions on behalf of staff; return how many ended."""
    return end_sessions(open_sessions(sessions), reason=EndReason.REVOKED_BY_STAFF, by=by)


def user_batches(sessions: QuerySet[Session], size: int = _USER_BATCH) -> Iterator[list[Any]]:
    """The keys of the users of these sessions, each once, `size` at a time."""
    users = (
        sessions.filter(user__isnull=False)
        .order_by("user_id")
        .values_list("user_id", flat=True)
        .distinct()
    )
    last: Any = None
    while True:
        ids = list((users if last is None else users.filter(user_id__gt=last))[:size])
        if ids:
            yield ids
        if len(ids) < size:
            return
        last = ids[-1]


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)
