"""What a message does to the request under way: supplies, corrects, adds, asks, drops.

Pure: it reads and writes nothing.
"""

from dataclasses import dataclass

from bot.contacts import ContactFinder, find_corrected, without_contacts
from bot.reading import CLEAR, Reader, little_said
from bot.steering import Steering
from bot.turns import changed
from handlers.contract import Act, Draft, Kind, Turn
from handlers.requests import missing, says_more
from handlers.tickets import Contact
from handlers.wording import BREACH
from knowledge.meanings import Group, Reading, outcome_share
from knowledge.model import Knowledge, Slot
from knowledge.text import NUMBER

OTHER_WISH = 0.7
"""Share from which another request takes the place of the one under way; it is read back again."""
OTHER_WISH_INSTEAD = 0.5
"""The same, where the message itself says that something else is wanted instead."""
ASKED = 0.4
"""Share from which a question amid a request is answered before the request goes on."""
QUESTIONS = frozenset({Group.SECTION, Group.SILENT, Group.STATUS, Group.OUT_OF_SCOPE})
"""What a question in the middle of a request can be about."""


@dataclass(frozen=True)
class Drafting:
    """All that is needed to understand messages amid a request."""

    knowledge: Knowledge
    steering: Steering
    finder: ContactFinder
    reader: Reader

    def steered(self, turn: Turn, draft: Draft, act: Act | None) -> Turn | None:
        """Take a short reply for the request under way."""
        if (removed := self._removed(turn, draft)) is not None:
            return changed(
                turn, kind=Kind.REQUEST, request=draft.request, act=Act.REMOVE, contacts=removed
            )
        if draft.then and self.steering.keeps_one(turn.message.text, turn.language):
            return changed(turn, kind=Kind.REQUEST, request=self._kept(turn, draft), act=Act.ALONE)
        act = self._act_on_draft(turn, act)
        if act is None and turn.contacts and self._refuses_another(turn):
            act = Act.DECLINE
        return changed(turn, kind=Kind.REQUEST, request=draft.request, act=act) if act else None

    def supplied(self, turn: Turn, draft: Draft) -> Turn | None:
        """Take what was asked for, unless the message is clearly about something else."""
        text = turn.message.text
        slot = missing(draft, self.knowledge)
        given = self._given(turn, draft, slot)
        supplies = changed(
            turn,
            kind=Kind.REQUEST,
            request=draft.request,
            act=Act.SUPPLY,
            contacts=given,
            bare=self.steering.only_corrects(without_contacts(text), turn.language),
        )
        if given:
            adding = slot is None and self.steering.adds(text, turn.language)
            return changed(supplies, act=Act.ADD) if adding else supplies
        if slot is None and self.steering.about_contact(text, turn.language):
            return changed(supplies, act=Act.DECLINE)  # "the address is wrong": which one is right?
        # where details matter, people tell their story, which may sound like another wish
        story = slot is not None and Slot.DETAILS in self.knowledge.requests[draft.request].slots
        refuses = self.steering.opens(text, Act.DECLINE, turn.language)
        asks_about_it = slot is Slot.CONTACT and "?" in text
        may_switch = refuses or not (story or asks_about_it)
        other = self._other_wish(turn, draft) if may_switch else None
        if other is not None:
            return self._wished(supplies, other)
        if self._asks(turn, slot):
            return None
        told = slot is Slot.DETAILS or (slot is None and says_more(text))
        return supplies if told else changed(supplies, act=Act.UNCLEAR)

    def _kept(self, turn: Turn, draft: Draft) -> str:
        """Tell which of the wishes a message keeps: the likeliest, else the one under way."""
        wishes = {draft.request, *(wish.request for wish in draft.then)}
        named = self.steering.kept_one(turn.message.text, turn.language)
        readings = self.reader.indexes[turn.language].read(named)
        likely = [reading for reading in readings if reading.share >= ASKED]
        requests = (self._request_of(reading, turn.language) for reading in likely)
        return next((request for request in requests if request in wishes), draft.request)

    def _request_of(self, reading: Reading, language: str) -> str | None:
        """Give the request that a reading is, or that its section leads to."""
        if reading.meaning.group is Group.REQUEST:
            return reading.meaning.id
        section = self.knowledge.languages[language].sections.get(reading.meaning.id)
        return section.request if section is not None else None

    def _refuses_another(self, turn: Turn) -> bool:
        """Tell whether a message refuses an address that nobody gave; ``no, b@b.com`` corrects."""
        text, language = turn.message.text, turn.language
        corrects = self.steering.opens(text, Act.DECLINE, language) or self.finder.meant(
            text, language
        )
        return not corrects and self.steering.only_removes(text, language)

    def _removed(self, turn: Turn, draft: Draft) -> tuple[Contact, ...] | None:
        """Tell what is taken back: ``remove the phone number``; a plain no or yes is no such."""
        text = turn.message.text
        if self.steering.act(text) or self.steering.longer_act_of(turn) not in {None, Act.CANCEL}:
            return None
        return self.steering.removed(text, turn.contacts, draft.contacts, turn.language)

    def _act_on_draft(self, turn: Turn, act: Act | None) -> Act | None:
        """Tell what a short reply does to a request under way."""
        act = act or self.steering.longer_act_of(turn)
        if act is Act.NEW_CODE:
            return None
        if act is Act.AGREE and "?" in turn.message.text:
            return Act.UNCLEAR  # "yes?" asks, and files nothing
        if turn.contacts or NUMBER.search(turn.message.text):
            return None  # "no, 88132" corrects
        return act

    def _wished(self, turn: Turn, other: str) -> Turn | None:
        """Keep another wish for afterwards where it was added; else it takes the place of this."""
        text = turn.message.text
        if self.steering.replaces(text, turn.language):
            return None
        adding = self.steering.adds(text, turn.language)
        if adding or self.steering.opens(text, Act.AGREE, turn.language):
            return changed(turn, act=Act.ADD, then=(other,))
        return None

    def _given(self, turn: Turn, draft: Draft, slot: Slot | None) -> tuple[Contact, ...]:
        """Give the addresses and numbers in a reply, also a bare one that corrects another."""
        if slot is Slot.CONTACT:
            return turn.contacts or self.finder.asked(turn.message.text, turn.language)
        if slot is None and not turn.contacts:
            return find_corrected(turn.message.text, draft.contacts)
        return turn.contacts

    def _asks(self, turn: Turn, slot: Slot | None) -> bool:
        """Tell whether a message, while something is asked for, is a question of its own."""
        text = turn.message.text
        best = self.reader.best(text, turn.language)
        if "?" in text:
            return best.meaning.group in QUESTIONS and best.share >= ASKED
        if slot is Slot.DETAILS:
            return False
        if best.meaning.id == BREACH and not turn.dialogue.filed:
            return False  # "they called me again" goes with the request, it stops none filed before
        return best.meaning.group is not Group.REQUEST and best.share >= CLEAR and says_more(text)

    def _other_wish(self, turn: Turn, draft: Draft) -> str | None:
        """Give the request type that a message wants instead of, or after, the one under way."""
        text = turn.message.text
        readings = self.reader.read(text, turn.language)
        best = readings[0]
        if best.meaning.group is not Group.REQUEST or best.meaning.id == draft.request:
            return None
        instead = self.steering.replaces(text, turn.language)
        share = OTHER_WISH_INSTEAD if instead else OTHER_WISH
        sure = outcome_share(best, readings) >= share and not little_said(text)
        return best.meaning.id if sure else None
