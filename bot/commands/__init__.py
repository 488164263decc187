"""The commands, by what they are about; what can be wrong at start is told in plain lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.address import remembered
from bot.parts import Parts, build
from bot.settings import Settings, SettingsError
from handlers.store import StoreError
from knowledge.load import KnowledgeError


@contextmanager
def told() -> Iterator[None]:
    """Print what is wrong, a problem a line, and exit 1."""
    try:
        yield
    except (KnowledgeError, SettingsError) as error:
        click.echo("\n".join(error.problems), err=True)
        sys.exit(1)
    except StoreError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def progress(code: str) -> None:
    """Say that a language's examples are being learnt, which takes seconds, once."""
    click.echo(f"Learning the example messages ({code}); this is done once ...", err=True)


def parts(*, stored: bool) -> Parts:
    """Put the program together, or exit with what is wrong.

    Args:
        stored: whether tickets go into the database of the settings, or nowhere.
    """
    with told():
        settings = remembered(Settings.read())
        return build(settings if stored else settings.without_store(), progress)
