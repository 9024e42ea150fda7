"""Problem details (RFC 9457) by their code: what each means, and which members it has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from http import HTTPStatus
from itertools import groupby
from typing import Any, Literal, TypedDict

from sessions_hub.api.formats import Moment
from sessions_hub.refusals import PROBLEM

from .hints import Components, Schema
from .meanings import MEANINGS
from .names import PREFIX


class ProblemObject(TypedDict):
    """Problem details (RFC 9457). Programs compare `code`; `detail` is for people."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str


class InvalidProblemObject(ProblemObject):
    """Parameters or members that are not valid, by name."""

    errors: dict[str, Any]


class ScopeProblemObject(ProblemObject):
    """A token without the scopes it needs: they are in `scope`, separated by spaces."""

    scope: str


class ScopesProblemObject(ProblemObject):
    """Scopes that whoever asks may not give."""

    scopes: list[str]


class _ProofMembers(TypedDict, total=False):
    acr_values: str
    max_age: int


class ProofProblemObject(ProblemObject, _ProofMembers):
    """A session that has not proven enough, or not lately (RFC 9470), and where it can."""

    reauthenticate_url: str


class FactorObject(TypedDict):
    """A second factor of which a code is taken."""

    factor: str
    method: str
    name: str


class FactorsProblemObject(ProblemObject):
    """The password is right; a code of one of the factors is wanted as well.

    Without any the user can sign in with a browser alone.
    """

    methods: list[str]
    factors: list[FactorObject]


class _Limits(TypedDict, total=False):
    expires_at: Moment | None
    idle_expires_at: Moment | None


class LimitsProblemObject(ProblemObject, _Limits):
    """A session that does not last longer, with its limits as they are."""


# By the code, or by the code of one status.
SHAPES: dict[str | tuple[str, int], Any] = {
    "invalid": InvalidProblemObject,
    "insufficient_scope": ScopeProblemObject,
    "scopes_not_granted": ScopesProblemObject,
    "insufficient_user_authentication": ProofProblemObject,
    "reauthentication_required": ProofProblemObject,
    "factors_needed": FactorsProblemObject,
    "capped": LimitsProblemObject,
    "too_late": LimitsProblemObject,
    ("ended", 409): LimitsProblemObject,
    ("impersonation", 409): LimitsProblemObject,
}


# What many operations answer is one component.
SHARED = {
    (400, frozenset({"invalid"})): "HubInvalid",
    (400, frozenset({"invalid", "parse_error"})): "HubInvalidBody",
    (401, frozenset({"invalid_token", "not_authenticated", "reauthentication_required"})): (
        "HubUnauthorized"
    ),
    (
        403,
        frozenset({"permission_denied", "insufficient_scope", "sign_in_incomplete"}),
    ): "HubForbidden",
    (
        403,
        frozenset(
            {"permission_denied", "insufficient_scope", "sign_in_incomplete", "impersonation"}
        ),
    ): "HubStaffForbidden",
    (404, frozenset({"not_found"})): "HubNotFound",
    (406, frozenset({"not_acceptable"})): "HubNotAcceptable",
    (413, frozenset({"too_large"})): "HubTooLarge",
    (415, frozenset({"unsupported_media_type"})): "HubUnsupportedMediaType",
    (429, frozenset({"throttled"})): "HubThrottled",
    (503, frozenset({"unavailable"})): "HubUnavailable",
}


def problem_response(status: int, codes: Collection[str], components: Components) -> Schema:
    """The response of one status with these codes; a reference where many have it."""
    named = sorted(set(codes))
    if (name := SHARED.get((status, frozenset(named)))) is not None:
        return components.ref(name, name, lambda: _response(status, named, components), "responses")
    return _response(status, named, components)


def _response(status: int, named: list[str], components: Components) -> Schema:
    told = "\n".join(f"* `{code}`: {MEANINGS[code]}" for code in named)
    content: Schema = {
        "schema": _schema(status, named, components),
        "examples": {code: _example(status, code, components) for code in named},
    }
    response: Schema = {"description": told, "content": {PROBLEM: content}}
    if headers := _headers(status, named):
        response["headers"] = headers
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        # The middleware answers before any view has a say.
        response["content"]["text/plain"] = {"schema": {"type": "string"}}
    return response


def _schema(status: int, codes: list[str], components: Components) -> Schema:
    schemas = [
        {
            "allOf": [
                components.schema_of(shape),
                {"properties": {"status": {"enum": [status]}, "code": {"enum": some}}},
            ]
        }
        for shape, some in _by_shape(status, codes)
    ]
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _by_shape(status: int, codes: list[str]) -> Iterator[tuple[Any, list[str]]]:
    def shape(code: str) -> str:
        return str(_shape(status, code).__name__)

    for _name, some in groupby(sorted(codes, key=shape), key=shape):
        found = sorted(some)
        yield _shape(status, found[0]), found


def _shape(status: int, code: str) -> Any:
    return SHAPES.get((code, status), SHAPES.get(code, ProblemObject))


_MEMBERS: dict[str, dict[str, Any]] = {
    "InvalidProblemObject": {"errors": {"stauts": ["There is no such parameter."]}},
    "ScopeProblemObject": {"scope": "sessions:write"},
    "ScopesProblemObject": {"scopes": ["orders:write"]},
    "ProofProblemObject": {
        "acr_values": "aal1",
        "max_age": 900,
        "reauthenticate_url": "/account/reauthenticate/?level=aal1",
    },
    "FactorsProblemObject": {
        "methods": ["totp"],
        "factors": [{"factor": "otp:otp_totp.totpdevice/7", "method": "totp", "name": "phone"}],
    },
    "LimitsProblemObject": {
        "expires_at": "2026-05-02T12:00:00Z",
        "idle_expires_at": "2026-05-02T12:00:00Z",
    },
}


# By RFC 9110; Python before 3.13 has the name that went before.
TITLES = {413: "Content Too Large"}


def _example(status: int, code: str, components: Components) -> Schema:
    value = {
        "type": "about:blank",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        **_MEMBERS.get(_shape(status, code).__name__, {}),
        "detail": MEANINGS[code],
        "code": code,
    }
    name = PREFIX + "".join(part.title() for part in code.split("_")) + str(status)
    return components.ref(name, name, lambda: {"value": value}, "examples")


def _headers(status: int, codes: list[str]) -> Schema:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            told = "How to authenticate (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9470 §3)."
            return {"WWW-Authenticate": {**_header(told), "required": True}}
        case HTTPStatus.FORBIDDEN:
            told = "With `insufficient_scope` alone: the scopes that are needed (RFC 6750 §3.1)."
            return {"WWW-Authenticate": _header(told)}
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            told = "Seconds until it is worth another attempt."
            # What cannot be decrypted does not get better by waiting.
            always = "provider_token_unreadable" not in codes
            return {"Retry-After": {**_header(told, "integer"), "required": always}}
    return {}


def _header(description: str, kind: str = "string") -> Schema:
    return {"description": description, "schema": {"type": kind}}
