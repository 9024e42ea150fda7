"""Pages for a site's users; `account/urls.py` has the routes."""
