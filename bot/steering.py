"""Recognises the short replies that steer a conversation: yes, no, cancel, the second one ..."""

from dataclasses import dataclass

from handlers.contract import Act, Choice, Dialogue
from handlers.wording import label
from knowledge.model import Knowledge, Language
from knowledge.text import plain


@dataclass(frozen=True)
class Steering:
    """The steering words and button labels of all languages, ready for comparing."""

    acts: dict[str, Act]
    vocabulary: dict[tuple[str, Act], frozenset[str]]
    """By language: the single words that a yes, a no or a cancel is made of."""
    openings: dict[tuple[str, Act], frozenset[str]]
    """By language, as one's no is another's now: single words that are a yes, no or cancel."""
    filler: dict[str, frozenset[str]]
    reserve: dict[str, tuple[str, ...]]
    reduced: dict[tuple[str, str], Act]
    """By language: what is left of a reply without its fillers."""
    also: dict[str, tuple[str, ...]]
    withdrawing: frozenset[str]
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
        filler = {
            language.code: frozenset(
                word for text in language.words.filler for word in plain(text).split()
            )
            for language in languages
        }
        said = {
            (language.code, act): [plain(text) for text in texts]
            for language in languages
            for act, texts in (
                (Act.AGREE, language.words.yes),
                (Act.DECLINE, language.words.no),
                (Act.CANCEL, language.words.cancel),
            )
        }
        return cls(
            acts=_acts(languages),
            vocabulary={
                key: frozenset(word for text in texts for word in text.split())
                for key, texts in said.items()
            },
            openings={
                key: frozenset(text for text in texts if " " not in text)
                for key, texts in said.items()
            },
            filler=filler,
            reduced={
                (code, reduced): act
                for (code, act), texts in said.items()
                for text in texts
                if (reduced := " ".join(w for w in text.split() if w not in filler[code]))
            },
            reserve={language.code: _framed(language.words.reserve) for language in languages},
            also={language.code: _framed(language.words.also) for language in languages},
            withdrawing=frozenset(
                plain(text) for language in languages for text in language.words.withdraw
            ),
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
        """Tell a yes, no or cancel of more words, such as ``yes thanks``, in one language.

        Only for a reply to a question that can be answered so, and only where every word belongs
        to it: ``no more advertising please`` and ``yes but wait`` are neither.
        """
        act = self._longer_act(plain(text).split(), language)
        if act is Act.AGREE and _holds(self.reserve[language], text):
            return None
        return None if "?" in text else act

    def _longer_act(self, words: list[str], language: str) -> Act | None:
        rest = [word for word in words if word not in self.filler[language]]
        if found := self.reduced.get((language, " ".join(rest))):
            return found
        no = self.vocabulary[language, Act.DECLINE]
        dropping = (no | self.vocabulary[language, Act.CANCEL]).issuperset(rest)
        if dropping and self.openings[language, Act.CANCEL].intersection(rest):
            return Act.CANCEL
        for act in (Act.AGREE, Act.DECLINE):
            opens = words[:1] and words[0] in self.openings[language, act]
            if opens and self.vocabulary[language, act].issuperset(rest):
                return act
        return None

    def opens(self, text: str, act: Act, language: str) -> bool:
        """Tell whether a message starts with a yes, a no or a cancel."""
        return plain(text).partition(" ")[0] in self.openings[language, act]

    def adds(self, text: str, language: str) -> bool:
        """Tell whether a message adds something: ``also``, ``too`` ..."""
        return _holds(self.also[language], text)

    def withdraws(self, text: str) -> bool:
        """Tell whether a message takes back what was filed, as people say it right after."""
        return plain(text) in self.withdrawing

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
        position = self.position(text)
        if position is None and self.act(text) is Act.AGREE:
            position = 0  # "yes, that": the likeliest one stands first
        if position is not None and position < len(dialogue.choices):
            return dialogue.choices[position]
        return None

    def position(self, text: str) -> int | None:
        """Tell which of a few things shown a reply names: 0 for ``the first one``."""
        return self.ordinals.get(plain(text))


def _framed(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f" {plain(text)} " for text in texts)


def _holds(framed: tuple[str, ...], text: str) -> bool:
    said = f" {plain(text)} "
    return any(words in said for words in framed)


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
