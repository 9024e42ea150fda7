"""What an end in the admin would do: whose sessions, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_hub.models import Session, SessionQuerySet
from sessions_hub.models.counting import CAP, capped_count

from .show import number_words, user_name

_NAMES = 10
_SAMPLE = 20
# So many users are told apart, and everything of so many is ended in one go.
MOST_USERS = 1000


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
        return count_words(self.count, is_capped=self.count >= CAP)

    @property
    def whose(self) -> str:
        """The users in words: "alice, bob and 3 more users"."""
        names = ", ".join(user_name(user) for user in self.users)
        if not names:
            return _("deleted users")
        if self.user_count > MOST_USERS:
            return _("%(names)s and many more users") % {"names": names}
        if more := self.user_count - len(self.users):
            words = ngettext(
                "%(names)s and %(count)s more user", "%(names)s and %(count)s more users", more
            )
            return words % {"names": names, "count": number_words(more)}
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
    ids = user_ids(rows, MOST_USERS + 1)
    users = get_user_model()._default_manager.in_bulk(ids[:_NAMES])
    return Summary(
        count=capped_count(rows),
        users=[users[pk] for pk in ids[:_NAMES] if pk in users],
        user_count=len(ids),
        sample=list(rows.select_related("user").order_by("-pk")[:_SAMPLE]),
        includes_current=current is not None and rows.filter(pk=current).exists(),
    )


def count_words(count: int, *, is_capped: bool) -> str:
    """A number of sessions in words: "3 sessions", "10,000 sessions or more"."""
    if is_capped:
        words = ngettext("%(count)s session or more", "%(count)s sessions or more", count)
    else:
        words = ngettext("%(count)s session", "%(count)s sessions", count)
    return words % {"count": number_words(count)}


def user_ids(sessions: QuerySet[Session], most: int) -> list[Any]:
    """The keys of the users of these sessions, each once, at most so many."""
    users = sessions.filter(user__isnull=False).order_by("user_id")
    return list(users.values_list("user_id", flat=True).distinct()[:most])
