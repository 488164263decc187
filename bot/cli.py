"""The command line. Exit 0: done; 1: something was found wrong; 2: called in a wrong way."""

import click

from bot.commands import backing, keeping, knowledge, serving, slack, talking, tickets


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="privacy-assistant")
def main() -> None:
    """Answer questions on a privacy policy, and turn requests into tracked tickets."""


for command in (
    serving.serve,
    slack.slack,
    talking.ask,
    talking.chat,
    knowledge.check,
    knowledge.evaluate,
    tickets.deadline,
    tickets.tickets,
    keeping.verify,
    keeping.retention,
    keeping.suppressions,
    backing.backup,
    backing.restore,
    serving.settings,
):
    main.add_command(command)
