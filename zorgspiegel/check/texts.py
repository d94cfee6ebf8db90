"""What a sender reads about faults that every standard can have. Dutch, language level B1, never a value."""

from __future__ import annotations

from zorgspiegel.terms.standards import Fault, FieldDef


def row_fault(fault: Fault, field: FieldDef) -> tuple[str, str, str]:
    """What, why and how to mend, for a fault of one cell."""
    name = field.name
    limits = field.constraints
    if fault is Fault.REQUIRED:
        return (
            f"De verplichte kolom {name} is leeg.",
            "Zonder deze waarde telt de regel niet mee.",
            f"Vul {name} in uw bronsysteem in en lever opnieuw aan.",
        )
    if fault is Fault.LENGTH:
        return (
            f"De waarde in kolom {name} heeft niet het juiste aantal tekens ({_length(field)}).",
            "De waarde is daardoor niet zeker te lezen.",
            "Let op voorloopnullen: een spreadsheet haalt die vaak weg. Verbeter dit en lever opnieuw aan.",
        )
    if fault is Fault.CHARACTERS:
        return (
            f"De waarde in kolom {name} bevat tekens die daar niet mogen staan.",
            f"In deze kolom hoort: {field.title.lower()} ({_form(field)}).",
            "Verwijder spaties, punten en andere tekens die er niet horen, en lever opnieuw aan.",
        )
    if fault is Fault.RANGE:
        return (
            f"De waarde in kolom {name} is te klein of te groot ({_range(limits.minimum, limits.maximum)}).",
            "Zo'n waarde kan in deze kolom niet voorkomen.",
            "Controleer de berekening of het bronsysteem en lever opnieuw aan.",
        )
    if fault is Fault.CODE_LIST:
        return (
            f"De code in kolom {name} komt niet voor in {_list(field)}, of is niet geldig in deze periode.",
            "Een onbekende code kunnen we niet indelen.",
            "Kies een code uit de lijst (zie het sjabloon of de documentatie) en lever opnieuw aan.",
        )
    assert fault is Fault.DATE, f"{fault} is not a fault of one cell"
    return (
        f"In kolom {name} staat een datum die niet bestaat.",
        "Een datum schrijft u als JJJJMMDD, bijvoorbeeld 20250131."
        + (" Onbekende delen schrijft u als 00." if field.partial else ""),
        "Verbeter de datum in uw bronsysteem en lever opnieuw aan.",
    )


def _length(field: FieldDef) -> str:
    least, most = (
        (8, 8) if field.type == "date" else (field.constraints.minLength, field.constraints.maxLength)
    )
    if least == most:
        return f"precies {most}"
    return " en ".join(
        text for text in (f"minstens {least}" if least else "", f"hoogstens {most}" if most else "") if text
    )


def _form(field: FieldDef) -> str:
    return {
        "integer": "alleen cijfers",
        "number": "cijfers met hoogstens één komma",
        "date": "acht cijfers, JJJJMMDD",
        "string": "zie de documentatie van deze kolom",
    }[field.type]


def _range(least: int | None, most: int | None) -> str:
    if most is None:
        return f"minstens {least}"
    return f"hoogstens {most}" if least is None else f"van {least} tot en met {most}"


def _list(field: FieldDef) -> str:
    return f"codelijst {field.codelist}" if field.codelist else "de toegestane waarden"


def unique_fault(key: tuple[str, ...]) -> tuple[str, str, str]:
    """The same key stands in the file twice."""
    return (
        f"De combinatie van {', '.join(key)} komt meer dan één keer voor.",
        "Elke combinatie mag maar één keer in het bestand staan; anders tellen we dubbel.",
        "Voeg de regels samen of verwijder de dubbele, en lever opnieuw aan.",
    )


def too_many_rejected(percent: int) -> tuple[str, str, str]:
    """More rows are rejected than the standard allows."""
    return (
        f"Meer dan {percent} % van de regels is afgekeurd.",
        "Het bestand geeft daardoor geen betrouwbaar beeld en is in zijn geheel afgekeurd.",
        "Los eerst de andere meldingen op en lever opnieuw aan.",
    )


def missing_column(name: str) -> tuple[str, str, str]:
    """The header lacks a column of the standard."""
    return (
        f"De kolom {name} ontbreekt in de eerste regel.",
        "We lezen de kolommen op naam; elke kolom moet er staan, ook als hij leeg is.",
        "Gebruik de kolomnamen van het sjabloon en lever opnieuw aan.",
    )


def unknown_column(position: int) -> tuple[str, str, str]:
    """The header has a column that the standard does not know. Its name may hold anything, so it is not
    quoted."""
    return (
        f"Kolom {position} heeft een naam die niet in de standaard staat.",
        "Onbekende kolommen nemen we niet aan.",
        "Verwijder de kolom of verbeter de naam, en lever opnieuw aan.",
    )


def double_column(name: str) -> tuple[str, str, str]:
    """The header has the same column twice."""
    return (
        f"De kolom {name} staat meer dan één keer in de eerste regel.",
        "We weten dan niet welke van de twee geldt.",
        "Verwijder de dubbele kolom en lever opnieuw aan.",
    )


ORDER = (
    "De kolommen staan niet in de volgorde van de standaard.",
    "De volgorde hoort bij de afgesproken indeling.",
    "Zet de kolommen in de volgorde van het sjabloon en lever opnieuw aan.",
)

FORBIDDEN_COLUMN = (
    "Het bestand bevat een kolom met persoonsgegevens die niet zijn toegestaan.",
    "Namen, adressen, e-mailadressen en telefoonnummers mogen we niet ontvangen: niet meer dan nodig is.",
    "Verwijder de kolom uit het bestand en lever opnieuw aan.",
)

PERSONS = (
    "Het bestand bevat waarden die op een BSN, naam, geboortedatum of volledige postcode lijken.",
    "Hier mogen alleen totalen in staan. Het bestand is geweigerd en geldt als een mogelijk datalek.",
    "Meld dit bij uw privacy officer, verwijder de persoonsgegevens en lever opnieuw aan.",
)

NO_ROWS = (
    "Het bestand bevat geen regels met gegevens.",
    "Er is niets om te controleren of te tellen.",
    "Controleer de export uit uw bronsysteem en lever opnieuw aan.",
)

OTHER_SENDER = (
    "De code van de afzender in het bestand is niet de code van de organisatie die aanlevert.",
    "Gegevens van een andere organisatie mogen we van u niet ontvangen.",
    "Controleer of u het goede bestand hebt gekozen. Hebt u een verkeerd bestand verstuurd, meld dit dan.",
)

UNKNOWN_KIND = (
    "De regel begint met een recordsoort die deze standaard niet kent.",
    "We weten dan niet wat er in de regel staat.",
    "Gebruik alleen de recordsoorten uit de documentatie en lever opnieuw aan.",
)


def kind_width(title: str, expected: int) -> tuple[str, str, str]:
    """A line of this record kind has too few or too many fields."""
    return (
        f"Een regel van de soort {title} heeft niet precies {expected} velden.",
        "De waarden staan dan mogelijk in de verkeerde kolom.",
        "Controleer het scheidingsteken en het aantal velden, en lever opnieuw aan.",
    )


def kind_count(title: str, least: int, most: int | None) -> tuple[str, str, str]:
    """A record kind occurs too often or not often enough."""
    times = f"precies {least} keer" if least == most else f"minstens {least} keer"
    if most is not None and least != most:
        times = f"{least} tot {most} keer"
    return (
        f"Een regel van de soort {title} moet {times} in het bestand staan.",
        "Zonder de juiste opbouw kunnen we het bestand niet lezen.",
        "Maak het bestand opnieuw aan volgens de documentatie en lever opnieuw aan.",
    )


def kind_position(title: str, position: str) -> tuple[str, str, str]:
    """A record kind that must be first or last in the file stands elsewhere."""
    where = "de eerste" if position == "first" else "de laatste"
    return (
        f"De regel van de soort {title} moet {where} regel van het bestand zijn.",
        "De volgorde van de regels hoort bij de afgesproken indeling.",
        "Zet de regels in de juiste volgorde en lever opnieuw aan.",
    )
