"""Answers that are not numbers. Hidden, none and unknown are three answers, everywhere."""

from __future__ import annotations

from enum import StrEnum


class CellStatus(StrEnum):
    """Why a published cell shows a number, or not. The rule that hid it never leaves the house."""

    GETOOND = "getoond"
    GEHEIM = "geheim"
    ONBEKEND = "onbekend"
    NIET_VAN_TOEPASSING = "niet_van_toepassing"


class PeriodStatus(StrEnum):
    """How final the figures of a period are (CBS: *, **, none)."""

    VOORLOPIG = "voorlopig"
    NADER_VOORLOPIG = "nader_voorlopig"
    DEFINITIEF = "definitief"
