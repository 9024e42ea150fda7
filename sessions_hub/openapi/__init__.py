"""The HTTP API as OpenAPI 3.1, through drf-spectacular: see `extensions.py`.

Nothing here is imported where that package is not in INSTALLED_APPS.
"""
