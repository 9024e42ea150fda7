"""What is said of an operation that its view does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """A parameter; `schema` is a schema, or a type that has one."""

    name: str
    description: str
    schema: Any = str
    example: Any = None
    place: str = "query"


@dataclass(frozen=True)
class Body:
    """A body; several kinds where it depends on who asks."""

    kinds: tuple[Any, ...]
    examples: Mapping[str, Any]
    media_type: str = JSON
    is_required: bool = True


@dataclass(frozen=True)
class Answer:
    """A success; `hint` is the type of its body, None for one without."""

    description: str
    hint: Any = None
    example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One operation.

    `problems` are the codes of each status beside those that follow from the view: who is
    signed in, what a token or a member of staff may do, what is read and written.
    `anybody` says that it may be called without a session, `is_held` whether it is kept from
    a browser whose session has to be proven again, `names_device` whether apps name their
    installation.
    """

    id: str
    tag: str
    summary: str
    description: str
    answers: Mapping[int, Answer]
    problems: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    inputs: Any = None
    body: Body | None = None
    anybody: bool = False
    is_held: bool = True
    names_device: bool = False
