"""A program that the tests start, and kill: the server with Slack, told by its environment.

python tests/slack_program.py    prints the port on which it listens
"""

import logging
from datetime import timedelta

from werkzeug.serving import make_server

from bot.app import create_app
from bot.channels.slack import inbox

inbox.LEASE = timedelta(seconds=2)  # whoever was killed is not waited for as long

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    print(server.server_port, flush=True)  # noqa: T201 - read by the test
    server.serve_forever()
