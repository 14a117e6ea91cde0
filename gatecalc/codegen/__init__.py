"""What runs: equations to the source of a NumPy module, and that source to a module."""

from gatecalc.codegen.generate import generate
from gatecalc.codegen.loading import load
from gatecalc.codegen.numbered import line_numbers

__all__ = ["generate", "line_numbers", "load"]
