"""Reading a page the way a browser does: its forms and what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from .problems import DemoError


@dataclass(slots=True)
class Form:
    """A form: where it posts to, and the values its fields came with."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the site, after its redirects."""

    url: str
    path: str
    status: int
    text: str

    def form_with(self, *names: str) -> Form:
        """The page's form that has fields of these names."""
        parser = _Forms()
        parser.feed(self.text)
        for form in parser.forms:
            if form.method == "post" and form.fields.keys() >= set(names):
                return form
        raise DemoError(f"{self.path} (status {self.status}) has no form with {', '.join(names)}.")


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._open)
        elif tag in ("input", "button") and self._open is not None and "name" in values:
            self._open.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
