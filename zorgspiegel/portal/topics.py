"""The topics of the site: one declaration each, found by the first part of the address."""

from __future__ import annotations

from dataclasses import dataclass

from zorgspiegel.store import definitions
from zorgspiegel.terms.topics import Topic

KIND = "topics"


@dataclass(frozen=True)
class Entrance:
    """Where a topic begins."""

    topic: Topic

    def url(self, gebiedscode: str) -> str:
        """The page of the topic for an area, with its usual choices."""
        return f"/{self.topic.id}/{gebiedscode}/"


def all_topics() -> tuple[Topic, ...]:
    """All topics. Raises DefinitionError when a declaration is broken, which stops the start of the site."""
    return tuple(definitions.load_all(KIND, Topic).values())


def by_id(name: str) -> Topic | None:
    """The topic with this id, or None."""
    return next((topic for topic in all_topics() if topic.id == name), None)


def first() -> Entrance:
    """The topic that the start page leads to: the one with integral care use."""
    found = by_id("zorggebruik")
    assert found is not None, "the topic zorggebruik is part of the package"
    return Entrance(found)
