"""The one way of a message: understand it, let its handler reply, write down what must be kept.

Frozen, so that any thread may use it. The conversation's state is read from the store before and
written after each message; of two messages at once the second is answered anew on what the first
left behind.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.understand import Understanding
from handlers import HANDLERS
from handlers.contract import Act, Choice, Desk, Dialogue, Kind, Message, Reply, Turn
from handlers.store import Conversation, Store
from handlers.tickets import Conflict
from knowledge.text import clean

MAX_TEXT = 4000
"""Characters of a message: a long story fits, a pasted book does not."""
IDLE = timedelta(hours=24)
"""After this time without a message a conversation is forgotten."""
TRIES = 5
"""How often a message is answered anew when another one of its conversation comes in between."""


class BadMessageError(Exception):
    """A message that cannot be answered; ``phrase`` is the name of the sentence that says why."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class ReusedIdError(Exception):
    """A message's id came before with another text."""


@dataclass(frozen=True)
class Answered:
    """A reply and the token by which its conversation goes on."""

    token: str
    reply: Reply


@dataclass(frozen=True)
class Assistant:
    """Answers messages."""

    understanding: Understanding
    desk: Desk
    store: Store
    fingerprint: Callable[[str], str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

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
        return Message(cleaned, channel, self.now(), language)

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

        The same ``message_id`` again gives the same reply and writes nothing.

        Raises:
            ReusedIdError: when the id came before with another text.
            StoreError: when the reply could not be written down.
        """
        if token is None or self.store.conversation(token) is None:
            # a forgotten conversation starts anew under a token that nobody else can have chosen
            token = secrets.token_urlsafe(18)
        fingerprint = self.fingerprint(message.text)
        for _ in range(TRIES):
            before = self.store.conversation(token)
            if before is not None and message_id and before.message_id == message_id:
                if before.fingerprint != fingerprint:
                    raise ReusedIdError
                return Answered(token, before.reply)
            reply = self.reply(self.read(message, before.dialogue if before else None))
            version = before.version + 1 if before else 1
            kept = Conversation(version, message_id, fingerprint, reply)
            try:
                self.store.save(token, kept, message.received_at)
            except Conflict:
                continue
            if before is None:
                self.store.forget_idle(message.received_at - IDLE)
            return Answered(token, reply)
        raise Conflict
