"""Puts the parts together: settings -> knowledge, store -> assistant. Nothing happens at import."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.assistant import Assistant
from bot.codes import Codes
from bot.learned import cache_folder, learned
from bot.mail import Mailer
from bot.secret import Secret, kept_secret
from bot.settings import Settings
from bot.tickets import open_store
from bot.understand import Understanding, understanding
from handlers.casework import Casework
from handlers.contract import Desk
from handlers.references import new_reference
from handlers.store import Store
from knowledge.load import load
from knowledge.model import Knowledge

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Parts:
    """A program put together, for whoever runs it."""

    settings: Settings
    knowledge: Knowledge
    secret: Secret
    store: Store
    assistant: Assistant


def load_knowledge(settings: Settings) -> Knowledge:
    """Load the knowledge base that the settings name.

    Raises:
        KnowledgeError: with every problem in it.
    """
    return load(Path(settings.knowledge) if settings.knowledge else None)


def understand_knowledge(
    settings: Settings, knowledge: Knowledge, tell: Tell = lambda _: None
) -> Understanding:
    """Learn, or read what was learnt of, the knowledge base's examples."""
    indexes, languages = learned(knowledge, cache_folder(settings.cache), tell)
    return understanding(knowledge, indexes, languages, settings.country)


def casework_of(settings: Settings, knowledge: Knowledge) -> Casework:
    """Give the rules of the work on tickets."""
    return Casework(settings.calendar, knowledge.requests, int(settings.retention_days))


def secret_of(settings: Settings) -> Secret:
    """Give the secret of the settings, or the one that is kept beside the database."""
    return Secret(settings.secret_key) if settings.secret_key else kept_secret(settings.database)


def follow_links(settings: Settings, secret: Secret) -> Callable[[str], str]:
    """Give what makes the link under which a requester follows a ticket."""

    def follow_url(reference: str) -> str:
        key = secret.follow_key(reference)
        return f"{settings.public_url.rstrip('/')}/requests/{reference}?key={key}"

    return follow_url


def desk_of(settings: Settings, knowledge: Knowledge, secret: Secret, store: Store) -> Desk:
    """Give what handlers and staff work with."""
    return Desk(
        knowledge=knowledge,
        tickets=store,
        casework=casework_of(settings, knowledge),
        new_reference=new_reference,
        follow_url=follow_links(settings, secret),
        may_follow=secret.may_follow,
        mails_codes=bool(settings.smtp_url),
    )


def build(settings: Settings, tell: Tell = lambda _: None) -> Parts:
    """Put the program together.

    Raises:
        KnowledgeError: when the knowledge base is broken.
        StoreError: when the store cannot be used.
    """
    knowledge = load_knowledge(settings)
    store = open_store(settings.database, secret_of(settings).vault)
    return assemble(settings, store, understand_knowledge(settings, knowledge, tell))


def assemble(settings: Settings, store: Store, understood: Understanding) -> Parts:
    """Put the program together of parts that were made before."""
    knowledge = understood.knowledge
    secret, mailer = secret_of(settings), Mailer.of(settings.smtp_url, settings.mail_from)
    desk = desk_of(settings, knowledge, secret, store)
    codes = Codes(store, knowledge, mailer) if mailer else None
    assistant = Assistant(understood, desk, store, secret, codes)
    return Parts(settings, knowledge, secret, store, assistant)
