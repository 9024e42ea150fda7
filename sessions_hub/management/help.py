"""How `--help` looks: paragraphs and examples as they are written, Django's options last."""

from __future__ import annotations

import textwrap

from django.core.management.base import CommandParser, DjangoHelpFormatter


class HelpFormatter(DjangoHelpFormatter):
    """Fills each paragraph for itself, and leaves lines that begin with a space alone."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(
            part
            if part.startswith(" ") or "\n " in part
            else textwrap.fill(part, width, initial_indent=indent, subsequent_indent=indent)
            for part in text.split("\n\n")
        )


def arrange(parser: CommandParser) -> None:
    """Put Django's own options behind those of the command."""
    groups = parser._action_groups
    django = next(group for group in groups if group.title in {"options", "optional arguments"})
    django.title = "options of every command"
    groups.remove(django)
    groups.append(django)
