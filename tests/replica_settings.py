"""The suite's settings with a replica that is as late as one can be: see StaleRouter."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, NAME, _database

DATABASES["replica"] = _database(f"{NAME}_replica")
DATABASE_ROUTERS = ["tests.routers.StaleRouter"]
