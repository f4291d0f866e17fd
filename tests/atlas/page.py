"""Renders docs/atlas.html from the rows of docs/atlas.json: one page for a browser that asks no other file or host for
anything. Its tables are readable without a script; page.js adds filters and opens cells. It has the look of npyrace's
HTML report and contains the report's style sheet."""

import html
import json
import re
from pathlib import Path

import findings
import render
import ways

HERE = Path(__file__).resolve().parent
REPORT_STYLE = HERE.parents[1] / "reports" / "html" / "report.css"

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>npyrace atlas: which file systems lose records of several writers</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#verdicts">Skip to the verdicts</a>
<header>
<h1>Atlas: which file systems lose records of several writers</h1>
<p>Several writers wrote their own records into one file at the same time. <strong>Unsafe</strong> means that records
were lost, <strong>safe</strong> that none was lost in a limited number of tries, <strong>none lost</strong> the same
without a count of the tries. All of it was measured by
<a href="run.md">npyrace</a>, and beside it by an independent C program, the probe. The page is made from
<a href="atlas.json">atlas.json</a>; <a href="atlas.md">atlas.md</a> explains the columns,
<a href="file-systems.md">file-systems.md</a> says what to do on each file system, and the
<a href="glossary.md">glossary</a> explains the words.</p>
</header>
<main>
"""

FOOT = """</main>
<script type="application/json" id="rows">{rows}</script>
<script>
{script}</script>
</body>
</html>
"""

FILTERS = """<form id="filters" hidden aria-label="Filters of all tables">
<label>File system <select data-filter="file_system"><option value="">all</option>{systems}</select></label>
<label>Way of writing <select data-filter="way"><option value="">all</option>{ways}</select></label>
<label>Options <select data-filter="options"><option value="">all</option>{options}</select></label>
<button type="reset">Show all</button>
<output></output>
</form>
"""


def inline(sentence):
    """HTML of a sentence with the marks of Markdown that findings.py uses."""
    text = html.escape(sentence, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)


def attribute(name, value):
    return f' {name}="{html.escape(str(value))}"'


def cell(tag, text, classes="", **attributes):
    given = {"class": classes, **{name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}}
    shown = "".join(attribute(name, value) for name, value in given.items() if value)
    return f"<{tag}{shown}>{inline(str(text))}</{tag}>"


def table_row(row, head, cells):
    data = {"data-key": row["key"], "data-file_system": row["file_system"], "data-options": row["options"]}
    shown = "".join(attribute(name, value) for name, value in data.items())
    return f"<tr{shown}>{head}{''.join(cells)}</tr>\n"


def section(name, title, about, caption, heads, body):
    return (f'<section id="{name}" tabindex="-1" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{title}</h2>\n'
            f"<p>{about}</p>\n"
            f'<div class="wide"><table>\n<caption>{caption}</caption>\n<thead>{heads}</thead>\n'
            f"<tbody>\n{body}</tbody>\n</table></div>\n</section>\n")


def plain_section(name, title, about, caption, heads, rows):
    """A table in which each cell has the title of its column, which a narrow window shows beside it."""
    head = "<tr>" + "".join(cell("th", one, scope="col") for one in heads) + "</tr>"
    body = "".join(table_row(row, cell("th", first, scope="row", data_title=heads[0]),
                             [cell("td", text, data_title=title) for title, text in zip(heads[1:], others)])
                   for row, first, *others in rows)
    return section(name, title, about, caption, head, body)


def row_name(row):
    about = "; ".join([row["options"], row["nodes"], render.WRITTEN_BY[row.get("launcher", "process")]])
    by = f' <strong class="by">measured by {html.escape(row["by"])}</strong>' if "by" in row else ""
    return (f'<th scope="row" data-title="file system">{html.escape(row["file_system"])} '
            f'<span class="note">{html.escape(about)}</span>{by}</th>')


def worst(words):
    """The verdict that gives a cell its colour."""
    words = {"inconclusive" if word == findings.UNCOUNTED else word for word in words}
    return next(word for word in ("unsafe", "failed", "inconclusive", "skipped", "safe") if word in words)


def verdict_cell(row, strategy, layout, differing):
    words = findings.shown_by_cache(row, strategy, layout)
    text = render.by_cache(row, strategy, layout).replace("**", "")
    if any((strategy, cache, layout) in differing for cache in words):
        text += "; others measured differently"
    return cell("td", text, f"verdict {worst(words.values())}", data_way=strategy, data_layout=layout,
                data_title=f"{strategy}, {layout}")


def differing_cells(rows):
    """By key of a row: cells in which another row of the same place has the opposite verdict."""
    found = {}
    for where, safe, unsafe in findings.measured_differently(rows):
        for row in [*safe, *unsafe]:
            found.setdefault(row["key"], set()).add(where)
    return found


def verdicts(rows):
    ways_heads = "".join(cell("th", strategy, scope="col", data_way=strategy) for strategy in ways.STRATEGIES)
    count = len(ways.STRATEGIES)
    heads = ('<tr><th scope="col" rowspan="2">file system</th>'
             f'<th scope="colgroup" class="group" colspan="{count}">packed: writers share pages</th>'
             f'<th scope="colgroup" class="group" colspan="{count}">padded-block: each writer has its own pages</th>'
             f'<th scope="col" rowspan="2">smallest safe alignment, bytes</th></tr>\n<tr>{ways_heads}{ways_heads}</tr>')
    differing = differing_cells(rows)
    body = "".join(table_row(row, row_name(row), [
        *(verdict_cell(row, strategy, layout, differing.get(row["key"], ())) for layout in ways.LAYOUTS
          for strategy in ways.STRATEGIES),
        cell("td", render.alignments(row), data_title="smallest safe alignment, bytes")]) for row in rows)
    return section("verdicts", "Verdicts", "Open a cell to see its evidence and the command that repeats it. "
                   "<em>Cold</em>: no process on the node had read the pages before. <em>Warm</em>: one had. A single "
                   "word stands for both.", "Verdict for each file system and way of writing, on records of 16 bytes "
                   "whose writers alternate", heads, body)


def promises(rows):
    kinds = ["pwrite, own-pages", "pwrite, shared-pages", "mmap, own-pages", "mmap, shared-pages"]
    heads = ["file system", "documented promise", "source", "measured", "tried between", *kinds]
    return plain_section(
        "promises", "Promises", "When another node sees a write: what the documentation promises, and the weakest "
        '<a href="semantics.md">consistency level</a> that was seen by a reader that may open the file anew.',
        "Documented promises beside measured consistency levels", heads,
        [[row, findings.name(row), row["promise"], row["source"], findings.judgement(row), row["passport"]["between"],
          *(row["passport"]["fresh"].get(kind, "–") for kind in kinds)] for row in rows if "passport" in row])


def how_made(rows):
    heads = ["file system", "key", "date", "kernel", "npyrace", "trials of a packed cell",
             "chance to miss a loss in 1000 trials", "cells that agree with the probe"]
    return plain_section(
        "made", "How much was tried", "The packed cell with the fewest trials (chances to see a loss) counts. The key "
        "is that of <code>tests/atlas/atlas --only KEY</code>, which repeats a row of ours.",
        "Date, kernel and number of tries of each row", heads,
        [[row, findings.name(row), f"`{row['key']}`", row["date"], f"{row['kernel']} ({row['where']})", row["npyrace"],
          *render.trials(row), render.agrees(row)] for row in rows])


def missing(rows):
    if not rows:
        return ""
    return plain_section("missing", "Not made", "These file systems could not be had.",
                         "Rows that are missing, and why", ["file system", "options", "why", "date"],
                         [[row, row["file_system"], row["options"], row["reason"], row["date"]] for row in rows])


def headlines(rows):
    """Promises and differences between rows come first, each in a box of its own; then the other findings."""
    kinds = {"**Contradicted:": "unsafe", "**More": "inconclusive", "**Measured": "inconclusive", "**No": "safe"}
    first = [*findings.about_promises(rows), *findings.about_differences(rows)]
    others = [one for one in findings.sentences(rows) if one not in first]
    return ("".join(f'<p class="headline {kinds[one.split()[0]]}">{inline(one)}</p>\n' for one in first)
            + '<section aria-labelledby="findings-title">\n<h2 id="findings-title">Main findings</h2>\n<ul>\n'
            + "".join(f"<li>{inline(one)}</li>\n" for one in others) + "</ul>\n</section>\n")


def options(values):
    return "".join(cell("option", value, value=value) for value in dict.fromkeys(values))


def filters(rows):
    return FILTERS.format(systems=options(row["file_system"] for row in rows), ways=options(ways.STRATEGIES),
                          options=options(row["options"] for row in rows))


def page(rows):
    measured = findings.with_promises([row for row in rows if row["status"] != "not made"])
    data = json.dumps(measured, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return "".join([
        HEAD.format(style=REPORT_STYLE.read_text() + (HERE / "page.css").read_text()), headlines(measured),
        filters(measured), verdicts(measured), promises(measured), how_made(measured),
        missing([row for row in rows if row["status"] == "not made"]),
        FOOT.format(rows=data, script=(HERE / "page.js").read_text())])
