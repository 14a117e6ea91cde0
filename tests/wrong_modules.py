"""LSTM modules with one mistake each, as they happen to people who derive by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from reference_module import ReferenceModule

from gatecalc.codegen import generate, load
from gatecalc.equations import catalogue
from gatecalc.equations.tree import Add, Mul, Number, Ref


def with_statement(target, expression):
    """A change of a derivation: another expression for the statement with this target."""

    def change(derivation):
        def changed(statements):
            return tuple(
                replace(
                    s, expression=expression(s.expression) if callable(expression) else expression
                )
                if s.target.name == target
                else s
                for s in statements
            )

        assert any(s.target.name == target for s in (*derivation.forward, *derivation.backward))
        return replace(
            derivation,
            forward=changed(derivation.forward),
            backward=changed(derivation.backward),
        )

    return change


def swapped(first, second):
    """A change of a derivation: two statements with each other's expression."""

    def change(derivation):
        by_name = {s.target.name: s.expression for s in derivation.backward}
        there = with_statement(first, by_name[second])(derivation)
        return with_statement(second, by_name[first])(there)

    return change


def lstm_with(old, new):
    """The module of other equations, with the backward pass that fits them."""
    text = catalogue.text("lstm")
    assert text.count(old) == 1
    return ReferenceModule(text.replace(old, new))


def edited(old, new, cell="lstm"):
    """The generated module with one line of `step` or `step_backward` changed."""
    text, count = re.subn(re.escape(old), new, generate(cell))
    assert count == 1, f"{old!r} stands {count} times in the module"
    return load(text)


def spoiled(parameter, change, cell="lstm"):
    """The generated module; `change` gets one gradient of its `backward` and gives another."""
    module = load(generate(cell))

    def backward(params, tape, d_hs, d_state=None):
        grads, d_xs, d_first = module.backward(params, tape, d_hs, d_state)
        found = {name: np.array(grads[name]) for name in grads}
        found[parameter] = change(found[parameter])
        return found, d_xs, d_first

    return SimpleNamespace(**{**vars(module), "backward": backward})


def too_large(expression):
    return Mul(expression, Number("1.000000001"))


WRONG_BACKWARD = {
    "a missing derivative of sigma": lambda: ReferenceModule(
        "lstm", with_statement("d_a_i", Ref("d_i", 0))
    ),
    "the derivative of the other nonlinearity": lambda: ReferenceModule(
        "lstm", with_statement("d_a_g", Mul(Ref("d_g", 0), Mul(Ref("g", 0), Ref("o", 0))))
    ),
    "a carried adjoint dropped": lambda: ReferenceModule(
        "lstm", with_statement("d_h", Ref("d_h_out", 0))
    ),
    "= for += over time": lambda: ReferenceModule("lstm", assigned=("W_f",)),
    "the adjoints of two gates swapped": lambda: ReferenceModule("lstm", swapped("d_i", "d_f")),
    "a term too many": lambda: ReferenceModule(
        "lstm", with_statement("d_c", lambda e: Add(e, Ref("d_h", 0)))
    ),
}

SLIGHTLY_WRONG = {
    "a gradient off by one in a billion": lambda: ReferenceModule(
        "lstm", with_statement("d_W_f", too_large)
    ),
    "an adjoint off by one in a billion": lambda: ReferenceModule(
        "lstm", with_statement("d_a_o", too_large)
    ),
}

WRONG_FORWARD = {
    "two gates swapped, and a backward that fits": lambda: lstm_with(
        "f[t] * c[t-1] + i[t] * g[t]", "i[t] * c[t-1] + f[t] * g[t]"
    ),
    "a nonlinearity forgotten, and a backward that fits": lambda: lstm_with(
        "o[t] * tanh(c[t])", "o[t] * c[t]"
    ),
    "off by one in a billion, and a backward that fits": lambda: lstm_with(
        "o[t] * tanh(c[t])", "o[t] * tanh(1.000000001 * c[t])"
    ),
}

WRONG_STEP = {
    "a missing derivative of sigma": lambda: ReferenceStep(
        "lstm", with_statement("d_a_i", Ref("d_i", 0))
    ),
    "a carried adjoint dropped": lambda: ReferenceStep(
        "lstm", with_statement("d_h", Ref("d_h_out", 0))
    ),
    "a term of the cell state dropped": lambda: ReferenceStep(
        "lstm", with_statement("c", Mul(Ref("f", 0), Ref("c", 1)))
    ),
    "off by one in a billion": lambda: ReferenceStep("lstm", with_statement("d_W_f", too_large)),
}


class ReferenceStep(ReferenceModule):
    """Wrong in `step` and `step_backward` alone."""

    def __init__(self, source, change):
        super().__init__(source, change)
        self._right = ReferenceModule(source)
        self.forward, self.backward = self._right.forward, self._right.backward
