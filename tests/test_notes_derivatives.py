"""Worked derivatives are mathematics, so each of their lines is put to a test with numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc.calculus import derive
from gatecalc.calculus.adjoints import times
from gatecalc.calculus.own import own_slope
from gatecalc.calculus.partials import partials
from gatecalc.calculus.worked import tree, worked
from gatecalc.equations import catalogue, cell
from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.functions import PUBLIC
from gatecalc.equations.rows import derivative_row
from gatecalc.equations.tree import Call, Neg, Number, Reduce, Ref, references, substitute
from gatecalc.evaluate.nodes import Context, evaluate

POINTS = np.array([[-3.7, -1.3, -0.4, 0.3, 0.9, 2.1, 3.3]])
OTHER = np.array([[-3.1, -2.3, 0.6, 0.7, -0.9, 1.1, 4.3]])


def points(name):
    positive = name in ("log", "sqrt")
    a = np.abs(POINTS) if positive else POINTS
    return {Ref("a"): a, Ref("b"): OTHER}


def value(node, table):
    return np.broadcast_to(evaluate(node, Context(table, {})), POINTS.shape)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_line_of_a_derivation_is_the_derivative(name):
    shown = worked(name)
    table = points(name)
    arguments = tuple(Ref(a) for a in shown.arguments)
    table[Ref("y")] = value(Call(name, arguments), table)
    for position, steps in enumerate(shown.steps):
        expected = value(derivative_row(name, position), table)
        for step in steps:
            np.testing.assert_allclose(value(step.expression, table), expected, rtol=1e-12)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_derivation_ends_as_the_code_computes_it(name):
    for position, steps in enumerate(worked(name).steps):
        assert steps[-1].expression == derivative_row(name, position)


@pytest.mark.parametrize("name", [n for n in PUBLIC if worked(n).definition is not None])
def test_a_derivation_begins_with_the_function_itself(name):
    table = points(name)
    expected = value(Call(name, (Ref("a"),)), table)
    np.testing.assert_allclose(value(worked(name).definition, table), expected, rtol=1e-12)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_derivative_is_what_the_function_does_nearby(name):
    shown, small = worked(name), 1e-6
    arguments = tuple(Ref(a) for a in shown.arguments)
    table = points(name)
    table[Ref("y")] = value(Call(name, arguments), table)
    for argument, steps in zip(arguments, shown.steps, strict=True):
        above = value(Call(name, arguments), table | {argument: table[argument] + small})
        below = value(Call(name, arguments), table | {argument: table[argument] - small})
        expected = (above - below) / (2 * small)
        np.testing.assert_allclose(value(steps[0].expression, table), expected, atol=1e-8)


@pytest.mark.parametrize("name", PUBLIC)
def test_what_stands_between_backticks_is_notation(name):
    shown = worked(name)
    texts = [shown.remark, *(s.reason for steps in shown.steps for s in steps)]
    for text in texts:
        pieces = text.split("`")
        assert len(pieces) % 2
        for formula in pieces[1::2]:
            for side in formula.split(" = "):
                tree(side)


OWN = """
k = 1.7
quick = lambda a: a * sigmoid(k * a)
twice = lambda a: quick(quick(a) + 1) - a**2
blend = lambda a, b: sigmoid(a) * b + (1 - sigmoid(a)) * tanh(b * a) - exp(-b)
flat = lambda a: 3
h[t] = twice(x[t]) + blend(x[t], h[t-1])
"""


def with_derivatives(it):
    """The cell's own nonlinearities, and their derivatives as further ones: `quick'`."""
    found = list(it.nonlinearities)
    for own in it.nonlinearities:
        slope = own_slope(own)
        named = {Ref(part.name): part.value for part in slope.parts}
        for part in slope.parts:
            for by, node in part.slopes.items():
                named[Ref(slope.slope_names[part.name, by])] = node
        for position, argument in enumerate(own.arguments):
            for mark, forms in (("'", slope.slopes), ("*", slope.inserted)):
                if argument in forms:
                    name = own.name + mark * (position + 1)
                    body = forms[argument]
                    while set(references(body)) & set(named):
                        body = substitute(body, named)
                    found.append(Nonlinearity(name, own.arguments, body))
    return tuple(found)


@pytest.mark.parametrize(
    ("name", "position"), [("quick", 0), ("twice", 0), ("blend", 0), ("blend", 1)]
)
def test_the_derivative_of_an_own_nonlinearity_is_what_it_does_nearby(name, position):
    it = cell(OWN)
    known, small = with_derivatives(it), 1e-6
    arguments = tuple(Ref(a) for a in it.nonlinearity(name).arguments)
    at = {Ref("a"): POINTS / 3, Ref("b"): OTHER / 3, Ref("k"): np.array(1.7)}

    def whole(function, table=at):
        return evaluate(Call(function, arguments), Context(table, {}, known))

    here = arguments[position]
    above, below = (whole(name, at | {here: at[here] + d}) for d in (small, -small))
    expected = (above - below) / (2 * small)
    marks = position + 1
    np.testing.assert_allclose(whole(name + "'" * marks), expected, atol=1e-7)
    if name != "twice":  # its derivative holds that of another, so nothing is inserted
        np.testing.assert_allclose(whole(name + "*" * marks), expected, atol=1e-7)


def test_a_nonlinearity_that_ignores_its_argument_is_flat():
    it = cell(OWN)
    assert own_slope(it.nonlinearity("flat")).slopes == {"a": Number("0")}


@pytest.mark.parametrize("name", catalogue.names())
def test_each_term_of_an_adjoint_is_an_adjoint_times_a_local_derivative(name):
    d = derive(name)
    for statement in d.backward:
        for term in statement.terms:
            if term.rule != "chain":
                continue
            source = d[term.source]
            adjoint = Ref(d.adjoints[source.target.name], source.target.lag)
            lag = {"carried": 1, "parameter": None, "static": None}.get(statement.role, 0)
            (local,) = [p for p in partials(source) if p.by == Ref(statement.of, lag)]
            expected = times(adjoint, local.slope)
            found = term.expression
            if isinstance(found, Neg) and isinstance(found.argument, Reduce):
                found = Neg(found.argument.argument)
            elif isinstance(found, Reduce):
                found = found.argument
            assert found == expected
