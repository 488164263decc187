"""``ask`` and ``chat``: talk to the assistant in the terminal."""

import os
import sys
from collections.abc import Iterator

import click
from pydantic import BaseModel

from bot.assistant import MAX_TEXT, Assistant, BadMessageError
from bot.channels.payload import to_payload
from bot.commands import parts
from bot.explain import explained
from bot.parts import Parts
from bot.predict import predict
from handlers.contract import Reply
from handlers.store import StoreError
from handlers.wording import number
from knowledge.model import Knowledge, Language


@click.command()
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the reply as the API gives it.")
@click.option("--jsonl", is_flag=True, help='Read {"id", "text"} objects, a line each, from stdin.')
@click.option("--explain", is_flag=True, help="Print why the message is read as it is instead.")
def ask(text: str | None, as_json: bool, jsonl: bool, explain: bool) -> None:
    """Ask TEXT, one message, and print the reply; nothing is stored."""
    if jsonl:
        if text is not None:
            raise click.UsageError("with --jsonl the messages come from standard input")
        program = parts(stored=False)
        sys.exit(_lines(program.assistant))
    if text is None:
        raise click.UsageError("write the message behind 'ask', between quotation marks")
    program = parts(stored=False)
    try:
        message = program.assistant.message(text, "cli")
    except BadMessageError as error:
        raise click.UsageError(_refused(error, terminal_language(program.knowledge))) from error
    turn = program.assistant.read(message)
    if explain:
        click.echo(explained(turn, program.assistant.understanding))
        return
    reply = program.assistant.reply(turn)
    if as_json:
        click.echo(to_payload(reply, program).model_dump_json(indent=2))
    else:
        click.echo(shown(reply, program))


class Given(BaseModel):
    """One line of ``ask --jsonl``; other fields do not matter."""

    id: str | int | None
    text: str


def _lines(assistant: Assistant) -> int:
    """Answer JSON lines; give 1 where a line could not be read, after answering the others."""
    status = 0
    for row, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            given = Given.model_validate_json(line)
        except ValueError:
            click.echo(f'line {row}: not a JSON object with "id" and "text"', err=True)
            status = 1
            continue
        click.echo(predict(assistant, given.id, given.text).model_dump_json())
    return status


@click.command()
@click.option("--lang", help="Language to start in; your terminal's by default.")
def chat(lang: str | None) -> None:
    """Hold a conversation in the terminal; what you confirm is filed."""
    program = parts(stored=True)
    codes = program.knowledge.languages
    if lang is not None and lang not in codes:
        raise click.UsageError(f"--lang: there is no '{lang}', only {', '.join(codes)}")
    language = codes[lang] if lang else terminal_language(program.knowledge)
    click.echo(language.phrases.page_intro.format(company=program.knowledge.company) + "\n")
    token = None
    for line in _typed():
        try:
            message = program.assistant.message(line, "cli", language.code)
            answered = program.assistant.answer(message, token)
        except BadMessageError as error:
            click.echo(_refused(error, language) + "\n")
            continue
        except StoreError:
            company = program.knowledge.company
            click.echo(language.phrases.error_store.format(company=company) + "\n")
            continue
        token, language = answered.token, codes[answered.reply.language]
        click.echo(f"\n{shown(answered.reply, program)}\n")
    if token is not None:
        program.store.forget(token)


def _typed() -> Iterator[str]:
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            yield input(prompt)
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        except UnicodeDecodeError:
            yield ""


def terminal_language(knowledge: Knowledge) -> Language:
    """Give the language of the terminal, or English, or whichever there is."""
    languages = knowledge.languages
    wanted = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2]
    return languages.get(wanted) or languages.get("en") or next(iter(languages.values()))


def shown(reply: Reply, program: Parts) -> str:
    """Lay a reply out for a terminal: text, sources, and what can be answered."""
    language = program.knowledge.languages[reply.language]
    lines = [reply.text]
    for name in reply.sections:
        section = language.sections[name]
        document = language.documents[section.document]
        place = ", ".join(part for part in (number(section, language), section.title) if part)
        lines.append(
            f"  {language.phrases.page_source}: {document.title} ({document.version}), {place}"
        )
    if reply.buttons:
        lines.append("  " + "  ".join(f"[{button.label}]" for button in reply.buttons))
    return "\n".join(lines)


def _refused(error: BadMessageError, language: Language) -> str:
    pattern: str = getattr(language.phrases, error.phrase)
    return pattern.format(limit=MAX_TEXT)
