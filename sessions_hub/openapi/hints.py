"""Schemas of the types the answers are built as, so that the two cannot drift apart.

drf-spectacular's own reading of types copies every TypedDict into each place that uses
it; here each is one component, which the others refer to.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from django.db.models import Choices
from drf_spectacular.plumbing import ResolvedComponent, resolve_type_hint
from rest_framework.serializers import BaseSerializer

from sessions_hub.api.formats import level_text
from sessions_hub.models import AssuranceLevel

from .names import component_name, is_version_31, words_name

Schema = dict[str, Any]


@dataclass(frozen=True)
class Selected:
    """A TypedDict of which an answer may leave keys out, and which may have others."""

    hint: Any
    name: str
    others: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Extended:
    """A TypedDict with a further text, which may be missing."""

    hint: Any
    name: str
    member: str
    is_required: bool = True


@dataclass(frozen=True)
class Open:
    """A TypedDict of which an answer may have any other member."""

    hint: Any


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    item: Any
    name: str


class Components:
    """Schemas by type, registered as components of the document of an AutoSchema."""

    def __init__(self, auto_schema: Any) -> None:
        self.auto_schema = auto_schema
        self.registry = auto_schema.registry

    def ref(
        self, name: str, identity: Any, make: Callable[[], Schema], kind: str = "schemas"
    ) -> Schema:
        """A reference to the component of this name, made where there is none yet."""
        component = ResolvedComponent(name=name, type=kind, object=identity)
        if component not in self.registry:
            self.registry.register(component)
            # Behind the registration: a type may hold itself.
            component.schema = make()
        reference: Schema = self.registry[component].ref
        return reference

    def schema_of(self, hint: Any) -> Schema:
        """The schema of a type, or of a serializer; a schema is one already."""
        origin, arguments = get_origin(hint), get_args(hint)
        if isinstance(hint, dict):
            return hint
        if isinstance(hint, Selected):
            return self.ref(hint.name, hint.hint, lambda: self._selected(hint))
        if isinstance(hint, Extended):
            return self.ref(hint.name, hint.hint, lambda: self._extended(hint))
        if isinstance(hint, Open):
            return self.ref(component_name(hint.hint), hint.hint, lambda: self._open(hint))
        if isinstance(hint, Page):
            return self.ref(hint.name, Page, lambda: self._page(hint.item))
        if is_typeddict(hint):
            return self.ref(component_name(hint), hint, lambda: self._members(hint))
        if inspect.isclass(hint) and issubclass(hint, BaseSerializer):
            reference: Schema = self.auto_schema.resolve_serializer(hint, "response").ref
            return reference
        if origin is Annotated:
            return self._annotated(*arguments)
        if hint is Any:
            return {}
        if origin is Literal:
            return constants(arguments)
        if origin in (Union, types.UnionType):
            return self._union(arguments)
        if origin is list:
            return {"type": "array", "items": self.schema_of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": {}}
        schema: Schema = resolve_type_hint(hint)
        return schema

    def words(self, words: type[Choices]) -> Schema:
        """A reference to a closed list of words."""
        return self.ref(words_name(words), words, lambda: _words(words))

    def _annotated(self, hint: Any, note: Any) -> Schema:
        if inspect.isclass(note) and issubclass(note, Choices):
            return self.words(note)
        return {**self.schema_of(hint), "format": note}

    def _union(self, hints: tuple[Any, ...]) -> Schema:
        schemas = [self.schema_of(one) for one in hints if one is not types.NoneType]
        schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        return or_null(schema) if types.NoneType in hints else schema

    def _members(self, hint: Any) -> Schema:
        described = get_type_hints(hint, include_extras=True)
        schema: Schema = {
            "type": "object",
            "description": inspect.cleandoc(hint.__doc__ or ""),
            "properties": {name: self.schema_of(one) for name, one in described.items()},
        }
        required = [name for name in described if name in hint.__required_keys__]
        return {**schema, "required": required} if required else schema

    def _selected(self, selected: Selected) -> Schema:
        schema = self._members(selected.hint)
        del schema["required"]
        for name, hint in selected.others:
            schema["properties"][name] = self.schema_of(hint)
        return schema

    def _extended(self, extended: Extended) -> Schema:
        further: Schema = {"type": "object", "properties": {extended.member: {"type": "string"}}}
        if extended.is_required:
            further["required"] = [extended.member]
        return {"allOf": [self.schema_of(extended.hint), further]}

    def _open(self, opened: Open) -> Schema:
        return {**self._members(opened.hint), "additionalProperties": {}}

    def _page(self, item: Any) -> Schema:
        link = or_null({"type": "string", "format": "uri"})
        return {
            "type": "object",
            "description": "A page of a list: follow the links.",
            "properties": {
                "next": link,
                "previous": link,
                "results": {"type": "array", "items": self.schema_of(item)},
            },
            "required": ["next", "previous", "results"],
        }


def or_null(schema: Schema) -> Schema:
    """The schema of something that may be null as well."""
    if not is_version_31():
        return {**({"allOf": [schema]} if "$ref" in schema else schema), "nullable": True}
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if set(schema) == {"anyOf"}:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def constants(values: tuple[Any, ...]) -> Schema:
    """One of a few texts.

    Wrapped, since drf-spectacular makes a component of an `enum` that is a member of an
    object, by the member's name alone, and would rename those of the site.
    """
    return {"allOf": [{"type": "string", "enum": list(values)}]}


def _words(words: type[Choices]) -> Schema:
    values = [level_text(one.value) for one in words] if words is AssuranceLevel else words.values
    return {
        "type": "string",
        "enum": list(values),
        "description": inspect.cleandoc(words.__doc__ or ""),
    }
