"""``check`` and ``evaluate``: is the knowledge base in order, and how well does it do?"""

import sys
from pathlib import Path

import click

from bot.commands import parts, told
from bot.evaluate import Label, confusion, evaluate_all, scoreboard, worst
from bot.settings import Settings
from knowledge.load import load


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check(folder: Path | None) -> None:
    """Check the knowledge base in FOLDER, by default the one in use.

    Prints every problem at once, or one line when all is well.
    """
    with told():
        named = Settings.read().knowledge
        knowledge = load(folder or (Path(named) if named else None))
    first = next(iter(knowledge.languages.values()))
    click.echo(
        f"OK: {', '.join(knowledge.languages)}; {len(first.sections)} sections and "
        f"{len(first.requests)} request types in each"
    )


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--errors", default=10, show_default=True, help="Wrong outcomes to print.")
def evaluate(files: tuple[Path, ...], errors: int) -> None:
    """Score the assistant on labelled messages (JSON lines) in FILES.

    Prints the figures by language, which kinds are taken for which, and the worst errors.
    """
    assistant = parts(stored=False).assistant
    labels: list[Label] = []
    for path in files:
        for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    labels.append(Label.model_validate_json(line))
                except ValueError:
                    click.echo(f"{path}:{row}: not a labelled message", err=True)
                    sys.exit(1)
    judged = evaluate_all(labels, assistant)
    click.echo(scoreboard(judged))
    click.echo(f"\n{confusion(judged)}")
    found = worst(judged)[:errors]
    if found:
        click.echo("\nWrong, the most confident first:")
    for wrong in found:
        click.echo(wrong.line())
