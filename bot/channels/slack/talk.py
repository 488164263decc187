"""Answers what people say in Slack: where they said it, or where nobody else reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.assistant import BadMessageError, ReusedIdError
from bot.channels.errors import explain
from bot.channels.slack import modals
from bot.channels.slack.blocks import plain_post, reply_post
from bot.channels.slack.clients import Clients
from bot.channels.slack.escape import plain
from bot.channels.slack.inbox import RetryError
from bot.channels.slack.jobs import Job
from bot.channels.slack.outgoing import Mouth, told
from bot.channels.slack.people import Locales
from bot.channels.slack.places import Place, Where, source
from bot.parts import Parts
from handlers.contract import Act, Dialogue, Kind, Message, Turn
from handlers.feedback import Feedback
from handlers.store import StoreError
from handlers.tickets import Conflict
from handlers.wording import button
from knowledge.model import Language

PERSONAL = frozenset({Kind.REQUEST, Kind.STATUS, Kind.HUMAN})
"""Kinds of replies that concern one person, and so go to that person alone."""


@dataclass(frozen=True)
class Talk:
    """Does the jobs that are about what people say."""

    parts: Parts
    clients: Clients
    locales: Locales

    def say(self, job: Job, last: bool) -> None:
        """Answer a message, or what a button stands for."""
        mouth = self.mouth(job)
        language = self.language(mouth, job)
        text = plain(job.text, job.bot)
        try:
            with mouth.busy(language.phrases.page_typing):
                if text:
                    self._answer(job, text, language, mouth)
                else:
                    self._greet(job, language, mouth)
        except RetryError:
            raise
        except Exception as error:  # noqa: BLE001 - the person must hear of it
            if not last and not isinstance(error, ReusedIdError):
                raise RetryError(_problem(error)) from None
            sentence = explain(error, self.parts, language).text
            mouth.reply(plain_post(sentence, [button(language.phrases.talk_to_person)]))

    def rate(self, job: Job, last: bool) -> None:
        """Keep what somebody thinks of an answer, and thank for it."""
        del last
        mouth = self.mouth(job)
        self.parts.store.rate(rating(job.values, self.parts))
        language = self.parts.knowledge.languages[job.values["language"]]
        phrases, helpful = language.phrases, job.values["helpful"] == "yes"
        sentence = phrases.slack_thanks if helpful else phrases.slack_sorry
        buttons = [] if helpful else [button(phrases.talk_to_person)]
        mouth.whisper(plain_post(sentence, buttons))

    def note(self, job: Job, last: bool) -> None:
        """Note on its tickets that a message was edited or deleted."""
        del last
        place, store = job.place, self.parts.store
        name = source(place.team, place.channel, job.moment, self.parts.secret)
        casework = self.parts.assistant.desk.casework
        now = self.parts.assistant.now()
        deleted = "deleted" in job.values
        steps = [casework.note_source(t, now, deleted=deleted) for t in store.by_source(name)]
        if steps:
            store.apply(steps)

    def prompt(self, job: Job, last: bool) -> None:
        """Suggest what to ask."""
        del last
        mouth = self.mouth(job)
        phrases = self.language(mouth, job).phrases
        suggestions = (
            *(phrases.page_suggestion_1, phrases.page_suggestion_2),
            *(phrases.page_suggestion_3, phrases.page_suggestion_4),
        )
        with told():
            mouth.client.assistant_threads_setSuggestedPrompts(
                channel_id=job.place.channel,
                title=phrases.page_suggestions,
                prompts=[{"title": text, "message": text} for text in suggestions],
            )

    def file(self, job: Job, last: bool) -> None:
        """File what an employee passed on in the form, and say so by direct message."""
        del last
        mouth = self.mouth(job)
        post = modals.file(job, self.parts)
        mouth.post(mouth.direct(), post)

    def mouth(self, job: Job) -> Mouth:
        """Give what speaks in the workspace of a job."""
        with told():
            return Mouth(self.clients.of(job.place.team), self.clients, job)

    def language(self, mouth: Mouth, job: Job) -> Language:
        """Give the language that the person chose in Slack."""
        code = self.locales.of(mouth.client, job.place.team, job.place.user)
        return self.parts.knowledge.languages[code]

    def _answer(self, job: Job, text: str, language: Language, mouth: Mouth) -> None:
        assistant = self.parts.assistant
        try:
            message = assistant.message(text, "slack", language.code)
        except BadMessageError as error:
            mouth.reply(plain_post(explain(error, self.parts, language).text))
            return
        message = self._placed(message, job)
        if job.place.where is not Where.DIRECT:
            open_here = self._dialogue(job.place)
            turn = assistant.read(message, open_here)
            if turn.kind in PERSONAL or turn.contacts or message.masked:
                self._in_private(job, turn, open_here, mouth)
                return
        answered = assistant.answer_at(message, job.place.token(self.parts.secret), job.ids[0])
        shown = text if job.pressed or job.place.where is Where.ASIDE else None
        mouth.reply(reply_post(answered.reply, self.parts, shown))

    def _in_private(self, job: Job, turn: Turn, open_here: Dialogue, mouth: Mouth) -> None:
        """Answer by direct message, and tell the person so where nobody else sees it."""
        channel = mouth.direct()
        place = replace(job.place, where=Where.DIRECT, channel=channel, thread=None)
        message = turn.message
        if self._dialogue(place).draft is not None:
            # a yes said elsewhere must not file what is under way here
            message = replace(message, text=self._by_itself(turn))
        token = place.token(self.parts.secret)
        answered = self.parts.assistant.answer_at(message, token, job.ids[0], open_here)
        mouth.post(channel, reply_post(answered.reply, self.parts, turn.message.text))
        language = self.parts.knowledge.languages[answered.reply.language]
        mouth.whisper(plain_post(language.phrases.slack_private))
        mouth.quiet()

    def _by_itself(self, turn: Turn) -> str:
        """Say what a message means without what was said before it."""
        language = self.parts.knowledge.languages[turn.language]
        if turn.act is not Act.AGREE:
            return turn.message.text
        if turn.request is None:
            return language.phrases.choice_human
        title = language.requests[turn.request].title
        return language.phrases.choice_request.format(title=title)

    def _greet(self, job: Job, language: Language, mouth: Mouth) -> None:
        """Say what the assistant is, to who called it and said nothing."""
        phrases = language.phrases
        intro = phrases.page_intro.format(company=self.parts.knowledge.company)
        suggestions = (
            *(phrases.page_suggestion_1, phrases.page_suggestion_2),
            *(phrases.page_suggestion_3, phrases.page_suggestion_4, phrases.talk_to_person),
        )
        mouth.reply(plain_post(intro, [button(text) for text in suggestions]))

    def _dialogue(self, place: Place) -> Dialogue:
        kept = self.parts.store.conversation(place.token(self.parts.secret))
        return kept.dialogue if kept else Dialogue()

    def _placed(self, message: Message, job: Job) -> Message:
        """Note when Slack got a message, from which a period runs, and which one it is."""
        if job.pressed or not job.moment:
            return message
        sent = datetime.fromtimestamp(float(job.moment), UTC)
        place = job.place
        name = source(place.team, place.channel, job.moment, self.parts.secret)
        return replace(message, received_at=min(sent, message.received_at), source=name)


def rating(values: Mapping[str, str], parts: Parts) -> Feedback:
    """Make a rating of what a thumb carries."""
    language = parts.knowledge.languages[values["language"]]
    section = language.sections.get(values.get("section", ""))
    document = language.documents[section.document] if section else None
    return Feedback(
        at=parts.assistant.now(),
        language=language.code,
        kind=Kind(values["kind"]),
        section=section.id if section else None,
        version=document.version if document else None,
        helpful=values["helpful"] == "yes",
    )


def _problem(error: Exception) -> str:
    if isinstance(error, StoreError | Conflict):
        return "store"
    # the text of an unforeseen error may hold what a person wrote
    return type(error).__name__
