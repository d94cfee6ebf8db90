"""docs/sources.md: every public source that can be imported, from definitions/sources."""

from __future__ import annotations

from zorgspiegel.store.definitions import load_all
from zorgspiegel.terms.sources import Layout, Source

START = """\
# Public sources

`zorgspiegel import SOURCE FILE... [--year Y] [--json] [--into FOLDER]` takes files as their publisher gives
them: CSV in UTF-8 (also gzipped), GeoJSON and TopoJSON. All files of a call come in, or none. `--json`
prints per file and year the rows, rejected rows, tables and exact national totals. The year is that of the
rows, else of the name of the file, else of `--year`; `--year` may not contradict the rows.

- **rejected_rows** cannot be used (no well-formed area code, a sentence where a number should be); above
  5 % the file is refused. **unplaced_rows** are kept and counted, but their area is unknown; above half the
  file is refused.
- A value that is no number, an unknown or missing column, a wrong encoding or separator, a gzip that was
  cut off, a web page in the place of data: the file is refused, exit code 2, and nothing has changed.
- Totals are added up from what was written, at the highest level in the file (`totals_level`). Only counts
  and amounts have one.
- A publisher's new name for a column is one line in `definitions/sources/<id>.yaml`; a new source is one
  definition and at most one reader in `receive/readers/`.

What the package ships itself is listed in `zorgspiegel/definitions/reference/ATTRIBUTION.md`.
"""


def page() -> str:
    """The whole page, Markdown."""
    return START + "".join(_chapter(source) for source in load_all("sources", Source).values())


def _chapter(source: Source) -> str:
    facts = {
        "Publisher": source.publisher,
        "Licence": source.licence,
        "Name as source": source.attribution,
        "May be redistributed": "yes" if source.may_be_redistributed else "no: import it from your own file",
        "Where": source.url,
    }
    lines = ["", f"## `{source.id}`: {source.title}", "", source.how.strip(), "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    lines += ["", "What is odd about it, and handled:", "", *(f"- {trap}" for trap in source.traps)]
    lines += ["", "| Kind of file | Needs the columns |", "| --- | --- |"]
    lines += [f"| {layout.title} | {_needed(layout)} |" for layout in source.layouts]
    return "\n".join(lines) + "\n"


def _needed(layout: Layout) -> str:
    """The columns that every year must have; each with the name that its publisher uses most."""
    needed = [column for column in layout.columns if column.is_required_in(None)]
    names = [column.aliases[0] if column.aliases else column.name for column in needed]
    return ", ".join(f"`{name}`" for name in names)
