"""Secrets: how they look, and how they are kept so that a copy of the database gives none away."""
