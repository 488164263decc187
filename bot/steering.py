"""Recognises the short replies that steer a conversation: yes, no, cancel, the second one ..."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from handlers.contract import Act, Choice, Dialogue, Turn
from handlers.tickets import Contact, ContactKind
from handlers.wording import label
from knowledge.model import Knowledge, Language
from knowledge.text import plain

CODE_DIGITS = re.compile(r"\d")
CODE_LENGTHS = (4, 8)
"""Fewest and most digits that are read as a one-time code, a mistyped one too."""
NO_WORDS = re.compile(r"[\d.#-]+")
LOOSELY = {
    ContactKind.POSTAL: ContactKind.EMAIL,
    ContactKind.PHONE: ContactKind.CUSTOMER_NUMBER,
    ContactKind.CUSTOMER_NUMBER: ContactKind.PHONE,
}
"""What else people mean by "address" and "number", where nothing of that kind was given."""

Named = TypeVar("Named")


CONTACT_WORDS = 6
"""Words up to which a message that names an address or number is about no more than that."""


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
    instead: dict[str, tuple[str, ...]]
    only: dict[str, tuple[str, ...]]
    correcting: dict[str, dict[str, None]]
    """By language: what is said around an address or number that is given anew."""
    withdrawing: frozenset[str]
    unwanted: frozenset[str]
    removing: dict[str, dict[str, None]]
    """By language: what takes back an address or number, the longest words first."""
    kinds: dict[str, dict[str, ContactKind]]
    """By language: what each kind of address or number is called, the longest names first."""
    pointing: dict[str, frozenset[str]]
    coding: dict[str, dict[str, None]]
    """By language: words around a one-time code, the longest first."""
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
            instead={language.code: _framed(language.words.instead) for language in languages},
            only={language.code: _framed(language.words.only) for language in languages},
            correcting={
                language.code: _longest_first(dict.fromkeys(map(plain, language.words.correcting)))
                for language in languages
            },
            withdrawing=frozenset(
                plain(text) for language in languages for text in language.words.withdraw
            ),
            unwanted=frozenset(
                plain(text) for language in languages for text in language.words.unwanted
            ),
            removing={
                language.code: _longest_first(dict.fromkeys(map(plain, language.words.remove)))
                for language in languages
            },
            coding={
                language.code: _longest_first(dict.fromkeys(map(plain, language.words.code)))
                for language in languages
            },
            kinds={language.code: _kinds(language) for language in languages},
            pointing={
                language.code: frozenset(
                    word for text in language.words.pointing for word in plain(text).split()
                )
                for language in languages
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
        """Tell a yes, no or cancel of more words, such as ``yes thanks``, in one language.

        Only for a reply to a question that can be answered so, and only where every word belongs
        to it: ``no more advertising please`` and ``yes but wait`` are neither.
        """
        act = self._longer_act(plain(text).split(), language)
        if act is Act.AGREE and _holds(self.reserve[language], text):
            return None
        return None if "?" in text else act

    def longer_act_of(self, turn: Turn) -> Act | None:
        """Tell the same of a turn; a no with an address in it is a correction."""
        return None if turn.contacts else self.longer_act(turn.message.text, turn.language)

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
        said = f" {plain(text)} "
        for words in self.instead[language]:
            said = said.replace(words, " ")
        return _holds(self.also[language], said)

    def replaces(self, text: str, language: str) -> bool:
        """Tell whether a message puts something in the place of what was said before."""
        return _holds(self.instead[language], text) and not self.adds(text, language)

    def keeps_one(self, text: str, language: str) -> bool:
        """Tell whether a short message keeps one of several wishes: ``only the copy``."""
        short = len(plain(text).split()) <= CONTACT_WORDS
        return short and "?" not in text and _holds(self.only[language], text)

    def kept_one(self, text: str, language: str) -> str:
        """Give what such a message names, without the words that keep it and a yes or no."""
        said = f" {plain(text)} "
        for words in self.only[language]:
            said = said.replace(words, " ")
        short = {*self.openings[language, Act.DECLINE], *self.openings[language, Act.AGREE]}
        return " ".join(word for word in said.split() if word not in short)

    def only_corrects(self, text: str, language: str) -> bool:
        """Tell whether a message, its addresses left out, only says that they are the right ones.

        Such as ``change the email to ...``: nothing that the team would want to read.
        """
        rest, _ = _without(plain(text), self.kinds[language])
        rest, _ = _without(rest, self.correcting[language])
        said = set(rest.split()) - self.pointing[language] - self.filler[language]
        return not said - self.openings[language, Act.DECLINE] - self.openings[language, Act.AGREE]

    def withdraws(self, text: str) -> bool:
        """Tell whether a message takes back what was filed, as people say it right after."""
        return plain(text) in self.withdrawing

    def regrets(self, text: str) -> bool:
        """Tell whether a message says that what was filed was not wanted."""
        return plain(text) in self.unwanted

    def about_contact(self, text: str, language: str) -> bool:
        """Tell whether a short message speaks of an address or number and names none.

        Such as ``the address is wrong``; not a question, and nothing that is added.
        """
        said = plain(text)
        if "?" in text or len(said.split()) > CONTACT_WORDS or self.adds(text, language):
            return False
        return bool(_without(said, self.kinds[language])[1])

    def removed(
        self, text: str, named: tuple[Contact, ...], given: tuple[Contact, ...], language: str
    ) -> tuple[Contact, ...] | None:
        """Tell which address or number a message takes back: ``remove the phone number``.

        Only where every word belongs to it; ``not the old newsletters`` takes nothing back.

        Args:
            text: the message.
            named: addresses and numbers that stand in it.
            given: addresses and numbers that were given before.
            language: in which the message is read.

        Returns:
            None where it takes nothing back, and nothing where several are of the kind it names.
        """
        if not set(named) <= set(given) or not self.only_removes(text, language):
            return None
        found = named or _of_kind(given, _without(plain(text), self.kinds[language])[1])
        if not found:
            return None
        return found if named or len(found) == 1 else ()

    def only_removes(self, text: str, language: str) -> bool:
        """Tell whether a message takes something back and says nothing else: ``not this one``."""
        rest, _ = _without(plain(text), self.kinds[language])
        others, removing = _without(rest, self.removing[language])
        kept = set(others.split()) - self.pointing[language] - self.filler[language]
        return bool(removing) and not kept

    def code(self, text: str, language: str, *, alone: bool) -> str | None:
        """Give the digits of a message that is a one-time code: ``123456``, ``code 123 456``.

        Args:
            text: the message.
            language: in which the message is read.
            alone: whether digits without a word for a code are one.
        """
        digits = "".join(CODE_DIGITS.findall(text))
        if not CODE_LENGTHS[0] <= len(digits) <= CODE_LENGTHS[1] or "@" in text:
            return None
        words, named = _without(plain(NO_WORDS.sub(" ", text)), self.coding[language])
        if set(words.split()) - self.pointing[language] - self.filler[language]:
            return None
        return digits if named or (alone and not words) else None

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


def _longest_first(texts: dict[str, Named]) -> dict[str, Named]:
    return {text: texts[text] for text in sorted(texts, key=len, reverse=True)}


def _kinds(language: Language) -> dict[str, ContactKind]:
    return _longest_first(
        {
            plain(name): ContactKind(kind)
            for kind, names in language.words.contact_kinds.items()
            for name in names
        }
    )


def _without(text: str, names: Mapping[str, Named]) -> tuple[str, list[Named]]:
    """Take names out of a text; give what is left, and what the names stand for."""
    rest, found = f" {text} ", []
    for name, meaning in names.items():
        if f" {name} " in rest:
            rest = rest.replace(f" {name} ", " ")
            found.append(meaning)
    return rest.strip(), found


def _of_kind(given: tuple[Contact, ...], kinds: list[ContactKind]) -> tuple[Contact, ...]:
    """Give those of the kinds, or where there are none of what people call so too."""
    wanted = set(kinds)
    if not any(contact.kind in wanted for contact in given):
        wanted = {LOOSELY[kind] for kind in kinds if kind in LOOSELY}
    return tuple(contact for contact in given if contact.kind in wanted)


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
            (Act.SKIP, (*words.skip, phrases.skip)),
            (Act.NEW_CODE, (*words.new_code, phrases.new_code)),
        ):
            for text in texts:
                acts.setdefault(plain(text), act)
    return acts
