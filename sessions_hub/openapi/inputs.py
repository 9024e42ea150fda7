"""Bodies and query strings: what drf-spectacular makes of their serializers, tidied.

Its descriptions of choices are labels in the reader's language, and its components for
them are named by the member alone.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sessions_hub.models import AssuranceLevel, Method, SessionType, Status

from .hints import Components, Schema
from .names import component_name

_KNOWN = (SessionType, Method, Status)
_LEVELS = [f"aal{level}" for level in AssuranceLevel.values]


def tidied(mapped: Schema, auto_schema: Any, serializer: Any) -> Schema:
    """The schema of a serializer, with its lists of words as components."""
    components = Components(auto_schema)
    properties = {
        name: _member(schema, serializer.fields[name], components, serializer)
        for name, schema in mapped.get("properties", {}).items()
    }
    schema: Schema = {"type": "object", "description": mapped.get("description", "")}
    if properties:
        schema["properties"] = properties
    if required := [name for name in properties if name in mapped.get("required", ())]:
        schema["required"] = required
    return schema


def _member(schema: Schema, field: Any, components: Components, serializer: Any) -> Schema:
    if isinstance(field, serializers.ChoiceField):
        words = _words(list(field.choices), str(field.field_name), components, serializer)
        return {"allOf": [words], "default": schema["default"]} if "default" in schema else words
    if (
        isinstance(field, serializers.CharField)
        and not field.allow_blank
        and "pattern" not in schema
    ):
        return {**schema, "minLength": 1}
    return schema


def _words(values: list[str], name: str, components: Components, serializer: Any) -> Schema:
    for known in _KNOWN:
        if values == known.values:
            return components.words(known)
    if values == _LEVELS:
        return components.words(AssuranceLevel)
    owner = component_name(type(serializer))
    full = owner + "".join(part.title() for part in name.split("_"))
    made = {"type": "string", "enum": values}
    return components.ref(full, serializer.__class__, lambda: made)
