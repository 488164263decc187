"""``slack``: run the assistant in Slack over Socket Mode, and print the app's manifest."""

import signal
import sys
from threading import Event

import click

from bot.background import Background
from bot.channels.slack.manifest import manifest as manifest_text
from bot.channels.slack.socket import Socket
from bot.commands import parts, told
from bot.logs import configure
from bot.settings import Settings


@click.group(invoke_without_command=True)
@click.pass_context
def slack(context: click.Context) -> None:
    """Run the assistant in Slack without a public address (Socket Mode)."""
    if context.invoked_subcommand is None:
        _run()


@slack.command()
@click.option("--socket", is_flag=True, help="For Socket Mode, which needs no public address.")
def manifest(socket: bool) -> None:
    """Print the manifest of which Slack makes the app."""
    with told():
        settings = Settings.read()
    click.echo(manifest_text(settings.public_url, socket=socket), nl=False)


def _run() -> None:
    with told():
        settings = Settings.read()
    configure(settings.log_format)
    if not settings.slack_app_token:
        click.echo("SLACK_APP_TOKEN: is needed for Socket Mode", err=True)
        sys.exit(1)
    program = parts(stored=True)
    socket = Socket(program)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    background = Background(program.store, program.assistant.desk)
    background.start()
    socket.start()
    click.echo("The privacy assistant is ready in Slack. Stop it with Ctrl+C.")
    stopped.wait()
    socket.stop()
