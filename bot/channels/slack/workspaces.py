"""Many workspaces: their tokens in a file of their own beside the database, mode 0600."""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store.sqlite3 import SQLite3InstallationStore
from slack_sdk.oauth.state_store.sqlite3 import SQLite3OAuthStateStore

from bot.channels.slack.manifest import BOT_SCOPES
from bot.settings import Settings

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
STATE_SECONDS = 600
"""How long an installation that was begun can be finished."""
OWNER_ONLY = 0o600


class Workspaces:
    """The installations, as the library keeps them."""

    def __init__(self, settings: Settings, client: WebClient, logger: logging.Logger) -> None:
        self._path = path = Path(settings.database.removeprefix("sqlite:///") + ".slack")
        # made before anything is in it, so that nobody else can read it at any moment
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
        path.chmod(OWNER_ONLY)
        client_id = settings.slack_client_id
        self.store = SQLite3InstallationStore(
            database=str(path), client_id=client_id, logger=logger
        )
        states = SQLite3OAuthStateStore(
            database=str(path), expiration_seconds=STATE_SECONDS, logger=logger
        )
        for kept in (self.store, states):
            kept.init()  # type: ignore[no-untyped-call]
        self.flow = OAuthFlow(
            client=client,
            logger=logger,
            settings=OAuthSettings(
                client_id=client_id,
                client_secret=settings.slack_client_secret,
                scopes=list(BOT_SCOPES),
                redirect_uri=settings.public_url.rstrip("/") + REDIRECT,
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                installation_store=self.store,
                installation_store_bot_only=True,
                state_store=states,
                logger=logger,
            ),
        )

    def remove(self, team: str) -> None:
        """Forget every token of a workspace, and leave nothing of them in the file."""
        enterprise, _, team_id = team.rpartition(".")
        self.store.delete_all(enterprise_id=enterprise or None, team_id=team_id)
        with closing(sqlite3.connect(self._path)) as db:
            db.execute("vacuum")

    def token(self, team: str) -> str | None:
        """Give the bot token of a workspace."""
        enterprise, _, team_id = team.rpartition(".")
        found = self.store.find_bot(enterprise_id=enterprise or None, team_id=team_id)
        return found.bot_token if found else None
