"""The demonstration: an imaginary shop's home page with the assistant in its corner."""

from flask import render_template

from bot.parts import Parts
from handlers.deadlines import deadline
from knowledge.model import Language, Role, Section


def demo_page(parts: Parts, language: Language) -> str:
    """Show what the assistant does, with an answer and a due date that are real ones."""
    calendar = parts.assistant.desk.casework.calendar
    today = calendar.day_of(parts.assistant.now())
    return render_template(
        "demo.html",
        language=language,
        sample=_sample(parts, language),
        due=deadline(today, calendar).due_on,
        address=parts.settings.public_url.rstrip("/"),
    )


def _sample(parts: Parts, language: Language) -> Section | None:
    """Give the section of the policy that may lead to a stop at once: that on marketing."""
    for section in language.sections.values():
        facts = parts.knowledge.requests.get(section.request or "")
        if section.role is Role.POLICY and facts is not None and facts.stop_at_once:
            return section
    return None
