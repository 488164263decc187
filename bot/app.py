"""Makes the web application of the parts and every channel."""

import logging
from dataclasses import replace
from multiprocessing.util import Finalize

from apiflask import APIFlask

from bot.background import Background
from bot.channels import CHANNELS
from bot.channels.operations import METRICS
from bot.logs import configure
from bot.metrics import Metrics
from bot.parts import Parts, build
from bot.settings import Settings

MAX_BODY = 64 * 1024
"""Bytes of a call; four times what the longest message can take."""


def create_app(parts: Parts | None = None) -> APIFlask:
    """Make the web application, of the environment's settings unless its parts are given."""
    # libraries log what they are given at DEBUG level, people's words among it
    logging.getLogger().setLevel(max(logging.INFO, logging.getLogger().level))
    parts = parts or build(Settings.read())
    app = APIFlask(
        "bot",
        title="Privacy assistant",
        version="1",
        docs_path=None,
        spec_path="/api/openapi.json",
    )
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["LOCAL_SPEC_PATH"] = None
    app.extensions[METRICS] = metrics = Metrics(parts)
    parts = replace(parts, assistant=replace(parts.assistant, replied=metrics.replied))
    for attach in CHANNELS.values():
        attach(app, parts)
    return app


def served() -> APIFlask:
    """Make the web application of a server's worker, and begin what runs beside it."""
    settings = Settings.read()
    configure(settings.log_format)
    parts = build(settings)
    background = Background(parts.store, parts.assistant.desk)
    background.start()
    # after the last call is answered the process waits for what the thread is at
    Finalize(None, background.stop, exitpriority=1)
    return create_app(parts)
