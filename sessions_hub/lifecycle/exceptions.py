"""What the lifecycle raises."""

from __future__ import annotations


class SessionsHubError(Exception):
    """Base of the app's own errors."""


class Unavailable(SessionsHubError):
    """The database did not store what it must. The middleware answers 503."""


class SessionNotRecorded(Unavailable):
    """A sign-in could not be stored and was refused; the visitor is signed out.

    Or an impersonation, which did not start: whoever wanted it is signed in as before.
    """


class SessionNotEnded(Unavailable):
    """A sign-out could not be stored and was refused; the visitor is still signed in."""


class ActionNotRecorded(Unavailable):
    """What staff wanted to do could not be written down, and was not done."""


class TooManySessions(SessionsHubError):
    """A sign-in was refused: its user has SESSIONS_HUB_MAX_SESSIONS already.

    The middleware answers 409 (RFC 9110 §15.5.10) where no view catches it.
    """


class FactorNotRevoked(Unavailable):
    """The removal of an authenticator could not be taken over into the sessions it proved."""


class TokenNotRotated(SessionsHubError):
    """A secret was not replaced: another has taken its place, or its session has ended."""


class TooManyAttempts(SessionsHubError):
    """Too many wrong answers of one account."""


class ProofNotFull(SessionsHubError):
    """A proof would have raised its session to a level whose limit has passed already.

    Nothing was stored: a full proof of that level is due, and counts from now.
    """


class NotChanged(SessionsHubError):
    """A session has ended, or a device is forgotten: there is nothing to describe any more."""


class NotSignedIn(SessionsHubError):
    """A session was to be started, or proven, for a request not signed in as that user."""
