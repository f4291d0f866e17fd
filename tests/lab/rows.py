"""Which records each model must keep, must lose, and may lose: the table that docs/lab.md explains."""

from itertools import product

KEPT, LOST, MAY = "kept", "lost", "may"

# Behaviour of Linux's NFS client, measured on real ones: arguments of the probe, and whether records of two
# nodes that share pages are lost.
NFS_ROWS = [
    (["mmap", "packed"], LOST),
    (["mmap", "padded"], KEPT),
    (["pwrite", "rdwr", "packed"], LOST),
    (["pwrite", "rdwr", "read-before", "packed"], LOST),
    (["pwrite", "rdwr", "padded"], KEPT),
    (["pwrite", "wronly", "packed"], KEPT),
    (["pwrite", "wronly", "read-before", "packed"], LOST),
    (["pwrite", "wronly", "read-before", "padded"], KEPT),
    (["pwrite", "rdwr", "dsync", "packed"], KEPT),
    (["pwrite", "rdwr", "dsync", "read-before", "packed"], KEPT),
    (["pwrite", "wronly", "dsync", "read-before", "packed"], KEPT),
    (["pwrite", "rdwr", "lock", "packed"], KEPT),
    (["pwrite", "rdwr", "lock", "read-before", "packed"], KEPT),
    (["pwrite", "rdwr", "direct", "packed"], KEPT),
]


def expectation(model, via, layout, sync):
    """The expectation if both nodes have written before either one's last fsync."""
    if layout == "padded" or model == "strong":
        return KEPT
    if via == "pwrite" and model in ("commit", "session", "eventual"):
        return KEPT
    # With fsyncs in between, a node may read the page after the other node's fsync.
    return MAY if sync == "sync-every" else LOST


def model_rows(model):
    """All rows of a model: arguments of the probe, expectation."""
    rows = [([via, layout, sync], expectation(model, via, layout, sync))
            for via, layout, sync in product(["mmap", "pwrite"], ["packed", "padded"],
                                             ["sync-none", "sync-end", "sync-every"])]
    if model == "nfs":
        rows += NFS_ROWS
    elif model in ("strong", "commit", "session"):
        rows += [(words, expectation(model, words[0], words[-1], "sync-end"))
                 for words, _ in NFS_ROWS]
    elif model == "pages":
        rows.append((["pwrite", "direct", "packed"], KEPT))
    return rows


# The content that a reader on the other node sees after the writer's write, its fsync or msync, its close, and later.
# "?": old or new.
SEES_ROWS = {
    "strong": {"fresh": "new new new new", "holds-read": "new new new new",
               "holds-write": "new new new new", "mapped": "new new new new"},
    "commit": {"fresh": "old new new new", "holds-read": "old new new new",
               "holds-write": "old new new new", "mapped": "old new new new"},
    "session": {"fresh": "old new new new", "holds-read": "old old old old",
                "holds-write": "old new new new", "mapped": "old old old old"},
    "eventual": {"fresh": "old old old new", "holds-read": "old old old new",
                 "holds-write": "old old old new", "mapped": "old old old new"},
    "nfs": {"fresh": "old new new new", "holds-read": "old old old new",
            "holds-write": "old old old old", "mapped": "old old old ?"},
    "pages": {"fresh": "old new new new", "holds-read": "old old old old",
              "holds-write": "old new new new", "mapped": "old old old old"},
}

# How long "later" is, in milliseconds. Real NFS clients revalidate attributes after 3 to 6 seconds.
LATER = {"eventual": 2500, "nfs": 7000}
