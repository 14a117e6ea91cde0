"""Generated modules for tests, each generated once; on the plain workspace and on the schedule."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
from plain_workspace import WORKSPACE

from gatecalc import codegen
from gatecalc.calculus import derive
from gatecalc.codegen.layout import default_layout
from gatecalc.codegen.module import module_text


@cache
def derivation(source):
    return derive(source)


@cache
def text(source: str, plain: bool = False) -> str:
    """The source text of the module for a cell."""
    if not plain:
        return codegen.generate(source)
    return module_text(derivation(source), default_layout(derivation(source)), WORKSPACE)


@cache
def module(source: str, plain: bool = False) -> ModuleType:
    """The module for a cell."""
    return codegen.load(text(source, plain))


def bundled(module: ModuleType, arrays):
    """Inputs by name as the functions of a module take them."""
    return module.Inputs(**arrays) if len(arrays) > 1 else next(iter(arrays.values()))


def separate(cell, inputs):
    """The reverse of `bundled`."""
    return (
        {n: getattr(inputs, n) for n in cell.inputs}
        if len(cell.inputs) > 1
        else {cell.inputs[0]: inputs}
    )


def agree(found, expected, bound, what):
    """Two arrays of one shape, equal but for `bound` times the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, what
    if found.size:
        scale = np.abs(expected).max()
        assert np.abs(found - expected).max() <= bound * max(scale, 1e-300), what
