"""What was measured on: processor, BLAS and its kernel, threads, versions."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_AFFIXES = (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", ""))
"""How builds of OpenBLAS decorate their names."""


def facts() -> dict[str, Any]:
    """The machine as a process sees it: the same keys everywhere, None where nothing is known."""
    import numpy as np

    np.ones((64, 64)) @ np.ones((64, 64))  # some libraries are loaded at the first product
    return {
        "processor": _processor(),
        "processors": _processors(),
        "memory": memory_total(),
        "load": _load(),
        **_blas(np),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "threads by environment": {
            n: v for n, v in sorted(os.environ.items()) if n.endswith("_NUM_THREADS")
        },
    }


def memory_total() -> int | None:
    """Bytes of memory."""
    return _meminfo("MemTotal")


def memory_available() -> int | None:
    """Bytes of memory that are free, or could be."""
    return _meminfo("MemAvailable")


def _meminfo(key: str) -> int | None:
    for name, value in _pairs("/proc/meminfo"):
        if name == key:
            return int(value.split()[0]) * 1024
    return None


def _processor() -> str:
    for name, value in _pairs("/proc/cpuinfo"):
        if name in ("model name", "Model", "cpu model"):
            return value
    return platform.processor() or platform.machine() or "unknown"


def _pairs(path: str) -> Iterator[tuple[str, str]]:
    try:
        lines = Path(path).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _processors() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _blas(np: Any) -> dict[str, Any]:
    """Name, version, kernel and threads of NumPy's BLAS."""
    built = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    found: dict[str, Any] = {
        "blas": built.get("name"),
        "blas version": built.get("version"),
        "blas kernel": None,
        "blas threads": None,
    }
    if find_spec("threadpoolctl") is not None:
        for pool in import_module("threadpoolctl").threadpool_info():
            if pool.get("user_api") == "blas" and "numpy" in pool.get("filepath", "numpy"):
                found["blas kernel"] = pool.get("architecture")
                found["blas threads"] = pool.get("num_threads")
                return found
    for library in _openblas():
        found["blas kernel"] = _ask(library, "openblas_get_corename", ctypes.c_char_p)
        found["blas threads"] = _ask(library, "openblas_get_num_threads", ctypes.c_int)
        if found["blas kernel"]:
            break
    return found


def _openblas() -> Iterator[ctypes.CDLL]:
    """OpenBLAS as it is loaded in this process."""
    try:
        maps = Path("/proc/self/maps").read_text("utf-8", errors="replace")
    except OSError:
        return
    paths = dict.fromkeys(line.split(maxsplit=5)[-1] for line in maps.splitlines())
    for path in paths:
        if "openblas" in Path(path).name:
            yield ctypes.CDLL(path)


def _ask(library: ctypes.CDLL, function: str, kind: Any) -> Any:
    for before, after in _AFFIXES:
        found = getattr(library, f"{before}{function}{after}", None)
        if found is not None:
            found.restype = kind
            answer = found()
            return answer.decode() if isinstance(answer, bytes) else answer
    return None
