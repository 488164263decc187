"""A real server for the tests: its own process, with as many workers as it is given."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass
class Served:
    """A server that runs."""

    process: "subprocess.Popen[str]"
    url: str
    said: list[str] = field(default_factory=list)
    """What it printed and logged, once it has stopped."""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> str:
        """Read a page."""
        call = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}{path}", headers=dict(headers or {})
        )
        with urllib.request.urlopen(call, timeout=30) as response:  # noqa: S310
            return str(response.read().decode())

    def say(self, text: str, token: str | None = None, **more: object) -> Any:
        """Send a message in English and give the answer, with the call's id."""
        body = {"text": text, "conversation": token, "language": "en", **more}
        call = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/api/v1/messages",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call, timeout=30) as response:  # noqa: S310
            return {**json.load(response), "id": response.headers["X-Request-Id"]}

    def file(self, address: str) -> str:
        """File a marketing stop and give its reference."""
        token = self.say(f"stop marketing to {address}")["conversation"]
        return str(self.say("yes", token)["reply"]["ticket"]["reference"])

    def stop(self) -> int:
        """Ask it to stop, as systemd and containers do, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.said.append(self.process.communicate(timeout=60)[0])
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode


@contextmanager
def served(environment: dict[str, str], workers: int = 2) -> Iterator[Served]:
    """Run a server until the end, or until the test stops it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["serve", "--port", str(port), "--workers", str(workers)]
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    ) as process:
        server = Served(process, f"http://127.0.0.1:{port}")
        try:
            _wait_for(server)
            yield server
        finally:
            if process.poll() is None:
                server.stop()


def _wait_for(server: Served) -> None:
    for _ in range(300):
        try:
            server.get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(server.url)
