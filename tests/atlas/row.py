"""Makes a row of the atlas from the folder that measure.py wrote, with the probe's result beside every verdict."""

import json
import re

import ways

# npyrace's verdict and the result that the probe must then have. Other verdicts cannot be compared.
LOSES = {"unsafe": True, "safe": False}


def read(folder, name):
    path = folder / name
    return json.loads(path.read_text()) if path.exists() else None


# Options of a mount that tell about a person or a machine, not about the file system.
PRIVATE_OPTIONS = {"addr", "mountaddr", "clientaddr", "mountport", "user", "username", "domain", "name", "cruid"}


def public_options(mount_options):
    """The options without addresses, names of persons and paths."""
    pairs = [one.partition("=") for one in mount_options.split(",")]
    address = re.compile(r"[\d.]+\.[\d.]+\.\d+|.*:.*")
    return ",".join(key + equals + value for key, equals, value in pairs
                    if key not in PRIVATE_OPTIONS and "/" not in value and not address.fullmatch(value))


def public_words(text, environment):
    """A sentence of npyrace without paths and names of hosts, which become FILE, n1, n2 …"""
    for mount in environment.get("mounts", []):
        text = text.replace(mount["dir"], "/DIR")
    text = re.sub(r"(?<![\w.])/[^\s:;,()]*", "FILE", text)
    hosts = list(dict.fromkeys([*environment.get("ranks", {}).get("hosts", []), environment.get("host_name", "")]))
    names = {name: f"n{number}" for number, host in enumerate(filter(None, hosts), 1)
             for name in (host.split(".")[0], host)}
    return re.sub(r"(?<![\w.-])[\w.-]*\w", lambda word: names.get(word[0], word[0]), text)


def cell_key(cell):
    return cell["strategy"], cell["cache"], cell["layout"]


def probe_answers(folder):
    """The probe's result per cell. The worse result of two kernels counts, because a cache may hide its node's losses."""
    reports = [report for report in (read(folder, f"probe{node}.json") for node in ["", "1", "2"]) if report]
    answers = {}
    for report in reports:
        for cell in report["cells"]:
            known = answers.get(cell_key(cell))
            if known is None or cell["lost"] > known["lost"]:
                answers[cell_key(cell)] = {key: cell[key] for key in ["words", "tries", "lost", "refused"]}
    return answers, reports[0]["kernel"] if reports else ""


def agreement_of(verdict, probe):
    """"yes", "no", or "" if there is nothing to compare."""
    if verdict not in LOSES or probe is None:
        return ""
    if probe["refused"]:
        return "no"  # npyrace raced a cell that the system refuses
    return "yes" if LOSES[verdict] == (probe["lost"] > 0) else "no"


# If a cell was raced several times, the verdict that comes first here counts: one loss makes it unsafe, and a race
# without overlap is no evidence.
WEIGHT = ["unsafe", "failed", "safe", "skipped", "inconclusive"]


def weightiest(races):
    """Chooses for every cell the race that counts."""
    cells = {}
    for race in races:
        for cell in race["npyrace"]["cells"]:
            known = cells.get(cell_key(cell))
            if known is None or WEIGHT.index(cell["verdict"]) < WEIGHT.index(known["verdict"]):
                cells[cell_key(cell)] = cell
    return list(cells.values())


def raced_cells(races, answers):
    cells = []
    environment = races[0]["npyrace"]["environment"]
    for cell in weightiest(races):
        probe = answers.get(cell_key(cell))
        cells.append({"strategy": cell["strategy"], "cache": cell["cache"], "layout": cell["layout"],
                      "verdict": cell["verdict"], "reason": public_words(cell["reason"], environment),
                      "trials": cell["evidence"]["trials"], "chance_to_miss": cell["evidence"]["chance_to_miss"],
                      **({"probe": probe} if probe else {}), "agrees": agreement_of(cell["verdict"], probe)})
    return cells


def jobs_of(folder):
    """The results of one turn of jobs as one race. verify does not record the cache state, so it is added."""
    cells, version = [], ""
    for strategy, cache, layout in ways.CELLS:
        result = read(folder, f"{strategy}-{layout}-{cache}.json")
        if result:
            version = result["npyrace"]["environment"]["version"]
            cells.append({**result["npyrace"]["cells"][0], "cache": cache})
    return {"npyrace": {"cells": cells, "environment": {"version": version}}}


def passport_of(semantics):
    passport = semantics["passport"]
    return {"named": passport["named"], "between": passport["between"],
            "fresh": {f"{row['via']}, {row['sharing']}": row["named"] if row["tries"] else "refused"
                      for row in passport["rows"] if row["reader"] == "fresh"}}


def separations_of(granularity):
    keys = ["strategy", "packed_safe", "alignments", "unsafe_up_to_bytes", "safe_from_bytes"]
    return [{key: one[key] for key in keys} for one in granularity["separations"]]


def commands(place, pace):
    """The commands as a reader can type them."""
    if place.launcher == "array":
        return [f"tests/lab/jobs_on_nodes.sh npyrace OUT {pace.job_records} '{' '.join(ways.STRATEGIES)}' "
                f"'{' '.join(ways.CACHES)}' {place.at}"]
    return [f"npyrace run {scenario} {place.at} {getattr(pace, scenario)}" for scenario in ways.SCENARIOS]


def base(place, date):
    return {"key": place.key, "file_system": place.file_system, "options": place.options, "nodes": place.nodes,
            "launcher": place.launcher, "where": place.where, "date": date, **({"by": place.by} if place.by else {})}


def not_made(place, date, reason):
    return {**base(place, date), "status": "not made", "reason": reason}


def made(place, pace_name, folder, date):
    """Raises AssertionError if a measurement is missing."""
    pace = ways.PACES[pace_name]
    answers, kernel = probe_answers(folder)
    probed = place.is_probed()
    assert not probed or set(answers) == set(ways.CELLS), \
        f"the probe answered {len(answers)} of {len(ways.CELLS)} cells"
    row = {**base(place, date), "status": "measured", "kernel": kernel, "commands": commands(place, pace),
           **({"probe_records": pace.probe_records} if probed else {})}
    row.update((found_by_jobs if place.launcher == "array" else found_by_races)(folder, answers))
    return {**row, **(nodes_of(folder) if place.own else {})}


def nodes_of(folder):
    """Kernel and nodes of a race on somebody's own system, from its result."""
    result = read(folder, "quick.json")["npyrace"]
    between = read(folder, "semantics.json")["npyrace"]["passport"]["between"]
    count = max(cell["mounts"] for cell in result["cells"])
    return {"kernel": result["environment"]["kernel"],
            "nodes": "processes of one node" if between == "processes" else f"{count} nodes or mounts"}


def all_cells(races, answers):
    cells = raced_cells(races, answers)
    assert {cell_key(cell) for cell in cells} == set(ways.CELLS), "not every cell was raced"
    return cells


def found_by_jobs(folder, answers):
    turns = [jobs_of(turn) for turn in sorted(folder.glob("jobs-*"))]
    return {"npyrace": turns[0]["npyrace"]["environment"]["version"], "cells": all_cells(turns, answers)}


def found_by_races(folder, answers):
    results = {scenario: read(folder, f"{scenario}.json") for scenario in ways.SCENARIOS}
    for outcome in read(folder, "races.json"):
        # With exit code 3 and a result, the failed cells are in the result.
        assert results[outcome["scenario"]], f"{outcome['scenario']}: {outcome['trouble']}"
    races = [race for race in (read(folder, f"quick{turn}.json") for turn in ["", "-2", "-3"]) if race]
    results = {scenario: result["npyrace"] for scenario, result in results.items()}
    environment = results["quick"]["environment"]
    mount = environment["mounts"][0]
    return {"npyrace": environment["version"], "fs_type": mount["fs_type"],
            "mount_options": public_options(mount["mount_options"]), "promise": mount["promise"],
            "promised": mount["promised"], "source": mount["source"],
            "page_bytes": environment["page_bytes"], "cells": all_cells(races, answers),
            "separations": separations_of(results["granularity"]), "passport": passport_of(results["semantics"])}


def disagreements(row):
    return [f"{row['key']}: {cell['strategy']}, {cell['layout']}, {cell['cache']}: npyrace says {cell['verdict']}, "
            f"the probe ({cell['probe']['words']}) "
            + (f"was refused: {cell['probe']['refused']}" if cell["probe"]["refused"] else
               f"lost {cell['probe']['lost']} records in {cell['probe']['tries']} tries")
            for cell in row.get("cells", []) if cell["agrees"] == "no"]


def failures(row):
    """Cells that ended with an error of npyrace."""
    return [cell for cell in row.get("cells", []) if cell["verdict"] == "failed"]
