"""The interface of a parser, and how the configured one is found."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from functools import lru_cache
from threading import RLock

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from sessions_hub.understanding.facts import ClientFacts

_LOADING = RLock()


class UserAgentBackend(abc.ABC):
    """Reads user agents. One object per process, shared by all its threads.

    It is constructed on the first parse, so loading tables belongs into
    `__init__`, which may take seconds; `parse` has
    `SESSIONS_HUB_USER_AGENT_TIMEOUT`.
    """

    #: True where `parse` is known to be quick on any text: it then runs in the
    #: thread of the request, without a time limit.
    bounded = False

    @classmethod
    def problem(cls) -> str:
        """Why this backend cannot work here, for system checks; `""` when it can.

        Must be quick: without loading what the constructor loads.
        """
        return ""

    @abc.abstractmethod
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        """What `user_agent` says, in Matomo's names, with versions in full.

        The text is clean and has at most 512 characters. `headers` are the client
        hints that were sent, by lower-case name; a backend may leave them alone,
        since `client_hints` corrects every backend's answer. May raise anything:
        the client is unknown then.
        """


def load_backend(path: str) -> UserAgentBackend:
    """The backend at the dotted `path`, constructed once per process.

    Raises ImproperlyConfigured when there is none, and whatever its constructor
    raises. A failure is not remembered: the next call tries again.
    """
    # Two threads would load megabytes of expressions twice.
    with _LOADING:
        return _load(path)


@lru_cache(maxsize=8)
def _load(path: str) -> UserAgentBackend:
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"There is no user agent backend “{path}”: {error}") from error
    if not (isinstance(found, type) and issubclass(found, UserAgentBackend)):
        raise ImproperlyConfigured(
            f"“{path}” is no user agent backend; it must name a class derived from "
            "sessions_hub.understanding.backends.UserAgentBackend."
        )
    return found()
