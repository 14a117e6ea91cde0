"""A trace as plain data: for JSON, and as the bytes of an `.npz` file."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecalc.calculus.statements import Statement
from gatecalc.equations.text import to_text
from gatecalc.evaluate.functions import Array

if TYPE_CHECKING:
    from gatecalc.trace.record import Trace


def as_dict(trace: Trace) -> dict[str, Any]:
    """What `Trace.to_dict` documents."""
    d, run, problem = trace.derivation, trace.run, trace.problem
    forward = [s.target.name for s in d.forward if s.role == "step"]
    once = [s.target.name for s in d.forward if s.role == "static"]
    adjoints = [n for n in run.values if n not in forward]
    return {
        "cell": trace.cell.name,
        "title": trace.cell.title,
        "output": trace.cell.output,
        "sizes": dict(problem.sizes),
        "length": trace.length,
        "batch": trace.batch,
        "dtype": str(problem.d_hs.dtype),
        "seed": trace.seed,
        "cotangent": trace.cotangent,
        "gates": list(trace.gates),
        "statements": [_statement(s, len(d.forward)) for s in (*d.forward, *d.backward)],
        "params": {n: _plain(a) for n, a in problem.params.items()},
        "inputs": {n: _plain(a) for n, a in problem.xs.items()},
        "values": {n: _plain(run.values[n]) for n in forward},
        "adjoints": {n: _plain(run.values[n]) for n in adjoints},
        "once": {n: _plain(run.static[n]) for n in once},
        "initial": {n: _plain(a) for n, a in run.initial.items()},
        "final": {n: _plain(a) for n, a in run.final.items()},
        "d_initial": {n: _plain(a) for n, a in run.d_initial.items()},
        "gradients": {n: _plain(run.gradients[n]) for n in trace.cell.parameters},
        "shares": {
            n: _plain(trace.shares[d.adjoints[n]])
            for n in trace.cell.parameters
            if d.adjoints[n] in trace.shares
        },
    }


def packed(arrays: Mapping[str, Array]) -> bytes:
    """Arrays as the contents of an `.npz` file, the same bytes for the same arrays.

    >>> with np.load(io.BytesIO(packed({"file": np.arange(3)}))) as loaded:
    ...     loaded["file"]
    array([0, 1, 2])
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)
            # A fixed date, so that the same run gives the same file.
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()


def _statement(statement: Statement, forward: int) -> dict[str, Any]:
    target = to_text(statement.target)
    return {
        "number": statement.number,
        "pass": "forward" if statement.number <= forward else "backward",
        "target": statement.target.name,
        "operation": statement.operation,
        "text": f"{target} {statement.operation} {to_text(statement.expression)}",
        "of": statement.of,
        "role": statement.role,
        "explanation": statement.explanation,
        "paths": [
            {"text": to_text(p.expression), "rule": p.rule, "source": p.source}
            for p in statement.terms
        ],
    }


def _plain(array: Array) -> Any:
    values = np.asarray(array).tolist()
    return values if np.isfinite(array).all() else _named(values)


def _named(values: Any) -> Any:
    """Lists with the texts that JSON needs for what is not finite."""
    if isinstance(values, list):
        return [_named(v) for v in values]
    if math.isfinite(values):
        return values
    return "NaN" if math.isnan(values) else "Infinity" if values > 0 else "-Infinity"
