"""In which language to speak to a caller whose message does not tell it."""

from flask import request

from bot.parts import Parts
from knowledge.model import Language

FALLBACK = "en"
"""Language for a caller who names none that we have, where we have it."""


def preferred(parts: Parts, chosen: str | None = None) -> Language:
    """Give the language that was chosen, else the best of what the browser asks for."""
    languages = parts.knowledge.languages
    if chosen in languages:
        return languages[chosen]
    fallback = FALLBACK if FALLBACK in languages else next(iter(languages))
    return languages[request.accept_languages.best_match(list(languages), default=fallback)]
