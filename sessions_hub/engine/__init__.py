"""A session engine that reads Django's session, the verdict and the user in one query.

INSTALLED_APPS = [..., "sessions_hub", "sessions_hub.engine"]
SESSION_ENGINE = "sessions_hub.engine.store"
"""
