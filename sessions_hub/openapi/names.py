"""How things are called in the schema, and which version of OpenAPI it is."""

from __future__ import annotations

from django.db.models import Choices
from drf_spectacular.settings import spectacular_settings

# The document is the site's: its own components are called as they like.
PREFIX = "Hub"


def component_name(described: type) -> str:
    """The name of a class among the components of the document."""
    # Own rows and staff's have words in common.
    side = "Staff" if described.__module__.startswith("sessions_hub.api.staff.") else ""
    name = described.__name__.removesuffix("Object").removesuffix("Serializer")
    return f"{PREFIX}{side}{name}"


def words_name(words: type[Choices]) -> str:
    """The name of a closed list of words."""
    return f"{PREFIX}{words.__name__}Value"


def is_version_31() -> bool:
    """Whether the site writes OpenAPI 3.1, whose schemas are JSON Schema."""
    return str(spectacular_settings.OAS_VERSION).startswith("3.1")
