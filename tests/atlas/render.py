"""Renders docs/atlas.md from docs/atlas.json: the rows as tables, and conclusions counted from the rows."""

import re
import textwrap
from collections import Counter

import findings
import ways

HEAD = """# Atlas: what was measured on which file system

This page is for people who want to know in advance what happens on a file system when several writers write their
own records (rows) into one file. It has a row for each combination of file system and mount options. No row comes
from documentation: each was **measured** by one command, `tests/atlas/atlas --only KEY`. The command raced npyrace
there and asked an independent C program, the *probe* ([probe.c](../tests/lab/probe.c)), whether records were lost.
The command also writes this page, from [atlas.json](atlas.json); do not edit it. **[The same as a table with
filters](atlas.html)**, in which each cell opens its evidence, is a file for a browser.
[File systems](file-systems.md) says what to do on each. A file system without a row was not measured:
[gpfs-mmap.md](gpfs-mmap.md) has the commands that measure it, and what the documentation of GPFS, Lustre,
CephFS and BeeGFS promises.

The columns are strategies (ways of writing, [strategies.md](strategies.md)) and layouts: *packed*, records lie back
to back, so that writers share pages; *padded-block*, the records of each writer start on a page of their own. The
verdicts are those of npyrace ([verdicts.md](verdicts.md); other words: [glossary](glossary.md)), on records of 16 bytes whose writers alternate, so that every packed page has records of all writers. That is the worst
case: if each job writes one block, only the first and the last page of the block are at risk, in the same way. *Cold*: no
process on the node had read the pages before. *Warm*: one had. One word in a cell is the verdict of both. **A verdict is
what was seen here, in a limited number of tries**; [the last table](#how-each-row-was-made) says how many. *Unsafe*:
records were lost. *Safe*: none was, in tries enough to count. *None lost*: none was, but nobody counted the tries.
*Inconclusive*: none was, but it proves nothing. *Skipped*: the file system refuses this way of writing.
"""

NOTES = """*Smallest safe alignment*: every record starts at a multiple of it. Among the alignments that were tried (down to {smallest}
bytes) it is the smallest for which nothing was lost with it or with any larger one. *Array jobs*: `create`, `write` and
`verify` without a coordinator, as jobs of a queue run them. If such jobs did not overlap in time, the verdict is
*inconclusive*; these rows have no alignments and no passport. *Passport*: the weakest level, for pages that one node alone writes, of when
another node sees a write ([semantics.md](semantics.md)); `none seen`: another node did not see it. *Two kernel clients*:
two NFS mounts of one kernel, with the option `nosharecache`, and for NFS 3 `nolock`, so that its `pwrite-lock` is safe on
one kernel only. *Two kernels*: two virtual machines. *Agrees*: the number of cells (strategy, layout and cache state) in which
the probe lost records exactly if npyrace says unsafe.
"""


# Names of npyrace's launchers in the document. Rows without a launcher used processes.
WRITTEN_BY = {"process": "a race", "ssh": "a race over ssh", "array": "array jobs",
              "mpi": "a race of MPI ranks"}


def filled(text, after=""):
    """Paragraphs in lines of at most 100 columns; code between backquotes stays on one line."""
    glued = re.sub(r"`[^`]*`", lambda code: code.group().replace(" ", "\0"), text)
    lines = [textwrap.fill(paragraph, 100, subsequent_indent=after, break_long_words=False, break_on_hyphens=False)
             for paragraph in glued.split("\n\n")]
    return "\n\n".join(lines).replace("\0", " ") + "\n"


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(field).replace("|", "\\|") for field in line) + " |" for line in lines) + "\n"


def emphasis(word):
    return f"**{word}**" if word == "unsafe" else word


def by_cache(row, strategy, layout):
    words = findings.shown_by_cache(row, strategy, layout)
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
    packed = {cell["verdict"] for cell in findings.cells_of(row, separation["strategy"], "packed")}
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


def system(row):
    return row["file_system"] + (f" (measured by {row['by']})" if "by" in row else "")


def verdicts(rows):
    heads = ["file system", "options", "nodes", "written by", *(f"{s}, packed" for s in ways.STRATEGIES), "all, padded-block",
             "smallest safe alignment, bytes", "passport", "agrees"]
    return table(heads, [
        [system(row), row["options"], row["nodes"], WRITTEN_BY[row.get("launcher", "process")],
         *(by_cache(row, s, "packed") for s in ways.STRATEGIES), padded(row), alignments(row), row["passport"]["named"] if "passport" in row else "–", agrees(row)]
        for row in rows])


def promises(rows):
    kinds = ["pwrite, own-pages", "pwrite, shared-pages", "mmap, own-pages", "mmap, shared-pages"]
    heads = ["file system", "options", "its type", "documented promise", "source", "measured", "tried between", *kinds]
    return table(heads, [
        [system(row), row["options"], row["fs_type"], row["promise"], row["source"], findings.judgement(row),
         row["passport"]["between"], *(row["passport"]["fresh"].get(kind, "–") for kind in kinds)]
        for row in rows if "passport" in row])


def trials(row):
    """For the packed cells that were raced: the number of trials, and the probability that a rare loss was missed."""
    packed = [cell for cell in row["cells"] if cell["layout"] == "packed" and cell["verdict"] in ("safe", "unsafe", "inconclusive")]
    if not packed:
        return "–", "–"
    least = min(packed, key=lambda cell: cell["trials"])
    return least["trials"], f"{100 * least['chance_to_miss']:.0f} %"


def how_made(rows):
    return table(["key", "date", "kernel", "npyrace", "trials of a packed cell",
                  "chance to miss a loss in 1000 trials", "probe: tries × records"],
                 [[f"`{row['key']}`", row["date"], f"{row['kernel']} ({row['where']})", row.get("npyrace", "–"),
                   *trials(row), f"up to {max(c['probe']['tries'] for c in row['cells'])} × {row['probe_records']}"
                   if "probe_records" in row else "not run"]
                  for row in rows])


def commands(rows):
    """Groups the rows that have the same commands."""
    groups = {}
    for row in rows:
        if row["commands"]:
            groups.setdefault(tuple(row["commands"]), []).append(row["key"])
    return "\n".join(filled(f"{', '.join(f'`{key}`' for key in keys)}:") + "\n" + "".join(f"    {line}\n" for line in lines)
                     for lines, keys in groups.items())


def readings(rows):
    return "## Main findings\n\n" + "".join(filled(f"- {one}", "  ") for one in findings.sentences(rows))


SEEN = re.compile(r"<!-- seen: (.*?) -->\n.*?<!-- end -->", re.DOTALL)
NOT_SEEN = ("Nothing: npyrace was not run on it for the atlas. [CONTRIBUTING.md]"
            "(../CONTRIBUTING.md#a-row-of-the-atlas-from-your-system) says how to add a row from your system.")
SEEN_HEADS = ["rows of the atlas", "sharing pages: lost by", "kept by", "undecided", "with pages of one's own", "level",
              "trials, at least"]


def marked_systems(mark):
    """A mark of docs/file-systems.md names one file system, or several by one word each."""
    return [mark] if mark == "npyrace lab" else mark.split()


def with_seen(text, rows):
    """docs/file-systems.md, in which the table at each mark says what was seen on its file systems."""
    measured = [row for row in rows if row["status"] != "not made"]

    def lines(mark):
        found = list(findings.seen(findings.of_systems(measured, marked_systems(mark[1]))))
        body = table(SEEN_HEADS, found) if found else filled(NOT_SEEN)
        return f"<!-- seen: {mark[1]} -->\n\n{body}\n<!-- end -->"

    return SEEN.sub(lines, text)


def missing(rows):
    if not rows:
        return ""
    return "## Not made\n\n" + table(["key", "file system", "options", "why", "date"], [
        [f"`{row['key']}`", row["file_system"], row["options"], row["reason"], row["date"]] for row in rows])


def page(rows):
    measured = findings.with_promises([row for row in rows if row["status"] != "not made"])
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
