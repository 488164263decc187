"""The one way of a message: understand it, let its handler reply, write down what must be kept.

Frozen, so that any thread may use it. The conversation's state is read from the store before and
written after each message; of two messages at once the second is answered anew on what the first
left behind.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.abandoned import file_abandoned
from bot.codes import Codes
from bot.duplicates import with_proposals
from bot.limits import MESSAGES, Limiter
from bot.secret import Secret
from bot.sensitive import masked
from bot.understand import Understanding
from handlers import HANDLERS
from handlers.abandoned import told_on_return
from handlers.contract import Act, Choice, Desk, Dialogue, Kind, Message, Reply, Turn
from handlers.floods import too_many_messages, too_many_tickets
from handlers.identity import Sending, mailed
from handlers.register import What
from handlers.sensitive import told_of_mask
from handlers.store import Conversation, Store, StoreError
from handlers.tickets import Conflict, Contact
from knowledge.text import clean

LOG = logging.getLogger(__name__)

MAX_TEXT = 4000
"""Characters of a message: a long story fits, a pasted book does not."""
IDLE = timedelta(hours=24)
"""After this time without a message a conversation is forgotten."""
TRIES = 5
"""How often a message is answered anew when another one of its conversation comes in between."""
SAFE_ID = 16
"""Characters from which on a message's id, without a token, leads to the conversation that it
began. A shorter one can be guessed, or chosen by two people: it begins a conversation each time."""


class BadMessageError(Exception):
    """A message that cannot be answered; ``phrase`` is the name of the sentence that says why."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class ReusedIdError(Exception):
    """A message's id came before, with another text or in a conversation that has gone on."""


@dataclass(frozen=True)
class Answered:
    """A reply and the token by which its conversation goes on."""

    token: str
    reply: Reply
    wait: int | None = None
    """Seconds after which to try again, where too many messages came at once."""


@dataclass(frozen=True)
class Assistant:
    """Answers messages."""

    understanding: Understanding
    desk: Desk
    store: Store
    secret: Secret
    codes: Codes | None = None
    """Sends and checks one-time codes; None where no mail can be sent."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    replied: Callable[[Message, Reply], None] = lambda _message, _reply: None
    """Is told of each new reply, to count it."""

    def message(self, text: str, channel: str, language: str | None = None) -> Message:
        """Make a message of what came in.

        Raises:
            BadMessageError: when it is too long, or there is no text in it.
        """
        if len(text) > MAX_TEXT:
            raise BadMessageError("error_too_long")
        cleaned = clean(text)
        if not cleaned:
            raise BadMessageError("error_empty")
        safe = masked(cleaned)
        return Message(safe, channel, self.now(), language, masked=safe != cleaned)

    def read(self, message: Message, dialogue: Dialogue | None = None) -> Turn:
        """Understand a message; nothing is written."""
        return self.understanding.turn(message, dialogue or Dialogue())

    def reply(self, turn: Turn) -> Reply:
        """Let the handler of a turn reply; nothing is written."""
        reply = HANDLERS[turn.kind](turn, self.desk)
        if turn.act in {Act.SAY, Act.AGREE, Act.MORE} and turn.kind in {
            Kind.ANSWER,
            Kind.NO_ANSWER,
        }:
            last = Choice(turn.kind, sections=turn.sections)
            return replace(reply, dialogue=replace(reply.dialogue, last=last))
        return reply

    def answer(
        self, message: Message, token: str | None = None, message_id: str | None = None
    ) -> Answered:
        """Answer a message of a conversation, a new one unless a token is given.

        The same ``message_id`` again gives the same reply and writes nothing. The first message of
        a conversation, sent again, finds what it began where its id has :data:`SAFE_ID` characters.

        Raises:
            ReusedIdError: when the id came before with another text, or too long ago.
            StoreError: when the reply could not be written down.
        """
        before = self.store.conversation(token) if token else None
        begins = token is None or before is None
        if token is None or before is None:
            token = self._new_token(message_id)
            self._tidy(message.received_at)
        return self._answered(message, token, message_id, begins=begins)

    def answer_at(
        self, message: Message, token: str, message_id: str, carried: Dialogue | None = None
    ) -> Answered:
        """Answer a message at a place whose token the channel works out and nobody can choose.

        Args:
            message: what was said there.
            token: of the place, the same each time, as :meth:`bot.secret.Secret.place_token` gives.
            message_id: of the channel; the same again gives the same reply and writes nothing.
            carried: what was open at another place that the person comes from.

        Raises:
            ReusedIdError: when the id came before with another text.
            StoreError: when the reply could not be written down.
        """
        if self.store.conversation(token) is None:
            self._tidy(message.received_at)
        return self._answered(message, token, message_id, carried=carried)

    def _answered(
        self,
        message: Message,
        token: str,
        message_id: str | None,
        *,
        begins: bool = False,
        carried: Dialogue | None = None,
    ) -> Answered:
        fingerprint = self.secret.fingerprint(message.text)
        mark = self.secret.message_mark(message_id) if message_id else None
        once = Once()
        for _ in range(TRIES):
            before = self.store.conversation(token)
            if before is not None and mark and before.message_id == mark:
                if before.fingerprint != fingerprint:
                    raise ReusedIdError
                return Answered(token, before.reply)
            if before is not None and begins:
                raise ReusedIdError  # its reply is no longer kept, and it must not be taken twice
            if before is not None and not self._may_say_more(token, message.received_at, once):
                return Answered(token, self._wait(message, before.dialogue), MESSAGES.seconds)
            dialogue = _joined(before.dialogue if before else Dialogue(), carried or Dialogue())
            reply = self._reply(message, token, dialogue, once)
            version = before.version + 1 if before else 1
            kept = Conversation(version, mark, fingerprint, reply)
            try:
                self.store.save(token, kept, message.received_at)
            except Conflict:
                continue
            reply = self._mailed(token, kept, message.received_at)
            self.replied(message, reply)
            return Answered(token, reply)
        raise Conflict

    def _new_token(self, message_id: str | None) -> str:
        """Give the token of a new conversation; nobody else can have chosen it, nor guess it."""
        if message_id is not None and len(message_id) >= SAFE_ID:
            return self.secret.first_token(message_id)
        return secrets.token_urlsafe(18)

    def _tidy(self, now: datetime) -> None:
        """Forget idle conversations, after filing the drafts that were left in them."""
        try:
            file_abandoned(self.store, self.desk, now)
            self.store.forget_idle(now - IDLE)
        except StoreError as error:
            LOG.warning("left drafts could not be looked after: %s", error)

    def _reply(self, message: Message, token: str, dialogue: Dialogue, once: "Once") -> Reply:
        """Reply to a message, and see to what takes the store besides reading tickets."""
        turn, now = self.read(message, dialogue), message.received_at
        if turn.act is Act.CODE and turn.code and self.codes and dialogue.code_for:
            if once.proved is None:
                once.proved = (self.codes.proved(dialogue.code_for, turn.code, now),)
            turn = replace(turn, proved=once.proved[0])
        reply = self.reply(turn)
        if any(step.event.what is What.FILED for step in reply.steps):
            if once.may_file is None:
                once.may_file = Limiter(self.store).allows_filing(reply, token, now)
            if not once.may_file:
                reply = too_many_tickets(reply, dialogue, self.desk)
            reply = with_proposals(reply, self.store, self.desk.casework, now)
        return told_of_mask(told_on_return(reply, dialogue, self.desk), message, self.desk)

    def _may_say_more(self, token: str, now: datetime, once: "Once") -> bool:
        if once.may_say_more is None:
            once.may_say_more = Limiter(self.store).allows(MESSAGES, token, now)
        return once.may_say_more

    def _wait(self, message: Message, dialogue: Dialogue) -> Reply:
        languages = self.desk.knowledge.languages
        code = dialogue.language or message.language or next(iter(languages))
        return too_many_messages(dialogue, languages[code], self.desk)

    def _mailed(self, token: str, kept: Conversation, now: datetime) -> Reply:
        """Mail the code that a reply asks for, now that its ticket is on disk, and say so."""
        reply = kept.reply
        if reply.code_to is None or reply.ticket is None or self.codes is None:
            return reply
        try:
            sending = self.codes.send(reply.ticket, reply.code_to, reply.language, now)
        except StoreError as error:
            LOG.warning("a code could not be kept: %s", error)
            sending = Sending.FAILED
        reply = mailed(reply, sending, self.desk)
        following = replace(kept, version=kept.version + 1, reply=replace(reply, steps=()))
        try:
            self.store.save(token, following, now)
        except (Conflict, StoreError):
            LOG.info("a reply on a mailed code could not be kept; it is given all the same")
        return reply


def _joined(here: Dialogue, carried: Dialogue) -> Dialogue:
    """Open here what was open where the person comes from; a request under way here goes first."""
    if here.draft is not None:
        return here
    return replace(
        here,
        language=here.language or carried.language,
        offer=carried.offer or here.offer,
        question=carried.question or here.question,
        choices=carried.choices or here.choices,
        last=carried.last or here.last,
    )


@dataclass
class Once:
    """What is done once for a message, though it may be answered anew after a conflict."""

    proved: tuple[Contact | None] | None = None
    may_file: bool | None = None
    may_say_more: bool | None = None
