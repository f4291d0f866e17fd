"""What the measurements here share: the machine that they are made on, and tables in documents."""

import os
import platform


def in_cpuinfo(key):
    with open("/proc/cpuinfo", encoding="utf8") as file:
        values = [line.partition(":")[2].strip() for line in file if line.startswith(key)]
    return values[0] if values else ""


def vectors():
    """The widest loops of core/array/lane_packing.h that run here; speeds differ by a factor of three."""
    flags = set(in_cpuinfo("flags").split())
    return "AVX-512" if {"avx512dq", "avx512vl"} <= flags else "AVX2" if "avx2" in flags else "no AVX2"


def machine():
    return {"processor": in_cpuinfo("model name") or platform.machine(), "vectors": vectors(),
            "processors": len(os.sched_getaffinity(0)), "kernel": platform.release()}


def put_between(page, begin, end, text):
    """Replaces what stands between two lines of a page."""
    before, _, rest = page.read_text(encoding="utf8").partition(begin)
    page.write_text(before + begin + "\n\n" + text + "\n" + end + rest.partition(end)[2], encoding="utf8")
