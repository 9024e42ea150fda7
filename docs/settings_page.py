"""Makes docs/settings.md out of `sessions_hub/conf/`, whose comments are the documentation.

python docs/settings_page.py

The page is kept in the project, so that it can be read where no Sphinx is; a test says when
it is out of date.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONF = HERE.parent / "sessions_hub" / "conf"
# These first, in this order; a further module of settings comes after them.
FIRST = ("sessions", "clients", "credentials", "answers", "pages")
WIDTH = 100

HEAD = """\
# Settings

<!-- Made by docs/settings_page.py out of the comments in sessions_hub/conf/: change those. -->

All are optional, and read from Django's settings whenever they are needed, so that
`override_settings` works. Wrong values, unknown names and a misplaced middleware are reported by
`python manage.py check` ([the checks](checks.md)).
"""

# What a group of settings is explained by. A group without an entry has no such line.
GUIDES = {
    "Enforcement": ("install.md", "cache.md", "faults.md"),
    "Lifetime": ("lifetimes.md", "retention.md"),
    "Impersonation": ("impersonation.md",),
    "Tenants": ("tenants.md",),
    "Assurance": ("assurance.md",),
    "Session engine": ("speed.md",),
    "Devices": ("clients.md", "devices.md"),
    "Moves and alerts": ("alerts.md",),
    "Client address": ("proxies.md",),
    "Understanding": ("clients.md", "geoip.md"),
    "Secrets": ("cryptography.md", "provider-tokens.md"),
    "Session tokens": ("tokens.md",),
    "Tokens": ("jwt.md",),
    "Answers": ("api.md",),
    "Pages": ("account-pages.md",),
}


@dataclass(frozen=True)
class Setting:
    """One setting as its property tells of it; `default` and `kind` are Python text."""

    name: str
    kind: str
    default: str
    text: str
    group: str


class Constants(ast.NodeTransformer):
    """Puts the values of names in their place: constants of a module, variables of a property."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def settings_in(path: Path) -> Iterator[Setting]:
    """The settings of one module of `sessions_hub/conf/`, in order."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    constants = assigned(tree.body)
    group = path.stem.capitalize()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("SESSIONS_HUB_")):
            continue
        for line in reversed(lines[: node.lineno - 1]):
            if found := re.match(r" +# -- (.+?) -+$", line):
                group = found[1]
                break
        names = Constants(constants | assigned(node.body))
        (call,) = [
            one for one in ast.walk(node) if isinstance(one, ast.Call) and called(one) == "read"
        ]
        yield Setting(
            name=node.name,
            kind=ast.unparse(node.returns) if node.returns else "",
            default=default_of(names.visit(call.args[1])),
            text=comment_of(lines[node.lineno : node.end_lineno]),
            group=group,
        )


def assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """The values of the names that plain assignments among these statements make."""
    return {
        statement.targets[0].id: statement.value
        for statement in body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }


def called(node: ast.Call) -> str:
    """The name of the function that is called."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def default_of(node: ast.expr) -> str:
    """The default as the page shows it; that of another setting is named in words."""
    if isinstance(node, ast.Call) and called(node) == "getattr":
        _settings, name, default = node.args
        return f"`{ast.literal_eval(name)}` of Django, else `{plain(default)}`"
    return f"`{plain(node)}`"


def plain(node: ast.expr) -> str:
    """The Python text of an expression, with the quotes the project writes."""
    text = ast.unparse(node)
    return text if '"' in text else text.replace("'", '"')


def comment_of(lines: list[str]) -> str:
    """The comment at the head of a property, as one paragraph."""
    marked = [line.strip() for line in lines]
    first = next(at for at, line in enumerate(marked) if line.startswith("#"))
    words: list[str] = []
    for line in marked[first:]:
        if not line.startswith("#"):
            break
        words.append(line.removeprefix("#").strip())
    return " ".join(words)


def marked_up(text: str) -> str:
    """A comment with its pieces of code between backticks, which comments do without."""
    code = r'`[^`]+`|\{[^}]*\}|"[^"]*"|\b(?:SESSIONS_HUB_\w+|[A-Z]{2,}[A-Z0-9]*_[A-Z_0-9]+)\b'
    return re.sub(code, lambda found: found[0] if found[0][0] == "`" else f"`{found[0]}`", text)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    group = ""
    for setting in all_settings():
        if setting.group != group:
            group = setting.group
            parts.append(f"## {group}\n")
            if guides := GUIDES.get(group):
                links = " · ".join(f"[{title_of(HERE / guide)}]({guide})" for guide in guides)
                parts.append(f"More on it: {links}\n")
        parts.append(
            f"### `{setting.name}`\n\n"
            f"Default: {setting.default} · Type: `{setting.kind}`\n\n"
            f"{wrapped(marked_up(setting.text))}\n"
        )
    return "\n".join(parts)


def all_settings() -> list[Setting]:
    """Every setting, in the order of the page."""
    modules = sorted(path.stem for path in CONF.glob("*.py"))
    ordered = [*FIRST, *(module for module in modules if module not in FIRST)]
    return [setting for module in ordered for setting in settings_in(CONF / f"{module}.py")]


def wrapped(text: str) -> str:
    """A paragraph in lines of at most WIDTH characters, where words allow."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def title_of(path: Path) -> str:
    """The heading of a page."""
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


if __name__ == "__main__":
    (HERE / "settings.md").write_text(page(), encoding="utf-8")
