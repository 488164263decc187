"""Settings: one list, read once from the environment, every mistake told at once."""

import os
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import holidays

from bot.logs import FORMATS
from handlers.deadlines import Calendar

PREFIX = "PRIVACY_ASSISTANT_"


class Setting(NamedTuple):
    """One environment variable."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting(
        "PRIVACY_ASSISTANT_DATABASE",
        "sqlite:///privacy-assistant.db",
        "where tickets are kept: sqlite:///FILE, or memory: to try things out",
    ),
    Setting(
        "PRIVACY_ASSISTANT_KNOWLEDGE",
        "",
        "a folder with a knowledge base that replaces the built-in one",
    ),
    Setting(
        "PRIVACY_ASSISTANT_SECRET_KEY",
        "",
        "at least 32 characters that protect follow links, conversations, personal values and the "
        "suppression list; made on first start and kept beside the database when empty",
    ),
    Setting(
        "PRIVACY_ASSISTANT_PUBLIC_URL",
        "http://127.0.0.1:8080",
        "address under which people reach this server, for the links in replies; by default the "
        "one on which `serve` listens",
    ),
    Setting(
        "PRIVACY_ASSISTANT_TIMEZONE",
        "Europe/Brussels",
        "the controller's time zone, in which days are counted",
    ),
    Setting(
        "PRIVACY_ASSISTANT_COUNTRY",
        "BE",
        "the controller's country (ISO 3166), for public holidays and telephone numbers",
    ),
    Setting(
        "PRIVACY_ASSISTANT_EXTRA_DAYS_OFF",
        "",
        "further days on which no period ends, such as 2026-05-15,2026-12-24",
    ),
    Setting(
        "PRIVACY_ASSISTANT_TARGET_DAYS",
        "14",
        "days in which a request should be answered; the legal date is shown beside it",
    ),
    Setting(
        "PRIVACY_ASSISTANT_RETENTION_DAYS",
        "730",
        "days that a closed ticket is kept before its personal values are erased; a change holds "
        "for what is closed already",
    ),
    Setting(
        "PRIVACY_ASSISTANT_SMTP_URL",
        "",
        "mail server for one-time codes: smtp://USER:PASSWORD@HOST:PORT, or smtps://; without it "
        "identity is checked by staff",
    ),
    Setting(
        "PRIVACY_ASSISTANT_MAIL_FROM",
        "",
        "sender's address of the mails; needed with SMTP_URL",
    ),
    Setting(
        "PRIVACY_ASSISTANT_STAFF_TOKEN",
        "",
        "at least 32 characters with which staff programs call the API; without it they cannot",
    ),
    Setting(
        "PRIVACY_ASSISTANT_ALLOWED_ORIGINS",
        "",
        "websites that may show the chat, such as https://www.example.com,https://shop.example.com",
    ),
    Setting(
        "PRIVACY_ASSISTANT_TRUSTED_PROXIES",
        "0",
        "how many proxies stand in front of the server and tell it the caller's address",
    ),
    Setting(
        "PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE",
        "120",
        "messages that are answered for one network address in a minute; 0 for any number",
    ),
    Setting(
        "PRIVACY_ASSISTANT_HSTS_DAYS",
        "0",
        "days for which browsers are told to come by https only (HSTS); 0 to say nothing",
    ),
    Setting(
        "SLACK_BOT_TOKEN",
        "",
        "bot token (xoxb-) of the one Slack workspace in which the assistant is installed",
    ),
    Setting(
        "SLACK_SIGNING_SECRET",
        "",
        "with which Slack signs what it sends to /slack/events; needed with a token, except for "
        "Socket Mode",
    ),
    Setting(
        "SLACK_APP_TOKEN",
        "",
        "app-level token (xapp-) for `privacy-assistant slack`, which needs no public address "
        "(Socket Mode)",
    ),
    Setting(
        "SLACK_CLIENT_ID",
        "",
        "for any number of workspaces instead of the bot token: the app's client id; people "
        "install it at /slack/install",
    ),
    Setting(
        "SLACK_CLIENT_SECRET",
        "",
        "the secret that belongs to SLACK_CLIENT_ID",
    ),
    Setting(
        "SLACK_API_URL",
        "https://slack.com/api/",
        "where Slack is called; another address for GovSlack or a test",
    ),
    Setting(
        "PRIVACY_ASSISTANT_LOG_FORMAT",
        "text",
        "how `serve` logs on standard error: text for people, json for programs",
    ),
    Setting(
        "PRIVACY_ASSISTANT_CACHE",
        "",
        "folder for what is worked out from the knowledge base once; the user's cache folder "
        "when empty",
    ),
)
"""Every setting, in the order in which the command line and the README list them."""

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
MOST_DAYS = 36_500
"""A hundred years, which the calendar has whatever the day is."""
SECRET_LENGTH = 32
"""Fewer characters could be guessed."""


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """The settings in force."""

    database: str
    knowledge: str
    secret_key: str
    public_url: str
    timezone: str
    country: str
    extra_days_off: str
    target_days: str
    retention_days: str
    smtp_url: str
    mail_from: str
    staff_token: str
    allowed_origins: str
    trusted_proxies: str
    messages_per_minute: str
    hsts_days: str
    slack_bot_token: str
    slack_signing_secret: str
    slack_app_token: str
    slack_client_id: str
    slack_client_secret: str
    slack_api_url: str
    log_format: str
    cache: str

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from the environment.

        Raises:
            SettingsError: with every unknown name and every value that cannot be used.
        """
        environment = os.environ if environment is None else environment
        names = {setting.name for setting in SETTINGS}
        problems = [
            f"{name}: there is no such setting; 'privacy-assistant settings' lists them"
            for name in sorted(environment)
            if name.startswith(PREFIX) and name not in names
        ]
        values = {
            setting.name.removeprefix(PREFIX).lower(): environment.get(setting.name)
            or setting.default
            for setting in SETTINGS
        }
        settings = cls(**values)
        problems += settings._problems()
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def calendar(self) -> Calendar:
        """Where and how the controller counts days."""
        days = frozenset(date.fromisoformat(day) for day in _listed(self.extra_days_off))
        return Calendar(self.country, self.timezone, days, int(self.target_days))

    @property
    def origins(self) -> list[str]:
        """Websites that may show the chat: scheme, host and port, nothing behind."""
        return [origin.rstrip("/") for origin in _listed(self.allowed_origins)]

    def without_store(self) -> "Settings":
        """Give the same settings for a run that keeps nothing."""
        return replace(self, database="memory:")

    def _problems(self) -> list[str]:
        found = [*self._wrong_places(), *self._wrong_secrets(), *self._wrong_numbers()]
        found += self._wrong_slack()
        for origin in self.origins:
            if not ORIGIN.fullmatch(origin):
                found.append(
                    f"ALLOWED_ORIGINS: '{origin}' is no website such as https://www.example.com"
                )
        if self.log_format not in FORMATS:
            found.append(f"LOG_FORMAT: '{self.log_format}' is none of {', '.join(FORMATS)}")
        if self.smtp_url and not self.smtp_url.startswith(("smtp://", "smtps://")):
            found.append("SMTP_URL: must start with smtp:// or smtps://")
        if self.smtp_url and "@" not in self.mail_from:
            found.append("MAIL_FROM: an address is needed with SMTP_URL")
        # Slack's own names have no prefix
        return [p if p.startswith("SLACK_") else PREFIX + p for p in found]

    def _wrong_places(self) -> Iterator[str]:
        if self.timezone not in zoneinfo.available_timezones():
            yield f"TIMEZONE: there is no time zone '{self.timezone}'"
        if self.country not in holidays.list_supported_countries():
            yield f"COUNTRY: no public holidays are known for '{self.country}'"
        if not self.public_url.startswith(("http://", "https://")):
            yield f"PUBLIC_URL: '{self.public_url}' must start with http(s)://"

    def _wrong_secrets(self) -> Iterator[str]:
        for name in ("SECRET_KEY", "STAFF_TOKEN"):
            if 0 < len(getattr(self, name.lower())) < SECRET_LENGTH:
                yield f"{name}: must have at least {SECRET_LENGTH} characters"

    def _wrong_slack(self) -> Iterator[str]:
        token, app_token = self.slack_bot_token, self.slack_app_token
        client = self.slack_client_id
        if token and not token.startswith("xoxb-"):
            yield "SLACK_BOT_TOKEN: must start with xoxb-"
        if app_token and not app_token.startswith("xapp-"):
            yield "SLACK_APP_TOKEN: must start with xapp-"
        if app_token and not (token or client):
            yield "SLACK_BOT_TOKEN: needed with SLACK_APP_TOKEN"
        if token and client:
            yield "SLACK_BOT_TOKEN: is for one workspace, SLACK_CLIENT_ID for more; give only one"
        if bool(client) != bool(self.slack_client_secret):
            yield "SLACK_CLIENT_SECRET: comes with SLACK_CLIENT_ID, one is missing"
        if client and not self.database.startswith("sqlite:///"):
            yield "DATABASE: must be a file with SLACK_CLIENT_ID; the installations stand beside it"
        if (token or client) and not app_token and not self.slack_signing_secret.strip():
            yield "SLACK_SIGNING_SECRET: is missing, without it anybody could pretend to be Slack"
        if not self.slack_api_url.startswith(("http://", "https://")):
            yield f"SLACK_API_URL: '{self.slack_api_url}' must start with http(s)://"

    def _wrong_numbers(self) -> Iterator[str]:
        for day in _listed(self.extra_days_off):
            try:
                date.fromisoformat(day)
            except ValueError:
                yield f"EXTRA_DAYS_OFF: '{day}' is no day such as 2026-12-24"
        for name in ("TARGET_DAYS", "RETENTION_DAYS"):
            value = getattr(self, name.lower())
            if not value.isdecimal() or not 1 <= int(value) <= MOST_DAYS:
                yield f"{name}: '{value}' is no number of days from 1 to {MOST_DAYS}"
        for name in ("TRUSTED_PROXIES", "MESSAGES_PER_MINUTE", "HSTS_DAYS"):
            value = getattr(self, name.lower())
            if not value.isdecimal():
                yield f"{name}: '{value}' is no whole number"


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
