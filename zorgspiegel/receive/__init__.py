"""Recognises what came in. Two doors: a delivery of a sender, and a file of a public source."""

from zorgspiegel.receive.delivery import recognise
from zorgspiegel.receive.sources import read_source

__all__ = ["read_source", "recognise"]
