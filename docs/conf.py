"""How Sphinx makes the book: `sphinx-build -W -b html docs OUTPUT`.

The pages are Markdown that reads well where no Sphinx is, so links lead to files and the
anchors of headings are those of GitHub.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version

import django
from django.conf import settings

# For the pages that are made from docstrings: what can be imported with no package but these.
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "rest_framework",
        "sessions_hub",
        "sessions_hub.engine",
    ],
    USE_TZ=True,
)
django.setup()

project = "django-sessions-hub"
author = "The django-sessions-hub authors"
project_copyright = author
release = version = installed_version(project)

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build"]
suppress_warnings = [
    # Answers of the API with `…` in them, and commands over several lines, are no sh.
    "misc.highlighting_failure",
]

# -- Markdown ------------------------------------------------------------------

myst_enable_extensions = ["colon_fence"]
# As deep as GitHub gives headings an anchor.
myst_heading_anchors = 6

# -- Docstrings ----------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
# What stands between backticks in a docstring is a piece of code, not a link.
default_role = "literal"

# -- Pages ---------------------------------------------------------------------

html_theme = "furo"
html_title = "django-sessions-hub"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
