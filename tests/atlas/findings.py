"""Sentences about the rows of the atlas, counted from the rows. docs/atlas.md and docs/atlas.html both show them."""

import ways

# Documented promises that the measurement of a row can contradict.
COHERENT = {"coherent": ways.STRATEGIES, "coherent-except-mmap": [s for s in ways.STRATEGIES if s != "mmap"]}
NOT_LOOKED_UP = {"promised": "depends", "promise": "not looked up", "source": "none"}
CLOSED_IS_SEEN = ("strong", "commit", "session")
ONE_CACHE = ("processes of one node", "two names of one mount")  # values of "nodes"
LITTLE = 0.01  # as in bench/analysis/cross_checks.cpp


def with_promises(rows):
    """The rows, each with what the documentation promises. Array jobs do not record it, so they take it from a race on
    the same file system."""
    known = {row["file_system"]: {key: row[key] for key in NOT_LOOKED_UP} for row in rows if "promised" in row}
    return [{**known.get(row["file_system"], NOT_LOOKED_UP), **row} for row in rows]


def cells_of(row, strategy, layout):
    """The cells of a way of writing, one for each state of the cache."""
    return [cell for cell in row["cells"] if (cell["strategy"], cell["layout"]) == (strategy, layout)]


def words_by_cache(row, strategy, layout):
    """The verdict for each state of the cache."""
    return {cell["cache"]: cell["verdict"] for cell in cells_of(row, strategy, layout)}


UNCOUNTED = "none lost"


def is_uncounted(cell):
    """Whether a version that counted no trials for padded cells called it safe. Today it would be inconclusive."""
    return (cell["layout"], cell["verdict"], cell["trials"]) == ("padded-block", "safe", 0)


def shown_by_cache(row, strategy, layout):
    """The verdict for each state of the cache, as readers see it."""
    return {cell["cache"]: UNCOUNTED if is_uncounted(cell) else cell["verdict"]
            for cell in cells_of(row, strategy, layout)}


def verdict(row, strategy, cache, layout):
    return words_by_cache(row, strategy, layout)[cache]


def loses(row, strategy, cache, layout):
    return verdict(row, strategy, cache, layout) == "unsafe"


def name(row, notes=()):
    more = [*([row["options"]] if row["options"] != "default" else []), *notes,
            *(["array jobs"] if row.get("launcher") == "array" else []),
            *([f"measured by {row['by']}"] if "by" in row else [])]
    return row["file_system"] + (f" ({', '.join(more)})" if more else "")


def joined(words):
    return ("; " if any("," in one for one in words) else ", ").join(words)


def names(rows):
    """A row of array jobs that follows the same place with writers of one run is told with it."""
    def place(row):
        return [row["file_system"], row["options"], row.get("by")]

    words = []
    for at, row in enumerate(rows):
        if row.get("launcher") == "array" and any(place(row) == place(one) for one in rows[:at]):
            continue
        both = any(place(row) == place(one) and one.get("launcher") == "array" for one in rows[at + 1:])
        words.append(name(row, ["array jobs too"] if both else []))
    return joined(words)


def losing_cells(row, layouts=tuple(ways.LAYOUTS), strategies=tuple(ways.STRATEGIES)):
    return [cell for cell in row["cells"]
            if cell["verdict"] == "unsafe" and cell["layout"] in layouts and cell["strategy"] in strategies]


def too_late(row, kinds, levels):
    """Kinds of data that became visible later than at one of the levels."""
    seen = row.get("passport", {"fresh": {}})["fresh"]
    return [f"{kind}: {level}" for kind, level in seen.items()
            if any(word in kind for word in kinds) and level not in (*levels, "refused")]


def contradictions(row):
    """Measurements that the documented promise of the file system rules out."""
    promised = row["promised"]
    if promised in COHERENT:
        lost = losing_cells(row, strategies=COHERENT[promised])
        late = too_late(row, [""] if promised == "coherent" else ["pwrite"], ["strong"])
    elif promised == "close-to-open":
        lost, late = losing_cells(row, layouts=["padded-block"]), too_late(row, ["own-pages"], CLOSED_IS_SEEN)
    else:
        lost, late = [], []
    cells = dict.fromkeys(f"{cell['strategy']}, {cell['layout']}" for cell in lost)
    return [*([f"records were lost ({'; '.join(cells)})"] if cells else []),
            *([f"writes became visible too late ({'; '.join(late)})"] if late else [])]


def surpasses(row):
    """Whether no record was lost although nothing is promised, in trials enough to see a rare loss."""
    return (row["promised"] in ("close-to-open", "nothing") and not losing_cells(row)
            and any(cell["verdict"] == "safe" and cell["chance_to_miss"] < LITTLE
                    for cell in row["cells"] if cell["layout"] == "packed"))


def judgement(row):
    """The documented promise beside the measurement, in a word or two."""
    if contradictions(row):
        return "**contradicted**"
    if row["promised"] in COHERENT or row["promised"] == "close-to-open":
        return "not contradicted"
    return "depends on its server" if row["promised"] == "depends" else "nothing promised"


def weakest_evidence(rows):
    """The highest chance, in percent, that a loss in 1000 trials was missed in a packed cell called safe."""
    return max((100 * cell["chance_to_miss"] for row in rows for cell in row["cells"]
                if cell["layout"] == "packed" and cell["verdict"] == "safe"), default=100)


def about_promises(rows):
    """The headline: what the documentation says beside what was measured."""
    broken = [row for row in rows if contradictions(row)]
    for row in broken:
        yield (f"**Contradicted: {name(row)}** promises “{row['promise']}” ({row['source']}), and yet "
               f"{' and '.join(contradictions(row))}.")
    for row in filter(surpasses, rows):
        yield (f"**More than promised: {name(row)}** promises “{row['promise']}” ({row['source']}), and yet no record "
               "was lost. That may change, because it is not promised.")
    if rows and not broken:
        yield "**No measurement contradicts a documented promise.** " + " ".join(about_kept(rows))


def about_kept(rows):
    coherent = [row for row in rows if row["promised"] in COHERENT]
    shared = [row for row in coherent if not row["nodes"].startswith(ONE_CACHE)]
    if shared:
        missed = weakest_evidence(shared)
        yield (f"Coherent caches between nodes are promised by {names(shared)}; a loss that happens once in 1000 "
               f"trials would have been missed there with a probability of up to {missed:.0f} %"
               + (", so that nothing was lost says little." if missed >= 50 else "."))
    losing = [row for row in rows if losing_cells(row)]
    if losing and not any(row["promised"] in COHERENT for row in losing):
        yield ("Wherever records were lost, the documentation promises nothing to writers that share a page, or leaves "
               "it to the server.")


def about_mmap(rows):
    nodes = [row for row in rows if not row["nodes"].startswith(ONE_CACHE)]
    losing = [row for row in nodes if losing_cells(row, ["packed"], ["mmap"])]
    kept = [row for row in nodes if set(words_by_cache(row, "mmap", "packed").values()) == {"safe"}]
    if nodes:
        rest = [row for row in nodes if row not in losing and row not in kept]
        yield (f"Between nodes with page caches of their own, packed records written through mmap were lost in "
               f"{len(losing)} of {len(nodes)} rows" + (f"; none was lost on {names(kept)}" if kept else "")
               + (f"; nothing was decided on {names(rest)}." if rest else "."))


def about_opening(rows):
    trapped = [row for row in rows if loses(row, "pwrite-wronly", "warm", "packed")
               and verdict(row, "pwrite-wronly", "cold", "packed") == "safe"]
    plain = [row for row in trapped if loses(row, "pwrite", "cold", "packed")]
    if trapped:
        yield ("In a file opened write-only no record was lost until a process on the node had read the file, and then "
               f"records were lost, on: {names(trapped)}."
               + (" On these, pwrite into a file opened to read and write lost records in any case."
                  if plain == trapped else ""))


def about_padding(rows):
    broken = [row for row in rows if losing_cells(row, ["padded-block"])]
    widths = {one["safe_from_bytes"] for row in rows for one in row.get("separations", [])
              if one["unsafe_up_to_bytes"] and one["safe_from_bytes"]}
    if broken:
        yield f"With padding to whole pages, records were lost on: {names(broken)}."
    elif rows:
        smallest = " or ".join(map(str, sorted(widths)))
        uncounted = [row for row in rows if any(map(is_uncounted, row["cells"]))]
        yield ("With padding to whole pages, nothing was lost in any row" + (
            f"; where packed records were lost, the smallest safe alignment was {smallest} bytes." if widths else ".")
               + (f" But {len(uncounted)} of {len(rows)} rows were made by a version that counted no trials for padded "
                  f"records. Their cells say *{UNCOUNTED}*: how rare a loss they would have shown is not known."
                  if uncounted else ""))


def about_noac(rows):
    by_key = {row["key"]: row for row in rows}
    pairs = [(row, by_key[row["key"] + "+noac"]) for row in rows if row["key"] + "+noac" in by_key]
    if not pairs:
        return
    changed = [plain for plain, noac in pairs if any(
        words_by_cache(plain, s, l) != words_by_cache(noac, s, l) for s in ways.STRATEGIES for l in ways.LAYOUTS)]
    sooner = [plain for plain, noac in pairs if "passport" in noac
              and noac["passport"]["fresh"].get("pwrite, own-pages") == "strong"
              and plain["passport"]["fresh"].get("pwrite, own-pages") != "strong"]
    yield ((f"`noac` changed verdicts on {names(changed)}" if changed else
            f"`noac` changed no verdict on {names([plain for plain, _ in pairs])}")
           + (", although it made writes by pwrite to pages of one writer visible at once." if sooner else "."))


FATES = ("lost", "kept", "undecided")


def fate(row, strategy, layout):
    """What happened to records: lost, if only in one state of the cache; kept; or undecided."""
    words = words_by_cache(row, strategy, layout)
    if "unsafe" in words.values():
        return "lost"
    return "kept" if set(words.values()) == {"safe"} else "undecided"


def ways_with(row, layout, wanted):
    """The ways of writing with this fate, and the state of the cache if that decides."""
    found = [strategy for strategy in ways.STRATEGIES if fate(row, strategy, layout) == wanted]
    losing = {s: [c for c, word in words_by_cache(row, s, layout).items() if word == "unsafe"] for s in found}
    named = [f"`{s}`" + (f" ({losing[s][0]}{also_undecided(row, s, layout)})" if len(losing[s]) == 1 else "")
             for s in found]
    if named == [f"`{s}`" for s in ways.STRATEGIES]:
        return "all"
    return ", ".join(named) or "–"


def also_undecided(row, strategy, layout):
    """For a way that lost records in one state of the cache: what is known of a state that was undecided."""
    return "".join(f"; {cell['cache']}: undecided" + (", but the probe lost records" if cell["probe"]["lost"] else "")
                   for cell in cells_of(row, strategy, layout)
                   if cell["verdict"] not in ("safe", "unsafe", "skipped"))


def of_systems(rows, systems):
    """The rows of these file systems; `systems` are beginnings of their names."""
    return [row for row in rows if row["file_system"].lower().startswith(tuple(one.lower() for one in systems))]


def seen(rows):
    """For a table: keys of rows with the same result, and that result."""
    lines = {}
    for row in rows:
        level = f"`{row['passport']['named']}`" if "passport" in row else "–"
        uncounted = any(map(is_uncounted, row["cells"]))
        own = [f"{UNCOUNTED if uncounted and wanted == 'kept' else wanted} by {ways_with(row, 'padded-block', wanted)}"
               for wanted in FATES]
        result = (*(ways_with(row, "packed", wanted) for wanted in FATES),
                  "; ".join(one for one in own if not one.endswith("–")), level)
        lines.setdefault(result, []).append(row)
    for result, same in lines.items():
        trials = min(cell["trials"] for row in same for cell in row["cells"]
                     if cell["layout"] == "packed" and cell["verdict"] != "skipped")
        yield ", ".join(f"`{row['key']}`" for row in same), *result, trials


def place_of(row):
    return row["file_system"].lower(), row["options"], row.get("launcher") == "array"


def measured_differently(rows):
    """For each place and cell that is safe in one row and unsafe in another: both lists of rows."""
    places = {}
    for row in rows:
        places.setdefault(place_of(row), []).append(row)
    for same in places.values():
        for strategy, cache, layout in ways.CELLS:
            safe, unsafe = ([row for row in same if verdict(row, strategy, cache, layout) == word]
                            for word in ("safe", "unsafe"))
            if safe and unsafe:
                yield (strategy, cache, layout), safe, unsafe


def about_differences(rows):
    for (strategy, cache, layout), safe, unsafe in measured_differently(rows):
        yield (f"**Measured differently:** {strategy}, {layout}, {cache} lost records on {names_with_kernels(unsafe)}, "
               f"and none on {names_with_kernels(safe)}.")


def names_with_kernels(rows):
    return joined([f"{name(row)} ({row['kernel']}, {row['date']})" for row in rows])


def sentences(rows):
    """All findings; those about promises come first."""
    abouts = about_promises, about_differences, about_mmap, about_opening, about_padding, about_noac
    return [sentence for about in abouts for sentence in about(rows)]
