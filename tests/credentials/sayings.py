"""What a site's own functions say of a session: something, and all sorts of nonsense."""

from __future__ import annotations

from typing import Any

from sessions_hub.credentials.jws import MAX_LENGTH
from sessions_hub.models import Session


def roles(session: Session, user: Any) -> dict[str, Any]:
    return {"roles": ["buyer"], "name": user.get_username(), "kind": session.session_type}


def nothing(session: Session, user: Any) -> None:
    return None


def numbers(session: Session, user: Any) -> dict[Any, Any]:
    return {1: 2}


def not_a_number(session: Session, user: Any) -> dict[str, Any]:
    return {"score": float("nan")}


def no_json(session: Session, user: Any) -> dict[str, Any]:
    return {"user": user}


def endless(session: Session, user: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["self"] = found
    return found


def long(session: Session, user: Any) -> dict[str, Any]:
    return {"text": "x" * MAX_LENGTH}


def half_a_pair(session: Session, user: Any) -> dict[str, Any]:
    return {"text": "\ud800"}


def one_name_twice(session: Session, user: Any) -> dict[str, Any]:
    return {"roles": {1: "buyer", "1": "seller"}}


def deep(session: Session, user: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(20):
        found = {"in": found}
    return found


def fails(session: Session, user: Any) -> dict[str, Any]:
    raise LookupError(user.email)


def another_user(session: Session, user: Any) -> dict[str, Any]:
    return {"sub": "1"}
