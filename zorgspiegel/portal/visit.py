"""What one visit to a topic page is about: the area, the domain, the choices, and what may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils import timezone

from zorgspiegel.ledger import permissions
from zorgspiegel.ledger.permissions import Actor, Figures
from zorgspiegel.ledger.roles import Action
from zorgspiegel.portal import releases, selection, topics
from zorgspiegel.portal.ask import Ask
from zorgspiegel.portal.published import PublishedIndicator
from zorgspiegel.portal.releases import Area, Shown
from zorgspiegel.portal.selection import Selection
from zorgspiegel.terms.areas import LAND, gemeente_of, level_of
from zorgspiegel.terms.topics import Domain, Topic


@dataclass(frozen=True)
class Tab:
    """One domain that can be chosen on the page."""

    naam: str
    url: str
    is_chosen: bool
    is_other_area: bool


@dataclass(frozen=True)
class Visit:
    """A visit that is allowed."""

    ask: Ask
    remarks: tuple[str, ...]
    tabs: tuple[Tab, ...]

    @property
    def selection(self) -> Selection:
        """The choices."""
        return self.ask.selection


@dataclass(frozen=True)
class _Door:
    """Asks the one place that decides, for one visitor at one moment."""

    actor: Actor
    shown: Shown

    def opens(self, indicator: PublishedIndicator, code: str) -> bool:
        is_delivered = indicator.herkomst_soort == "aangeleverd"
        action = Action.SEE_DELIVERED if is_delivered else Action.SEE_NATIONAL
        gemeenten = self.shown.fewest_delivering(indicator.id) if is_delivered and code == LAND else 0
        asked = Figures(gebiedscode=code, aangeleverd=is_delivered, gemeenten=gemeenten)
        return bool(permissions.can(self.actor, action, asked, timezone.now()))


def visit(request: HttpRequest, topic_id: str, gebiedscode: str) -> Visit:
    """The visit that is asked for. Http404 for what does not exist and for what is somebody else's alike."""
    shown, topic = releases.current_or_none(), topics.by_id(topic_id)
    area = shown.areas.get(gebiedscode) if shown and level_of(gebiedscode) else None
    if shown is None or topic is None or area is None:
        raise Http404
    door = _Door(permissions.actor_of(request.user), shown)
    domain, indicator = _domain(request.GET.get("domein"), topic, area, door)
    try:
        chosen, remarks = selection.read(
            request.GET.dict(), topic=topic, domain=domain, indicator=indicator, area=area, shown=shown
        )
    except LookupError:
        raise Http404 from None
    ask = Ask(shown, topic, domain, indicator, chosen, area, _beside(area, indicator, chosen, door))
    return Visit(ask, remarks, _tabs(topic, area, domain, chosen, door))


def _domain(asked: str | None, topic: Topic, area: Area, door: _Door) -> tuple[Domain, PublishedIndicator]:
    """The domain that was asked for, or else the first that this visitor may see of this area."""
    for domain in topic.domeinen:
        indicator = door.shown.indicator(domain.indicator)
        fits = indicator is not None and has_level(indicator, area)
        if (asked is None or domain.id == asked) and fits and indicator and door.opens(indicator, area.code):
            return domain, indicator
    raise Http404


def has_level(indicator: PublishedIndicator, area: Area) -> bool:
    """Whether the indicator has figures for areas of this kind."""
    sets = indicator.regio_indelingen
    return area.level in indicator.niveaus or (
        level_of(area.code) not in {"wijk", "buurt", "gemeente", "land"}
        and (sets == "alle" or area.level in sets)
    )


def _beside(area: Area, indicator: PublishedIndicator, chosen: Selection, door: _Door) -> tuple[Area, ...]:
    """Larger areas to show next to this one, as far as they may be seen; the land last."""
    shown = door.shown
    gemeente = gemeente_of(area.code)
    larger = [shown.areas.get(gemeente)] if gemeente and gemeente != area.code else []
    larger.append(shown.region_of(area, chosen.vergelijk))
    larger.append(shown.areas[LAND] if area.code != LAND else None)
    return tuple(
        one
        for one in larger
        if one
        and has_level(indicator, one)
        and door.opens(indicator, one.code)
        and shown.has_figures(indicator.id, one.code)
    )


def _tabs(topic: Topic, area: Area, chosen: Domain, now: Selection, door: _Door) -> tuple[Tab, ...]:
    """The domains of the topic. Where a wijk has no figures of one, its tab leads to the gemeente."""
    tabs = []
    for domain in topic.domeinen:
        indicator = door.shown.indicator(domain.indicator)
        if indicator is None or not door.shown.periods(domain.indicator):
            continue
        codes = [area.code, gemeente_of(area.code) or area.code]
        there = next(
            (
                code
                for code in codes
                if has_level(indicator, door.shown.areas[code]) and door.opens(indicator, code)
            ),
            None,
        )
        if there:
            jaar = f"&jaar={now.jaar}" if now.jaar in door.shown.periods(domain.indicator) else ""
            url = f"/{topic.id}/{there}/?domein={domain.id}{jaar}&vergelijk={now.vergelijk}"
            tabs.append(Tab(domain.naam, url, domain.id == chosen.id, there != area.code))
    return tuple(tabs)
