"""Addresses of the portal: Dutch, readable, with the whole state of a page in them."""

from __future__ import annotations

from django.urls import path, re_path

from zorgspiegel.portal.views import pages, topic

TOPIC, AREA = r"(?P<topic_id>[a-z][a-z-]*)", r"(?P<gebiedscode>[A-Z]{2}[0-9A-Z]{2,8})"

urlpatterns = [
    path("", pages.start, name="start"),
    path("zoeken/", pages.suggestions, name="zoeken"),
    path("uitleg/begrippen/", pages.definitions, name="begrippen"),
    path("uitleg/bescherming/", pages.protection, name="bescherming"),
    path("toegankelijkheid/", pages.accessibility, name="toegankelijkheid"),
    re_path(rf"^{TOPIC}/{AREA}/$", topic.page, name="onderwerp"),
    re_path(rf"^{TOPIC}/{AREA}/(?P<name>[a-z-]+)\.(?P<suffix>[a-z]{{3,4}})$", topic.file, name="bestand"),
]
