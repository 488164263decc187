"""Makes one turn of another: what a message was taken for, filled in."""

from dataclasses import replace

from handlers.contract import Choice, Kind, Turn
from knowledge.model import Role, Section


def changed(turn: Turn, choice: Choice | None = None, **changes: object) -> Turn:
    """Give a turn with the reading of a choice, and with other fields as given."""
    if choice is not None:
        changes = {
            "kind": choice.kind,
            "request": choice.request,
            "sections": choice.sections,
            "theme": choice.theme,
            **changes,
        }
    return replace(turn, **changes)  # type: ignore[arg-type]


def about(section: Section) -> Choice:
    """Make the section itself what is meant."""
    silent = section.role is Role.SILENT
    return Choice(Kind.NO_ANSWER if silent else Kind.ANSWER, sections=(section.id,))
