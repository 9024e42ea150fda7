"""Texts for people that no mark hands to translators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .sources import KEYWORDS

# A block of names of classes, in the admin.
_CLASSES = r"block bodyclass\s*%}.*?{%\s*endblock"
_SHOWN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
# Keyword arguments and class attributes that are shown.
_SHOWN = {
    *("description", "empty_value_display", "help_text", "label", "short_description"),
    *("default_detail", "verbose_name", "verbose_name_plural"),
}
# Calls whose strings are shown, wherever they stand in them.
_SHOWING = {"ValidationError", "WrongCondition", "message_user"}


class _Shown(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._code = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag == "code"
        self.texts += [value for name, value in attrs if name in _SHOWN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.texts.append(data)


def unmarked_in_template(source: str) -> list[str]:
    """Texts and attributes of a template outside its marks; code is code in every language."""
    for block in (
        r"comment.*?%}.*?{%\s*endcomment",
        r"blocktrans.*?%}.*?{%\s*endblocktrans\w*",
        _CLASSES,
    ):
        source = re.sub(rf"{{%\s*{block}\s*%}}", " ", source, flags=re.DOTALL)
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", source, flags=re.DOTALL)
    texts = (" ".join(text.split()) for text in _Shown(source).texts)
    return [text for text in texts if re.search("[A-Za-z]{2}", text)]


def unmarked_in_python(source: str) -> Iterator[str]:
    """Strings that are shown to people and in no mark; marks in f-strings, which tools miss."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.JoinedStr():
                if any(_is_mark(inner) for inner in ast.walk(node)):
                    yield f"a mark in an f-string: {ast.unparse(node)}"
            case ast.keyword(arg=str(name), value=value) if name in _SHOWN:
                yield from _strings(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _SHOWN:
                yield from _strings(value)
            case ast.Call(func=func, args=args) if _name_of(func) in _SHOWING:
                for argument in args:
                    yield from _strings(argument)


def _strings(node: ast.AST) -> Iterator[str]:
    if _is_mark(node):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # Names of fields and conditions are one word in small letters.
        if re.search(r"[A-Za-z]{2}", node.value) and not re.fullmatch(r"[a-z_]+", node.value):
            yield node.value
        return
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name_of(node.func) in KEYWORDS


def _name_of(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
