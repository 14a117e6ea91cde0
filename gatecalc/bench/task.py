"""What a process is asked to time: everything it needs, and nothing that is slow to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """One subject at one point.

    `kind` names the runner; `path` is the generated source that it loads, if any. `params`,
    `inputs` and `states` are shapes by name, `output` is the width of the output. `start` fills
    the first states; `positive` says that all arrays are drawn above 0.
    """

    kind: str
    T: int
    B: int
    dtype: str
    sizes: Mapping[str, int]
    params: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, float]
    inputs: Mapping[str, int]
    states: Mapping[str, int]
    output: int
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    positive: bool = False
