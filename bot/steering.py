"""Recognises the short replies that steer a conversation: yes, no, cancel, the second one ..."""

from dataclasses import dataclass

from handlers.contract import Act, Choice, Dialogue
from handlers.wording import label
from knowledge.model import Knowledge, Language
from knowledge.text import plain

REFUSAL_WORDS = 6
"""A longer sentence that starts with ``no`` says what is wanted instead, and is read for that."""


@dataclass(frozen=True)
class Steering:
    """The steering words and button labels of all languages, ready for comparing."""

    acts: dict[str, Act]
    agreeing: dict[str, frozenset[str]]
    """By language: the single words that a yes is made of."""
    refusing: dict[str, frozenset[str]]
    """By language, as one's no is another's now: the single words that start a no."""
    none_of_these: frozenset[str]
    ordinals: dict[str, int]
    people: frozenset[str]
    """Labels of the buttons that ask for a person."""

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Steering":
        """Collect the words of every language: a yes is a yes in any of them."""
        languages = list(knowledge.languages.values())
        ordinals = {
            plain(word): position
            for language in languages
            for position, words in enumerate(language.words.ordinals)
            for word in words
        }
        agreed = {language.code: map(plain, language.words.yes) for language in languages}
        refused = {language.code: map(plain, language.words.no) for language in languages}
        return cls(
            acts=_acts(languages),
            agreeing={
                code: frozenset(word for phrase in phrases for word in phrase.split())
                for code, phrases in agreed.items()
            },
            refusing={
                code: frozenset(phrase for phrase in phrases if " " not in phrase)
                for code, phrases in refused.items()
            },
            none_of_these=frozenset(
                plain(words)
                for language in languages
                for words in (*language.words.none_of_these, language.phrases.none_of_these)
            ),
            ordinals=ordinals,
            people=frozenset(
                plain(text)
                for language in languages
                for text in (language.phrases.talk_to_person, language.phrases.choice_human)
            ),
        )

    def act(self, text: str) -> Act | None:
        """Tell what a short reply does, in any language; None for any other message."""
        return self.acts.get(plain(text))

    def longer_act(self, text: str, language: str) -> Act | None:
        """Tell a yes or no of more words, such as ``yes thanks, go ahead``, in one language.

        Only for a reply to a question that can be answered so: ``no more advertising please`` is
        no refusal where nothing was asked.
        """
        words = plain(text).split()
        if not words or "?" in text:
            return None
        if self.agreeing[language].issuperset(words) and self.acts.get(words[0]) is Act.AGREE:
            return Act.AGREE
        if self.refuses(text, language) and len(words) <= REFUSAL_WORDS:
            return Act.DECLINE
        return None

    def refuses(self, text: str, language: str) -> bool:
        """Tell whether a message starts with a no."""
        return plain(text).partition(" ")[0] in self.refusing[language]

    def wants_person(self, text: str) -> bool:
        """Tell whether a message is the button that asks for a person."""
        return plain(text) in self.people

    def choice(self, text: str, dialogue: Dialogue, language: Language) -> Choice | Act | None:
        """Find which of the offered readings a reply picks; ``Act.DECLINE`` for none of them."""
        said = plain(text)
        if said in self.none_of_these:
            return Act.DECLINE
        for choice in dialogue.choices:
            if plain(label(choice, language)) == said:
                return choice
        position = self.ordinals.get(said)
        if position is not None and position < len(dialogue.choices):
            return dialogue.choices[position]
        return None


def _acts(languages: list[Language]) -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for language in languages:
        words, phrases = language.words, language.phrases
        agreeing = (phrases.yes_file, phrases.do_it, phrases.pass_on, phrases.withdraw_yes)
        for act, texts in (
            (Act.AGREE, (*words.yes, *agreeing)),
            (Act.DECLINE, (*words.no, phrases.no_change)),
            (Act.CANCEL, (*words.cancel, phrases.cancel)),
            (Act.RESTART, words.restart),
            (Act.WHY, words.why),
        ):
            for text in texts:
                acts.setdefault(plain(text), act)
    return acts
