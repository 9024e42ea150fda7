"""Holds answers to docs/openapi.yaml: status, code, type, headers and every member of the body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from .document import document

PREFIX = "/api/"
# A method a route has not: the policies are asked first.
UNKNOWN_METHOD = {401, 403, 405, 406}

formats = FormatChecker(["uuid"])


@formats.checks("date-time", raises=ValueError)
def _is_instant(text: Any) -> bool:
    """RFC 3339 in UTC, with Z: all the API writes."""
    return not isinstance(text, str) or (text.endswith("Z") and bool(datetime.fromisoformat(text)))


def complaints(method: str, path: str, response: Any) -> Iterator[str]:
    """What is not documented of an answer."""
    template = template_of(path)
    if template is None:
        # Behind the API's prefix, and no route of it.
        if response.status_code not in (301, 404):
            yield f"{method} {path} is no documented route, and answers {response.status_code}"
        return
    verb = "get" if method == "HEAD" else method.lower()
    if verb not in document()["paths"][template]:
        if response.status_code not in UNKNOWN_METHOD:
            yield f"{method} {template} is not documented, and answers {response.status_code}"
        return
    for complaint in _of_operation(template, verb, response, method):
        yield f"{method} {template}: {complaint}"


@cache
def template_of(path: str) -> str | None:
    """The documented path of an address; one without parameters comes first."""
    if path in document()["paths"]:
        return path
    for template in document()["paths"]:
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            return template
    return None


def _of_operation(template: str, verb: str, response: Any, method: str) -> Iterator[str]:
    status = str(response.status_code)
    responses = document()["paths"][template][verb]["responses"]
    if status not in responses:
        yield f"status {status} is not documented: {response.content[:300]!r}"
        return
    place = ("paths", template, verb, "responses", status)
    if "$ref" in responses[status]:
        place = tuple(responses[status]["$ref"].removeprefix("#/").split("/"))
    declared = at(place)
    for name, header in declared.get("headers", {}).items():
        if header.get("required") and name not in response.headers:
            yield f"{status} without {name}"
    content = declared.get("content", {})
    if not content:
        if response.content:
            yield f"{status} with a body: {response.content[:300]!r}"
        return
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind not in content:
        yield f"{status} as {kind!r} is not documented"
    elif kind.endswith("json") and method != "HEAD":
        error = best_match(
            validator((*place, "content", kind, "schema")).iter_errors(json.loads(response.content))
        )
        if error is not None:
            yield f"{status} does not fit: {error.json_path}: {error.message[:500]}"


def at(place: tuple[str, ...]) -> Any:
    """What stands at a place of the document."""
    found = document()
    for part in place:
        found = found[part]
    return found


@cache
def validator(place: tuple[str, ...]) -> Draft202012Validator:
    """The schema at a place, with objects that have no members it does not name."""
    return Draft202012Validator(
        {**_closed(at(place)), "unevaluatedProperties": False, "components": _components()},
        format_checker=formats,
    )


@cache
def _components() -> dict[str, Any]:
    return _closed({"schemas": document()["components"]["schemas"]})


def _closed(node: Any, *, is_part: bool = False) -> Any:
    """The same, where whatever refers to an object takes no further members.

    What stands in an `allOf` is a part of an object, which others complete.
    """
    if isinstance(node, list):
        return [_closed(one, is_part=is_part) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(one, is_part=name == "allOf") for name, one in node.items()}
    if "$ref" in closed and not is_part:
        closed["unevaluatedProperties"] = False
    return closed
