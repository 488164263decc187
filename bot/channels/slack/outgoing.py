"""What goes to Slack: each call's failure told as one that may pass, or one that stays."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.channels.slack.blocks import Post
from bot.channels.slack.clients import Clients, NotInstalledError
from bot.channels.slack.inbox import GiveUpError, RetryError
from bot.channels.slack.jobs import Job
from bot.channels.slack.places import Where

LOG = logging.getLogger(__name__)

STAYS = frozenset(
    {
        *("account_inactive", "cannot_dm_bot", "channel_not_found", "invalid_auth"),
        *("is_archived", "missing_scope", "no_permission", "not_authed", "not_in_channel"),
        *("restricted_action", "token_revoked", "user_disabled", "user_not_found"),
        *("user_not_in_channel", "messages_tab_disabled", "not_installed"),
    }
)
"""Slack's codes of what fails again, however often it is tried."""
MALFORMED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Slack's codes for blocks that it does not take; the text beside them is sent alone then."""


@contextmanager
def told() -> Iterator[None]:
    """Tell whether a failed call may succeed later.

    Raises:
        GiveUpError: where it will not.
        RetryError: where it may.
    """
    try:
        yield
    except NotInstalledError:
        raise GiveUpError("not_installed") from None
    except SlackApiError as error:
        code = _code(error)
        raise (GiveUpError if code in STAYS else RetryError)(code) from None
    except SlackClientError as error:
        raise RetryError(type(error).__name__) from None
    except OSError:
        raise RetryError("no_connection") from None


@dataclass(frozen=True)
class Mouth:
    """Says things in Slack on behalf of one job."""

    client: WebClient
    clients: Clients
    job: Job

    def reply(self, post: Post) -> None:
        """Reply where the job came from: in its thread, or seen by that person only."""
        place = self.job.place
        if place.where is Where.ASIDE:
            self.whisper(post)
        else:
            self.post(place.channel, post, place.thread)

    def post(self, channel: str, post: Post, thread: str | None = None) -> None:
        """Write a message."""

        def send(post: Post) -> None:
            self.client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                unfurl_links=False,
                unfurl_media=False,
                mrkdwn=False,
                **post.content,
            )

        _sent(send, post)

    def whisper(self, post: Post) -> None:
        """Write what only that person sees."""
        place, respond = self.job.place, self.job.respond
        if respond and place.where is Where.ASIDE:
            with told():
                status = self.clients.respond(respond, post.content)
            if status != HTTPStatus.OK:
                # an address for replies works for half an hour
                failed = GiveUpError if status < HTTPStatus.INTERNAL_SERVER_ERROR else RetryError
                raise failed(f"respond_{status}")
            return

        def send(post: Post) -> None:
            self.client.chat_postEphemeral(
                channel=place.channel, user=place.user, thread_ts=place.thread, **post.content
            )

        _sent(send, post)

    def direct(self) -> str:
        """Give the channel of the direct messages with that person."""
        with told():
            found = self.client.conversations_open(users=self.job.place.user)
            return str(found["channel"]["id"])

    @contextmanager
    def busy(self, status: str) -> Iterator[None]:
        """Show that the assistant is at work; a message ends that, and so does a failure."""
        self._status(status)
        try:
            yield
        except BaseException:
            self._status("")
            raise

    def quiet(self) -> None:
        """Show no longer that the assistant is at work, where no message ends it."""
        self._status("")

    def _status(self, status: str) -> None:
        place = self.job.place
        if place.where is Where.ASIDE or place.thread is None:
            return
        # the reply matters, this does not
        with suppress(SlackClientError, OSError):
            self.client.assistant_threads_setStatus(
                channel_id=place.channel, thread_ts=place.thread, status=status
            )


def _sent(send: Callable[[Post], None], post: Post) -> None:
    try:
        with told():
            send(post)
    except RetryError as error:
        if error.problem not in MALFORMED or not post.blocks:
            raise
        LOG.warning("Slack did not take the blocks of a reply: %s", error.problem)
        with told():
            send(Post(post.text, []))


def _code(error: SlackApiError) -> str:
    if error.response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return "ratelimited"
    return str(error.response.get("error") or error.response.status_code)
