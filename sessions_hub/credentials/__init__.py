"""Secrets that are read back: how they are kept so that a copy of the database gives none away."""
