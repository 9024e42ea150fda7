"""The interface of a parser, and how the configured one is found."""

from __future__ import annotations

import abc
import os
from collections.abc import Mapping
from threading import Lock
from time import monotonic

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from sessions_hub.understanding.facts import ClientFacts

_RETRY_SECONDS = 60.0

_GUARD = Lock()
_locks: dict[str, Lock] = {}
_loaded: dict[str, UserAgentBackend] = {}
_failed: dict[str, tuple[float, str]] = {}


class UserAgentBackend(abc.ABC):
    """Reads user agents. One object per process, shared by all its threads.

    It is constructed on the first parse, so loading tables belongs into
    `__init__`, which may take seconds; `parse` has
    `SESSIONS_HUB_USER_AGENT_TIMEOUT`.
    """

    #: True where `parse` is known to be quick on any text: it then runs in the
    #: thread of the request, without a time limit. Not inherited.
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


def is_bounded(backend: UserAgentBackend) -> bool:
    """Whether `backend` itself promises to be quick: a subclass promises nothing."""
    return vars(type(backend)).get("bounded") is True


def load_backend(path: str) -> UserAgentBackend:
    """The backend at the dotted `path`, constructed once per process.

    Raises ImproperlyConfigured when there is none, whatever its constructor raises,
    and BackendUnavailable for a minute after that: a constructor may take long to
    fail, and every sign-in waits for it.
    """
    found = _loaded.get(path)
    if found is not None:
        return found
    with _GUARD:
        lock = _locks.setdefault(path, Lock())
    # Two threads would load megabytes of expressions twice.
    with lock:
        if path not in _loaded:
            _loaded[path] = _construct(path)
        return _loaded[path]


class BackendUnavailable(RuntimeError):
    """The backend could not be constructed, less than a minute ago."""


def _construct(path: str) -> UserAgentBackend:
    failed = _failed.get(path)
    if failed and monotonic() - failed[0] < _RETRY_SECONDS:
        raise BackendUnavailable(f"{path} could not be loaded: {failed[1]}")
    try:
        backend = _class_at(path)()
    except KeyboardInterrupt:
        raise
    except Exception as error:
        _failed[path] = (monotonic(), _shown(error))
        raise
    # A module that asks to end the process ends no sign-in.
    except BaseException as error:
        _failed[path] = (monotonic(), _shown(error))
        raise BackendUnavailable(f"{path} could not be loaded: {_shown(error)}") from error
    _failed.pop(path, None)
    return backend


def _shown(error: BaseException) -> str:
    # An exception of the backend's own may not even be able to say what it is.
    try:
        return repr(error)
    except Exception:  # noqa: BLE001
        return type(error).__name__


def _class_at(path: str) -> type[UserAgentBackend]:
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"There is no user agent backend “{path}”: {error}") from error
    if not (isinstance(found, type) and issubclass(found, UserAgentBackend)):
        raise ImproperlyConfigured(
            f"“{path}” is no user agent backend; it must name a class derived from "
            "sessions_hub.understanding.backends.UserAgentBackend."
        )
    return found


def _renew_locks() -> None:
    # A thread that loads while another forks leaves its lock closed in the child.
    global _GUARD
    _GUARD = Lock()
    _locks.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)
