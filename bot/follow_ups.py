"""Recognises short questions that only mean something after an answer: "and how long?"."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.model import Knowledge, Language
from knowledge.text import plain


@dataclass(frozen=True)
class FollowUps:
    """The short questions of all languages, ready for comparing."""

    questions: Mapping[str, Mapping[str, str]]
    """By language: what is asked -> the table of ``follow_ups.toml`` that answers it."""
    more: Mapping[str, frozenset[str]]
    leading: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, knowledge: Knowledge) -> "FollowUps":
        """Collect them from the knowledge base."""
        languages = knowledge.languages
        return cls(
            {code: _questions(language) for code, language in languages.items()},
            {code: frozenset(map(plain, lang.words.more)) for code, lang in languages.items()},
            {code: frozenset(map(plain, lang.words.leading)) for code, lang in languages.items()},
        )

    def question(self, text: str, language: str) -> str | None:
        """Give the table that answers a short question, or None for any other message."""
        return self.questions[language].get(self._bare(text, language))

    def wants_more(self, text: str, language: str) -> bool:
        """Tell whether a message asks for the whole section."""
        return self._bare(text, language) in self.more[language]

    def _bare(self, text: str, language: str) -> str:
        """Leave out the words that only lead in."""
        words = plain(text).split()
        while len(words) > 1 and words[0] in self.leading[language]:
            words = words[1:]
        return " ".join(words)


def _questions(language: Language) -> dict[str, str]:
    return {plain(text): name for name, texts in language.words.follow_up.items() for text in texts}
