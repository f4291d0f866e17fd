"""Renders docs/atlas.md from docs/atlas.json: the rows as tables, and conclusions counted from the rows."""

import re
import textwrap
from collections import Counter

import ways

HEAD = """# Atlas: what was measured on which file system

This page is for people who want to know in advance what happens on a file system when several writers write their
own records (rows) into one file. It has a row for each combination of file system and mount options. No row comes
from documentation: each was **measured** by one command, `tests/atlas/atlas --only KEY`. The command raced npyrace
there and asked an independent C program, the *probe* ([probe.c](../tests/lab/probe.c)), whether records were lost.
The command also writes this page, from [atlas.json](atlas.json); do not edit it.

The columns are strategies (ways of writing, [strategies.md](strategies.md)) and layouts: *packed*, records lie back
to back, so that writers share pages; *padded-block*, the records of each writer start on a page of their own. The
verdicts are those of npyrace ([verdicts.md](verdicts.md); other words: [glossary](glossary.md)), on records of 16 bytes whose writers alternate. *Cold*: no process
on the node had read the pages before. *Warm*: one had. A single word stands for both. **A verdict is what
was seen here, in a limited number of tries**; [the last table](#how-each-row-was-made) says how many. *Unsafe* means that
records were lost; *safe* means that none was.
"""

NOTES = """*Smallest safe alignment*: every record starts at a multiple of it. Among the alignments that were tried (down to {smallest}
bytes) it is the smallest for which nothing was lost with it or with any larger one. *Array jobs*: `create`, `write` and
`verify` without a coordinator, as jobs of a queue run them. If such jobs did not overlap in time, the verdict is
*inconclusive*; these rows have no alignments and no passport. *Passport*: the weakest promise about when another node
sees a write ([semantics.md](semantics.md)). *Agrees*: the number of cells (strategy, layout and cache state) in which
the probe lost records exactly if npyrace says unsafe.
"""


# Names of npyrace's launchers in the document. Rows without a launcher used processes.
WRITTEN_BY = {"process": "a race", "ssh": "a race over ssh", "array": "array jobs"}


def filled(text, after=""):
    """Paragraphs in lines of at most 100 columns; code between backquotes stays on one line."""
    glued = re.sub(r"`[^`]*`", lambda code: code.group().replace(" ", "\0"), text)
    lines = [textwrap.fill(paragraph, 100, subsequent_indent=after, break_long_words=False, break_on_hyphens=False)
             for paragraph in glued.split("\n\n")]
    return "\n\n".join(lines).replace("\0", " ") + "\n"


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def emphasis(word):
    return f"**{word}**" if word == "unsafe" else word


def by_cache(row, strategy, layout):
    words = {cell["cache"]: cell["verdict"] for cell in row["cells"]
             if (cell["strategy"], cell["layout"]) == (strategy, layout)}
    if len(set(words.values())) == 1:
        return emphasis(next(iter(words.values())))
    return ", ".join(f"{emphasis(word)} {cache}" for cache, word in words.items())


def padded(row):
    """One word for all padded cells, or a list of the exceptions."""
    words = {s: by_cache(row, s, "padded-block") for s in ways.STRATEGIES}
    common = Counter(words.values()).most_common(1)[0][0]
    others = [f"{s}: {word}" for s, word in words.items() if word != common]
    return "; ".join([common, *others])


def alignment(row, separation):
    """The races of granularity are short, so the verdict of quick on packed records has precedence."""
    if separation["unsafe_up_to_bytes"]:
        return str(separation["safe_from_bytes"] or f"more than {separation['unsafe_up_to_bytes']}")
    packed = {cell["verdict"] for cell in row["cells"]
              if (cell["strategy"], cell["layout"]) == (separation["strategy"], "packed")}
    if packed == {"safe"}:
        return "none needed"
    if "unsafe" in packed and separation["safe_from_bytes"] and not separation["packed_safe"]:
        return f"at most {separation['safe_from_bytes']}"
    return "no telling"


def alignments(row):
    words = {one["strategy"]: alignment(row, one) for one in row.get("separations", [])}
    if not words:
        return "–"
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{strategy} {word}" for strategy, word in words.items())


def agrees(row):
    answers = Counter(cell["agrees"] for cell in row["cells"])
    compared = answers["yes"] + answers["no"]
    if compared == 0:
        return "nothing to compare"
    return f"{answers['yes']} of {compared}" + (" **DISAGREES**" if answers["no"] else "")


def verdicts(rows):
    heads = ["file system", "options", "nodes", "written by", *(f"{s}, packed" for s in ways.STRATEGIES), "all, padded-block",
             "smallest safe alignment, bytes", "passport", "agrees"]
    return table(heads, [
        [row["file_system"], row["options"], row["nodes"], WRITTEN_BY[row.get("launcher", "process")], *(by_cache(row, s, "packed") for s in ways.STRATEGIES),
         padded(row), alignments(row), row["passport"]["named"] if "passport" in row else "–", agrees(row)]
        for row in rows])


def promises(rows):
    kinds = ["pwrite, own-pages", "pwrite, shared-pages", "mmap, own-pages", "mmap, shared-pages"]
    return table(["file system", "options", "its type", "documented promise", "tried between", *kinds], [
        [row["file_system"], row["options"], row["fs_type"], row["promise"], row["passport"]["between"],
         *(row["passport"]["fresh"].get(kind, "–") for kind in kinds)]
        for row in rows if "passport" in row])


def trials(row):
    """For the packed cells that were raced: the number of trials, and the probability that a rare loss was missed."""
    packed = [cell for cell in row["cells"] if cell["layout"] == "packed" and cell["verdict"] in ("safe", "unsafe", "inconclusive")]
    if not packed:
        return "–", "–"
    least = min(packed, key=lambda cell: cell["trials"])
    return least["trials"], f"{100 * least['chance_to_miss']:.0f} %"


def how_made(rows):
    return table(["key", "date", "kernel", "npyrace", "chances to lose, a packed cell",
                  "chance to miss a loss in 1000", "probe: tries × records"],
                 [[f"`{row['key']}`", row["date"], f"{row['kernel']} ({row['where']})", row.get("npyrace", "–"),
                   *trials(row), f"up to {max(c['probe']['tries'] for c in row['cells'])} × {row['probe_records']}"]
                  for row in rows])


def commands(rows):
    """Groups the rows that have the same commands."""
    groups = {}
    for row in rows:
        if row["commands"]:
            groups.setdefault(tuple(row["commands"]), []).append(row["key"])
    return "\n".join(f"{', '.join(f'`{key}`' for key in keys)}:\n\n" + "".join(f"    {line}\n" for line in lines)
                     for lines, keys in groups.items())


def verdict(row, strategy, cache, layout):
    (cell,) = [c for c in row["cells"] if (c["strategy"], c["cache"], c["layout"]) == (strategy, cache, layout)]
    return cell["verdict"]


def loses(row, strategy, cache, layout):
    return verdict(row, strategy, cache, layout) == "unsafe"


def name(row):
    more = [*([row["options"]] if row["options"] != "default" else []), *(["array jobs"] if row.get("launcher") == "array" else [])]
    return row["file_system"] + (f" ({', '.join(more)})" if more else "")


def names(rows):
    found = [name(row) for row in rows]
    return ("; " if any("," in one for one in found) else ", ").join(found)


def about_mmap(rows):
    nodes = [row for row in rows if row["nodes"] in ("two mounts", "two clients", "two kernel clients", "two kernels")]
    losing = [row for row in nodes if loses(row, "mmap", "cold", "packed") or loses(row, "mmap", "warm", "packed")]
    kept = [row for row in nodes if by_cache(row, "mmap", "packed") == "safe"]
    if nodes:
        yield (f"Between nodes with page caches of their own, packed records written through mmap were lost in "
               f"{len(losing)} of {len(nodes)} rows" + (f"; none was lost on {names(kept)}." if kept else "."))


def about_opening(rows):
    trapped = [row for row in rows if loses(row, "pwrite-wronly", "warm", "packed")
               and verdict(row, "pwrite-wronly", "cold", "packed") == "safe"]
    plain = [row for row in trapped if loses(row, "pwrite", "cold", "packed")]
    if trapped:
        yield (f"With a write-only handle no record was lost until a process on the node had read the file, and then records were lost, on: {names(trapped)}."
               + (" On these, pwrite with a handle that may also read lost records in any case." if plain == trapped else ""))


def about_padding(rows):
    broken = [row for row in rows if any(loses(row, s, c, "padded-block") for s in ways.STRATEGIES for c in ways.CACHES)]
    widths = {one["safe_from_bytes"] for row in rows for one in row.get("separations", [])
              if one["unsafe_up_to_bytes"] and one["safe_from_bytes"]}
    if broken:
        yield f"With padding to whole pages, records were lost on: {names(broken)}."
    elif rows:
        yield ("With padding to whole pages, nothing was lost in any row" + (
            f"; where packed records were lost, the smallest safe alignment was {' or '.join(map(str, sorted(widths)))} bytes."
            if widths else "."))


def about_noac(rows):
    by_key = {row["key"]: row for row in rows}
    pairs = [(row, by_key[row["key"] + "+noac"]) for row in rows if row["key"] + "+noac" in by_key]
    if not pairs:
        return
    changed = [plain for plain, noac in pairs
               if any(by_cache(plain, s, l) != by_cache(noac, s, l) for s in ways.STRATEGIES for l in ways.LAYOUTS)]
    sooner = [plain for plain, noac in pairs if "passport" in noac
              and noac["passport"]["fresh"].get("pwrite, own-pages") == "strong"
              and plain["passport"]["fresh"].get("pwrite, own-pages") != "strong"]
    yield ((f"`noac` changed verdicts on {names(changed)}" if changed else
            f"`noac` changed no verdict on {names([plain for plain, _ in pairs])}")
           + (", although it made writes by pwrite to pages of one writer visible at once." if sooner else "."))


def readings(rows):
    sentences = [s for about in (about_mmap, about_opening, about_padding, about_noac) for s in about(rows)]
    return "## Main findings\n\n" + "".join(filled(f"- {sentence}", "  ") for sentence in sentences)


def missing(rows):
    if not rows:
        return ""
    return "## Not made\n\n" + table(["key", "file system", "options", "why", "date"], [
        [f"`{row['key']}`", row["file_system"], row["options"], row["reason"], row["date"]] for row in rows])


def page(rows):
    measured = [row for row in rows if row["status"] != "not made"]
    aligns = {int(word) for row in measured for command in row["commands"] if "--align " in command
              for word in command.split("--align ")[1].split()[0].split(",")}
    parts = [filled(HEAD), readings(measured), "## Verdicts\n", verdicts(measured),
             filled(NOTES.format(smallest=min(aligns, default=0))),
             "## Promises\n", filled("How soon another node sees a write: the documented promise, and what [scenario semantics](semantics.md) "
                                "found, for a reader that may open the file anew."), promises(measured),
             "## How each row was made\n", how_made(measured),
             filled("`tests/atlas/atlas --only KEY` repeats a row. It sets up the file system (scripts in `tests/lab`) and runs the "
                    "commands below. N1 and N2 stand for the directories of the nodes, STORE for that of the store (the server's own data)."), commands(measured),
             missing([row for row in rows if row["status"] == "not made"])]
    return "\n".join(part for part in parts if part)
