"""The documentation page of a standard, in Dutch: written from the definition, so that it cannot say
otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zorgspiegel.terms.findings import Severity
from zorgspiegel.terms.standards import FAULT_NUMBERS, CodeList, Fault, FieldDef, Resource, Rule, Standard

_SEVERITY = {Severity.B: "bestand geweigerd", Severity.R: "regel telt niet mee", Severity.S: "let op"}
_TYPES = {"string": "tekst", "integer": "geheel getal", "number": "getal met komma", "date": "datum JJJJMMDD"}
_FAULTS = {
    Fault.EXTENSION: "soort bestand of extensie",
    Fault.NAME: "bestandsnaam",
    Fault.ZIP: "ZIP-bestand",
    Fault.SIZE: "grootte",
    Fault.VIRUS: "virus",
    Fault.ENCODING: "tekenset",
    Fault.STRUCTURE: "opbouw van het bestand",
    Fault.COLUMNS: "aantal kolommen",
    Fault.HEADER: "kolomnamen",
    Fault.EMPTY_FILE: "geen regels",
    Fault.SENDER: "code van de afzender",
    Fault.PERIOD: "periode",
    Fault.SAME_FILE: "al eerder geleverd",
    Fault.UNREADABLE: "onleesbaar",
    Fault.REQUIRED: "verplichte waarde leeg",
    Fault.LENGTH: "aantal tekens",
    Fault.CHARACTERS: "tekens",
    Fault.RANGE: "te klein of te groot",
    Fault.CODE_LIST: "code niet in de lijst",
    Fault.DATE: "datum bestaat niet",
    Fault.UNIQUE: "dubbele sleutel",
    Fault.PERSONS: "persoonsgegevens in totalen",
    Fault.FORBIDDEN_COLUMN: "verboden kolom",
    Fault.TOO_MANY_REJECTED: "te veel afgekeurde regels",
}


def page(standard: Standard, codelists: Mapping[str, CodeList]) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(standard, codelists)).rstrip() + "\n"


def _lines(standard: Standard, codelists: Mapping[str, CodeList]) -> Iterator[str]:
    yield f"# {standard.title}"
    yield ""
    yield standard.description
    yield ""
    whose = (
        "De indeling is de officiële." if standard.layout == "officieel" else "De indeling is van ons zelf."
    )
    yield f"**{whose}** {standard.layout_note}"
    if standard.warning:
        yield ""
        yield f"**Let op.** {standard.warning}"
    yield ""
    yield from _facts(standard)
    for resource in standard.resources:
        yield ""
        yield from _resource(standard, resource)
    yield ""
    yield from _rules(standard)
    yield ""
    yield from _codes(standard)
    for codelist in codelists.values():
        yield ""
        yield from _codelist(codelist)


def _facts(standard: Standard) -> Iterator[str]:
    rules = standard.file
    last = f" tot en met {standard.geldig_tot}" if standard.geldig_tot else ""
    rows = {
        "Id": f"`{standard.id}`, versie {standard.version}",
        "Geldig": f"vanaf {standard.geldig_vanaf}{last}",
        "Aanleveraar": standard.sender,
        "Periode": standard.period,
        "Soort": "regels over personen" if standard.regime == "personen" else "alleen totalen",
        "Bestand": ", ".join(form.upper() for form in rules.forms)
        + (", ook in een ZIP" if rules.zip else ""),
        "Scheidingsteken": " of ".join(f"`{mark}`" for mark in rules.separators),
        "Tekenset": "UTF-8, met of zonder BOM",
        "Naam": f"`{rules.name_example}`" if rules.name_example else "vrij",
        "Eerste regel": "kolomnamen" if rules.header else "geen kolomnamen; de recordsoort staat vooraan",
        "Grootste bestand": f"{rules.max_mb} MB",
        "Bron": standard.source,
    }
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in rows.items())


def _resource(standard: Standard, resource: Resource) -> Iterator[str]:
    kind = f" ({resource.kind})" if resource.kind else ""
    yield f"## {resource.title}{kind}"
    yield ""
    yield resource.description
    yield ""
    yield "| # | Kolom | Betekenis | Vorm | Verplicht | Codelijst | Voorbeeld (verzonnen) |"
    yield "|---|---|---|---|---|---|---|"
    for number, field in enumerate(resource.fields, start=1):
        required = "ja" if field.constraints.required else ""
        codes = field.codelist or ", ".join(field.constraints.enum or ())
        yield (
            f"| {number} | `{field.name}` | {_cell(f'{field.title}. {field.description}')} | {_form(field)} "
            f"| {required} | {codes} | {field.example or ''} |"
        )
    if resource.table.primaryKey:
        yield ""
        yield f"Elke combinatie van {', '.join(resource.table.primaryKey)} mag één keer voorkomen."


def _form(field: FieldDef) -> str:
    limits = field.constraints
    parts = [_TYPES[field.type] + (", delen mogen 00 zijn" if field.partial else "")]
    if field.type != "date" and limits.maxLength is not None:
        same = limits.minLength == limits.maxLength
        parts.append(f"{limits.maxLength} tekens" if same else f"hoogstens {limits.maxLength} tekens")
    if limits.minimum is not None:
        parts.append(f"minstens {limits.minimum}")
    if limits.maximum is not None:
        parts.append(f"hoogstens {limits.maximum}")
    if limits.pattern is not None:
        parts.append(f"patroon `{_cell(limits.pattern)}`")
    return ", ".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rules(standard: Standard) -> Iterator[str]:
    yield "## Regels"
    yield ""
    percent = standard.max_rejected_percent
    yield f"Bij meer dan {percent} % afgekeurde regels wordt het hele bestand afgekeurd."
    yield ""
    yield "| Code | Gevolg | Wat | Waarom | Wat te doen | Regel | Bron |"
    yield "|---|---|---|---|---|---|---|"
    for rule in sorted(standard.rules, key=lambda rule: rule.code):
        yield (
            f"| {rule.code} | {_SEVERITY[rule.severity]} | {_cell(rule.what)} | {_cell(rule.why)} "
            f"| {_cell(rule.mend)} | `{_cell(_condition(rule))}` | {rule.source} |"
        )


def _condition(rule: Rule) -> str:
    if rule.unique is not None:
        keys = "de hele regel" if rule.unique == "row" else ", ".join(rule.unique)
        return f"uniek: {keys}"
    if rule.same:
        return f"gelijk binnen {', '.join(rule.by)}: {', '.join(rule.same)}"
    by = f" per {', '.join(rule.by)}" if rule.by else ""
    return f"{rule.must}{by}"


def _codes(standard: Standard) -> Iterator[str]:
    yield "## Codes van algemene fouten"
    yield ""
    yield "| Code | Gevolg | Waarover |"
    yield "|---|---|---|"
    found = sorted(
        (standard.code(fault), _SEVERITY[standard.severity(fault)], _FAULTS[fault]) for fault in FAULT_NUMBERS
    )
    yield from (f"| {code} | {severity} | {about} |" for code, severity, about in found)


def _codelist(codelist: CodeList) -> Iterator[str]:
    yield f"## Codelijst {codelist.id}: {codelist.title}"
    yield ""
    yield f"Bron: {codelist.bron}. Versie {codelist.versie}, geldig vanaf {codelist.geldig_vanaf:%d-%m-%Y}."
    yield ""
    if len(codelist.codes) > 100:
        size = len(codelist.codes)
        yield f"De lijst heeft {size} codes en staat in `definitions/codelists/{codelist.id}.yaml`."
        return
    yield "| Code | Betekenis |"
    yield "|---|---|"
    yield from (f"| {code.code} | {_cell(code.label)} |" for code in codelist.codes)
