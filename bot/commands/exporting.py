"""``tickets export``, ``dossier`` and ``figures``: what leaves the register, and is noted in it."""

import contextlib
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import BinaryIO

import click

from bot.commands.desk import AS, Day, office, stop
from bot.dossier import Dossier
from bot.exports import as_csv, as_jsonl, every, noted, row
from bot.exports import figures as count
from handlers.register import Codes

Command = Callable[..., None]


def into_file(command: Command) -> Command:
    """Add the options of what can be written into a file."""
    path = click.Path(dir_okay=False, path_type=Path)
    overwrite = click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
    output = click.option(
        "--output", type=path, help="File to write (mode 0600); else standard output."
    )
    return output(overwrite(command))


@click.command()
@click.option("--format", "kind", required=True, type=click.Choice(["csv", "jsonl"]))
@into_file
@click.option("--personal", is_flag=True, help="Addresses, words and explanations too.")
def export(kind: str, output: Path | None, overwrite: bool, personal: bool, actor: str) -> None:
    """Export every ticket: CSV for spreadsheets, JSON lines with the register for proof."""
    with office() as here:
        refuse_taken(output, overwrite)
        length = noted(here.store, actor, here.now, {"format": kind, "personal": personal})
        facts = here.knowledge.requests
        rows = (
            row(ticket, here.calendar, facts[ticket.request], personal=personal)
            for ticket in every(here.store)
        )
        lines = (
            as_csv(rows, personal=personal) if kind == "csv" else as_jsonl(rows, here.store, length)
        )
        written = write(lines, output)
        # the first line of CSV names the columns
        what = f"rows: {written - 1}" if kind == "csv" else f"lines, with the register: {written}"
        told_of(what, output)


@click.command()
@click.argument("reference")
@into_file
@click.option("--lang", help="Language of the document; by default the requester's.")
def dossier(
    reference: str, output: Path | None, overwrite: bool, lang: str | None, actor: str
) -> None:
    """Write all about the ticket with this REFERENCE as a document for the authority."""
    with office() as here:
        languages = here.knowledge.languages
        if lang is not None and lang not in languages:
            raise click.UsageError(f"--lang: there is no '{lang}', only {', '.join(languages)}")
        ticket = here.find(reference)
        refuse_taken(output, overwrite)
        code = lang or ticket.language
        codes: Codes = {"format": "dossier", "personal": True, "language": code}
        noted(here.store, actor, here.now, codes, ticket.reference)
        entries = list(here.store.register(ticket.reference))
        language = languages.get(code) or here.language
        head = here.store.head()
        write([Dossier(ticket, entries, head, here.desk, language, here.now).text()], output)
        told_of(f"dossier of {ticket.reference}", output)


for command in (export, dossier):
    command.params.append(AS)


@click.command()
@click.option("--since", type=Day(), help="Only those received on this day or later.")
@click.option("--until", type=Day(), help="Only those received on this day or earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def figures(since: date | None, until: date | None, as_json: bool) -> None:
    """Count tickets for the report: open, overdue, answered within one and three months."""
    if since and until and since > until:
        raise click.UsageError(f"--since {since} comes after --until {until}")
    with office() as here:
        wanted = (
            ticket
            for ticket in every(here.store)
            if (since or date.min)
            <= here.calendar.day_of(ticket.received_at)
            <= (until or date.max)
        )
        found = dataclasses.asdict(count(wanted, here.calendar, here.today))
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, number in found.items():
        share = ""
        if name in {"within_one_month", "within_three_months", "later"} and found["answered"]:
            share = f"  {number / found['answered']:.1%} of those answered"
        click.echo(f"{name.replace('_', ' '):22}{number:>8}{share}")


def _poured(parts: Iterable[str], file: BinaryIO) -> int:
    return sum(bool(file.write(part.encode())) for part in parts)


def refuse_taken(output: Path | None, overwrite: bool) -> None:
    """Exit 1, before an export is noted, where a file would be lost."""
    if output is not None and output.exists() and not overwrite:
        stop(f"'{output}' is there already; --overwrite replaces it")


def told_of(what: str, output: Path | None) -> None:
    """Say, beside the output, what went into a file."""
    if output is not None:
        click.echo(f"'{output}' was written; {what}", err=True)


def write(parts: Iterable[str], output: Path | None) -> int:
    """Write text in UTF-8, as it is, whole or not at all where it goes into a file.

    Gives the number of its parts.
    """
    if output is None:
        count = _poured(parts, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return count
    try:
        handle, aside = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                count = _poured(parts, file)
            Path(aside).replace(output)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(aside).unlink()
            raise
    except OSError as error:
        stop(f"'{output}' cannot be written: {error.strerror}")
    return count
