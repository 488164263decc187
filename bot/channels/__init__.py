"""CHANNELS: the ways in, each a module that turns its payloads into messages and replies back."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from apiflask import APIFlask

from bot.channels import guards, operations, pages, slack, web, widget
from bot.parts import Parts

CHANNELS: Mapping[str, Callable[[APIFlask, Parts], None]] = MappingProxyType(
    {
        "operations": operations.attach,
        "guards": guards.attach,
        "web": web.attach,
        "widget": widget.attach,
        "pages": pages.attach,
        "slack": slack.attach,
    }
)
"""The one list of channels, and of what stands before them: name -> what adds it."""
