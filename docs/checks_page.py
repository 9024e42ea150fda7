"""Makes docs/checks.md out of `sessions_hub/checks/`: every id, with what it says.

python docs/checks_page.py

Kept in the project like docs/settings.md; a test says when it is out of date.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKS = HERE.parent / "sessions_hub" / "checks"
ID = re.compile(r"(?:sessions_hub\.)?([EWI]\d{3})")

HEAD = """\
# Checks

<!-- Made by docs/checks_page.py out of sessions_hub/checks/: change that. -->

What `python manage.py check` can say. `E` is an error, `W` a warning, `I` for your information;
each comes with a hint on what to do. Ids are never used again for something else. To silence one,
put `"sessions_hub.W040"` into `SILENCED_SYSTEM_CHECKS`.

Those of deployment run with `check --deploy` only, those of tables with `check --database default`
and with `migrate`. `…` stands for what is found on your site.
"""

# Where one call serves two ids, and none of them stands in it.
_TOO_LONG = "Sessions of … {} longer than NIST SP 800-63B-4 allows: …, not …."
SAID = {
    "E081": _TOO_LONG.format("last"),
    "W080": _TOO_LONG.format("last"),
    "W081": _TOO_LONG.format("rest"),
}


def checks_in(path: Path) -> Iterator[tuple[str, str]]:
    """The ids of one module of checks, and what each says."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "id" and (found := id_in(keyword.value)):
                    yield found, text_of(node.args[0])
        elif isinstance(node, ast.Tuple) and len(node.elts) == 4:
            name, _rule, wanted, last = node.elts
            if found := id_in(last):
                yield found, f"SESSIONS_HUB_{text_of(name)} must be {text_of(wanted)}."
        elif isinstance(node, ast.Constant) and (found := id_in(node)) in SAID:
            yield found, SAID[found]


def id_in(node: ast.expr) -> str:
    """The id that a constant holds, and nothing else."""
    value = node.value if isinstance(node, ast.Constant) else None
    found = ID.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def text_of(node: ast.expr) -> str:
    """What an expression says, `…` for what it finds out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + text_of(node.right)
    return "…"


def title_of(path: Path) -> str:
    """What a module's docstring says its checks are of, up to the first stop."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    subject = re.split(r"[.:,]", re.sub(r"^Checks? of (the )?", "", told))[0]
    return subject[0].upper() + subject[1:]


def marked_up(text: str) -> str:
    """A message with the names of settings between backticks."""
    return re.sub(r"\b(SESSIONS_HUB_\w+)", r"`\1`", text)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path in sorted(CHECKS.glob("*.py")):
        rows = sorted(set(checks_in(path)), key=lambda row: (row[0][1:], row[1]))
        if not rows:
            continue
        parts.append(f"## {title_of(path)}\n\n| id | says |\n|---|---|")
        parts += [f"| `{name}` | {marked_up(text)} |" for name, text in rows]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    (HERE / "checks.md").write_text(page(), encoding="utf-8")
