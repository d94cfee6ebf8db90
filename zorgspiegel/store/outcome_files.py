"""The outcome of a check as a sender reads it: text, HTML and XLSX. Message first, code last, never a
value."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from zorgspiegel.terms.findings import Finding, Severity
from zorgspiegel.terms.outcome import Outcome

SEVERITY_LABELS = {
    Severity.B: "Bestand geweigerd",
    Severity.R: "Regel telt niet mee",
    Severity.S: "Let op",
}
COLUMNS = ("Melding", "Waarom", "Wat te doen", "Kolom", "Aantal", "Eerste regels", "Gevolg", "Code")


def verdict(outcome: Outcome) -> str:
    """One sentence that says it all."""
    if outcome.datalek:
        return "Het bestand is geweigerd: er staan mogelijk persoonsgegevens in."
    if not outcome.accepted:
        return "Het bestand is niet goedgekeurd."
    if outcome.findings:
        return "Het bestand is goedgekeurd, met opmerkingen."
    return "Het bestand is goedgekeurd."


def numbers(count: int) -> str:
    """A whole number the Dutch way."""
    return f"{count:,}".replace(",", ".")


def rows_of(finding: Finding) -> str:
    """The first row numbers, and whether there are more."""
    shown = ", ".join(str(row) for row in finding.rows)
    return shown + (" …" if finding.rows and finding.count > len(finding.rows) else "")


def as_text(outcome: Outcome) -> str:
    """For the terminal."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    yield verdict(outcome)
    yield (
        f"Standaard {outcome.standard} versie {outcome.version}. "
        f"Regels: {numbers(outcome.rows.read)} gelezen, "
        f"{numbers(outcome.rows.kept)} geteld, {numbers(outcome.rows.rejected)} afgekeurd."
    )
    for severity, title in SEVERITY_LABELS.items():
        found = outcome.of(severity)
        if found:
            yield ""
            yield title
        for finding in found:
            yield f"- {finding.what}"
            yield f"  {finding.why} {finding.mend}"
            where = f"kolom {finding.field}, " if finding.field else ""
            rows = f", regel {rows_of(finding)}" if finding.rows else ""
            yield f"  ({where}{numbers(finding.count)} keer{rows}) {finding.code}"
    if outcome.not_checked:
        yield ""
        yield "Niet gecontroleerd"
        for reason in dict.fromkeys(outcome.not_checked.values()):
            codes = [code for code, why in outcome.not_checked.items() if why == reason]
            yield f"- {reason} ({', '.join(sorted(codes))})"


def _cells(finding: Finding) -> tuple[str | int, ...]:
    label = SEVERITY_LABELS[finding.severity]
    return (
        finding.what,
        finding.why,
        finding.mend,
        finding.field or "",
        finding.count,
        rows_of(finding),
        label,
        finding.code,
    )


def as_html(outcome: Outcome) -> str:
    """A page of its own: no scripts, no other files, readable in print."""
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in COLUMNS)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in _cells(finding)) + "</tr>"
        for finding in outcome.findings
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if outcome.findings else ""
    rows = (
        f"{numbers(outcome.rows.read)} regels gelezen, {numbers(outcome.rows.kept)} geteld, "
        f"{numbers(outcome.rows.rejected)} afgekeurd."
    )
    return (
        '<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Uitkomst van de controle</title>'
        "<style>body{font-family:sans-serif;margin:2rem;line-height:1.4}table{border-collapse:collapse}"
        "th,td{border:1px solid #767676;padding:.4rem;text-align:left;vertical-align:top}</style>"
        f"</head><body><h1>{html.escape(verdict(outcome))}</h1>"
        f"<p>{html.escape(outcome.file_name)}: standaard {html.escape(outcome.standard)}, versie "
        f"{html.escape(outcome.version)}. {rows}</p>{table}"
        f"<p>SHA-256 van het bestand: {outcome.sha256}</p></body></html>\n"
    )


def write_xlsx(outcome: Outcome, path: Path) -> None:
    """One sheet with the findings, one with the rest. Every text is a text: nothing becomes a formula or a
    link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Meldingen")
        sheet.set_column(0, 2, 48, wrap)
        sheet.set_column(3, 7, 18, wrap)
        sheet.freeze_panes(1, 0)
        for place, title in enumerate(COLUMNS):
            sheet.write_string(0, place, title, bold)
        for number, finding in enumerate(outcome.findings, start=1):
            for place, cell in enumerate(_cells(finding)):
                if isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                else:
                    sheet.write_string(number, place, cell)
        about = book.add_worksheet("Aanlevering")
        about.set_column(0, 1, 40)
        facts = {
            "Uitkomst": verdict(outcome),
            "Bestand": outcome.file_name,
            "Standaard": f"{outcome.standard} versie {outcome.version}",
            "Regels gelezen": numbers(outcome.rows.read),
            "Regels geteld": numbers(outcome.rows.kept),
            "Regels afgekeurd": numbers(outcome.rows.rejected),
            "SHA-256": outcome.sha256,
        }
        for number, (name, value) in enumerate(facts.items()):
            about.write_string(number, 0, name, bold)
            about.write_string(number, 1, value)
