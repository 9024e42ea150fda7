"""Brand, name and type of a device, by what its model is called."""

from __future__ import annotations

from .kinds import type_of
from .lookup import brand_of, is_brand, model_name, spelled

__all__ = ["brand_of", "is_brand", "model_name", "spelled", "type_of"]
