"""What runs: equations to the source of a NumPy module, and that source to a module."""

from gatecalc.codegen.generate import generate
from gatecalc.codegen.loading import line_numbers, load

__all__ = ["generate", "line_numbers", "load"]
