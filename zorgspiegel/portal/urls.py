"""Addresses of the portal: Dutch, readable, with the whole state of a page in them."""

from __future__ import annotations

from django.urls import path

from zorgspiegel.portal.views import pages

urlpatterns = [
    path("", pages.start, name="start"),
    path("zoeken/", pages.suggestions, name="zoeken"),
    path("uitleg/begrippen/", pages.definitions, name="begrippen"),
    path("uitleg/bescherming/", pages.protection, name="bescherming"),
    path("toegankelijkheid/", pages.accessibility, name="toegankelijkheid"),
]
