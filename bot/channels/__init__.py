"""CHANNELS: the ways in, each a module that turns its payloads into messages and replies back."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from apiflask import APIFlask

from bot.channels import pages, web
from bot.parts import Parts

CHANNELS: Mapping[str, Callable[[APIFlask, Parts], None]] = MappingProxyType(
    {"web": web.attach, "pages": pages.attach}
)
"""The one list of channels: name -> what adds it to the application."""
