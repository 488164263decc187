"""``serve`` and ``settings``: run the server, and what it runs by."""

import os
import socket
import sys
import tempfile

import click
from granian import Granian
from granian.constants import Interfaces

from bot.address import NAME as PUBLIC_URL
from bot.address import address, remember
from bot.commands import parts, told
from bot.logs import SERVER, configure
from bot.metrics import FOLDER
from bot.settings import SETTINGS, Settings

SECRETS = (
    *("SECRET_KEY", "STAFF_TOKEN", "SMTP_URL"),
    *("BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN", "CLIENT_SECRET"),
)
"""Settings whose value is not shown: a mail server's URL may hold a password."""


STOP_SECONDS = 10
"""Seconds that a worker gets to finish what it is at when the server stops."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes."
)
def serve(host: str, port: int, workers: int) -> None:
    """Run the web chat and the API."""
    # the workers are processes of their own and read their settings from the environment
    url = os.environ[PUBLIC_URL] = os.environ.get(PUBLIC_URL) or address(host, port)
    # whatever is wrong is told here, once, and not by each worker
    settings = parts(stored=True).settings
    configure(settings.log_format)
    _refuse_taken(host, port)
    remember(url, settings)
    click.echo(f"The privacy assistant is ready. Chat with it here:  {url.rstrip('/')}/chat")
    click.echo("Stop it with Ctrl+C.")
    with tempfile.TemporaryDirectory(prefix="privacy-assistant-") as folder:
        os.environ[FOLDER] = folder  # where the workers add up what they count
        Granian(
            "bot.app:served",
            address=host,
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            blocking_threads=4,  # understanding takes the processor, the store waits for the disk
            backpressure=256,
            factory=True,
            # a worker told to stop while it is still starting does not hear it (seen with granian
            # 2); nothing is lost with it, as each change is one transaction
            workers_kill_timeout=STOP_SECONDS,
            log_access=False,
            log_dictconfig=dict(SERVER),
            log_level="warning",  # type: ignore[arg-type]  # granian takes the name too
        ).serve()


def _refuse_taken(host: str, port: int) -> None:
    """Exit where the address cannot be listened on, which the server itself tells badly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            click.echo(f"cannot listen on {host} port {port}: {error.strerror}", err=True)
            sys.exit(1)


@click.command()
def settings() -> None:
    """List every setting: the environment variable, the value in force, what it means."""
    for setting in SETTINGS:
        value = os.environ.get(setting.name) or setting.default
        if setting.name.endswith(SECRETS) and value:
            value = "(set)"
        click.echo(f"{setting.name}={value}\n    {setting.help}")
    with told():
        Settings.read()
