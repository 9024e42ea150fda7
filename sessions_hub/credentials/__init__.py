"""Secrets: how they look, how they are kept."""
