"""What a sender reads about trouble with the file itself. Dutch, B1; {numbers} come from the opener, never
values."""

from __future__ import annotations

from dataclasses import dataclass

from zorgspiegel.terms.deliveries import Trouble
from zorgspiegel.terms.findings import Severity
from zorgspiegel.terms.standards import Fault


@dataclass(frozen=True)
class Told:
    """Kind of fault (which gives the code), the three sentences, and a severity when it is not the
    standard's."""

    fault: Fault
    what: str
    why: str
    mend: str
    severity: Severity | None = None


_AGAIN = "Maak het bestand opnieuw aan en lever opnieuw aan."
_ZIP_AGAIN = "Maak het ZIP-bestand opnieuw, zonder wachtwoord en zonder mappen, en lever opnieuw aan."
_SAFE = "Zo'n bestand kan schadelijk zijn. We openen het daarom niet."

TEXTS: dict[Trouble, Told] = {
    Trouble.NOT_ALLOWED: Told(
        Fault.EXTENSION,
        "De inhoud van het bestand is van een soort die bij deze aanlevering niet mag.",
        "We kunnen alleen de soorten bestanden lezen die in de documentatie staan.",
        "Sla uw gegevens op in de juiste soort en lever opnieuw aan.",
    ),
    Trouble.DISGUISED: Told(
        Fault.EXTENSION,
        "De inhoud van het bestand past niet bij de extensie.",
        "De naam zegt iets anders dan wat erin zit. Dat kan een vergissing zijn, maar ook een gevaar.",
        "Sla het bestand op met de juiste extensie en lever opnieuw aan.",
    ),
    Trouble.TOO_LARGE: Told(
        Fault.SIZE,
        "Het bestand is groter dan {megabytes} MB.",
        "Grotere bestanden nemen we niet aan.",
        "Controleer of het bestand alleen deze periode bevat. Neem anders contact op.",
    ),
    Trouble.EMPTY: Told(Fault.EMPTY_FILE, "Het bestand is leeg.", "Er is niets om te controleren.", _AGAIN),
    Trouble.ZIP_BROKEN: Told(
        Fault.ZIP, "Het ZIP-bestand is beschadigd.", "We kunnen het niet uitpakken.", _ZIP_AGAIN
    ),
    Trouble.ZIP_PASSWORD: Told(
        Fault.ZIP,
        "Het ZIP-bestand is met een wachtwoord beveiligd.",
        "We kunnen het niet uitpakken. De verbinding zelf is al beveiligd.",
        _ZIP_AGAIN,
    ),
    Trouble.ZIP_EMPTY: Told(
        Fault.ZIP, "Het ZIP-bestand bevat geen bestanden.", "Er is niets te lezen.", _ZIP_AGAIN
    ),
    Trouble.ZIP_TOO_MANY: Told(
        Fault.ZIP,
        "Het ZIP-bestand bevat meer bestanden dan mag, of geen of meer dan één met de juiste naam.",
        "We weten dan niet welk bestand u bedoelt.",
        "Zet alleen de bestanden van deze aanlevering in het ZIP-bestand, met de juiste namen.",
    ),
    Trouble.ZIP_NESTED: Told(
        Fault.ZIP,
        "In het ZIP-bestand zit nog een ingepakt bestand.",
        _SAFE,
        "Pak het binnenste bestand eerst uit.",
    ),
    Trouble.ZIP_PATH: Told(
        Fault.ZIP, "In het ZIP-bestand staat een bestandsnaam met een verboden pad.", _SAFE, _ZIP_AGAIN
    ),
    Trouble.ZIP_OVERLAP: Told(Fault.ZIP, "Het ZIP-bestand is niet goed opgebouwd.", _SAFE, _ZIP_AGAIN),
    Trouble.ZIP_BOMB: Told(
        Fault.ZIP, "Het ZIP-bestand wordt bij het uitpakken buitengewoon groot.", _SAFE, _ZIP_AGAIN
    ),
    Trouble.ZIP_NOT_ALLOWED: Told(
        Fault.ZIP,
        "Voor deze aanlevering mag het bestand niet in een ZIP-bestand zitten.",
        "De standaard vraagt om het bestand zelf.",
        "Pak het bestand uit en lever het los aan.",
    ),
    Trouble.ENCODING_1252: Told(
        Fault.ENCODING,
        "De tekens in het bestand zijn opgeslagen als Windows-1252 (ANSI) en niet als UTF-8.",
        "Letters met accenten worden dan verkeerd gelezen.",
        "Kies bij het opslaan of exporteren voor CSV UTF-8 en lever opnieuw aan.",
    ),
    Trouble.ENCODING_UTF16: Told(
        Fault.ENCODING,
        "De tekens in het bestand zijn opgeslagen als UTF-16 (Unicode) en niet als UTF-8.",
        "We kunnen het bestand zo niet lezen.",
        "Kies bij het opslaan of exporteren voor CSV UTF-8 en lever opnieuw aan.",
    ),
    Trouble.ENCODING_UNKNOWN: Told(
        Fault.ENCODING,
        "Het bestand bevat tekens die geen UTF-8 zijn.",
        "We weten niet welke letters er bedoeld zijn.",
        "Kies bij het opslaan of exporteren voor CSV UTF-8 en lever opnieuw aan.",
    ),
    Trouble.NUL: Told(
        Fault.UNREADABLE,
        "Het bestand bevat onzichtbare nultekens.",
        "Dat wijst op een beschadigd bestand.",
        _AGAIN,
    ),
    Trouble.MIXED_LINE_ENDS: Told(
        Fault.UNREADABLE,
        "De regels in het bestand eindigen niet allemaal op dezelfde manier.",
        "Dat gebeurt vaak als bestanden aan elkaar zijn geplakt.",
        "Controleer of er geen regels ontbreken of dubbel zijn.",
        Severity.S,
    ),
    Trouble.LONE_QUOTE: Told(
        Fault.UNREADABLE,
        "Een aanhalingsteken staat op een verkeerde plaats of wordt niet afgesloten.",
        "We weten dan niet waar een waarde begint en eindigt.",
        "Zet zo'n waarde helemaal tussen aanhalingstekens, en verdubbel die tekens in de waarde zelf.",
    ),
    Trouble.FIELD_TOO_LONG: Told(
        Fault.UNREADABLE,
        "Een waarde of een regel in het bestand is buitengewoon lang.",
        "Zo'n waarde hoort in geen enkele kolom. Mogelijk ontbreekt een aanhalingsteken of een regeleinde.",
        _AGAIN,
    ),
    Trouble.TOO_MANY_COLUMNS: Told(
        Fault.COLUMNS,
        "Het bestand heeft {found} kolommen; het zouden er {expected} moeten zijn.",
        "Dit is waarschijnlijk een ander bestand dan bedoeld.",
        "Gebruik het sjabloon van deze standaard en lever opnieuw aan.",
    ),
    Trouble.SEPARATOR: Told(
        Fault.COLUMNS,
        "De waarden in het bestand zijn niet gescheiden door het afgesproken teken.",
        "Een ander scheidingsteken kan ook in de waarden zelf voorkomen.",
        "Kies bij het exporteren de puntkomma als scheidingsteken en lever opnieuw aan.",
    ),
    Trouble.ROW_WIDTH: Told(
        Fault.COLUMNS,
        "Onjuist aantal kolommen: verwacht {expected}, gevonden {found} in de eerste regel waar het misgaat.",
        "De waarden staan in zo'n regel mogelijk in de verkeerde kolom. We hebben deze regels overgeslagen.",
        "Zet waarden waarin een puntkomma voorkomt tussen aanhalingstekens en lever opnieuw aan.",
    ),
    Trouble.SHEET_ACTIVE: Told(
        Fault.EXTENSION,
        "Het werkblad bevat macro's, koppelingen naar andere bestanden of ingesloten objecten.",
        _SAFE,
        "Kopieer alleen de waarden naar een nieuw werkblad (.xlsx) en lever opnieuw aan.",
    ),
    Trouble.SHEET_LIMITS: Told(
        Fault.UNREADABLE,
        "Het werkblad is buitengewoon groot of heeft cellen ver buiten de tabel.",
        _SAFE,
        "Kopieer alleen de tabel naar een nieuw werkblad en lever opnieuw aan.",
    ),
    Trouble.SHEET_BROKEN: Told(
        Fault.UNREADABLE,
        "Het werkblad is beschadigd.",
        "We kunnen het niet lezen.",
        "Sla het werkblad opnieuw op.",
    ),
    Trouble.SHEET_FORMULA: Told(
        Fault.UNREADABLE,
        "Het werkblad bevat formules. We lezen de laatst berekende waarde.",
        "Een formule kan een andere uitkomst hebben dan u denkt.",
        "Plak de uitkomsten als waarden en lever opnieuw aan.",
        Severity.S,
    ),
    Trouble.XML_DOCTYPE: Told(
        Fault.UNREADABLE,
        "Het XML-bestand bevat een DOCTYPE of eigen entiteiten.",
        _SAFE,
        "Verwijder de DOCTYPE-regel en lever opnieuw aan.",
    ),
    Trouble.XML_BROKEN: Told(
        Fault.UNREADABLE, "Het XML-bestand is niet goed opgebouwd.", "We kunnen het niet lezen.", _AGAIN
    ),
    Trouble.STOPPED: Told(
        Fault.UNREADABLE,
        "Het lezen van het bestand is afgebroken: het vroeg te veel tijd of geheugen.",
        "Dat gebeurt bij beschadigde of schadelijke bestanden.",
        "Controleer het bestand, sla het opnieuw op als CSV en lever opnieuw aan. Neem anders contact op.",
    ),
}
