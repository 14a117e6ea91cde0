"""The shared form: what statements look like, in which order, and where each term comes from."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import cell_texts, examples

from gatecalc.calculus import Derivation, Statement, derive
from gatecalc.calculus.naming import Names
from gatecalc.equations import catalogue, read
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    MatVec,
    Neg,
    Node,
    Number,
    Outer,
    Reduce,
    Ref,
    Sub,
    children,
    references,
    walk,
)
from gatecalc.evaluate.problem import random_problem
from gatecalc.evaluate.run import run_statements

FEW = examples(60)


def lines(text: str) -> list[str]:
    """Every statement of a cell, as `derive` prints it."""
    d = derive(text)
    return [
        f"{s.target.name} {s.operation} {to_text(s.expression)}" for s in (*d.forward, *d.backward)
    ]


def by_name(d: Derivation, target: str) -> list[Statement]:
    return [s for s in d.backward if s.target.name == target]


# The textbook examples, whole


def test_a_plain_recurrent_cell_is_derived_as_on_the_blackboard() -> None:
    assert lines("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)") == [
        "a_h = W @ x[t] + U @ h[t-1] + b",
        "h = tanh(a_h[t])",
        "d_h = d_h_out[t] + d_h_next[t]",
        "d_a_h = d_h[t] * (1 - h[t]**2)",
        "d_x = W.T @ d_a_h[t]",
        "d_h_prev = U.T @ d_a_h[t]",
        "d_W += outer(d_a_h[t], x[t])",
        "d_U += outer(d_a_h[t], h[t-1])",
        "d_b += d_a_h[t]",
    ]


def test_the_adjoint_of_a_gate_is_the_difference_that_it_mixes() -> None:
    d = derive("gru_chung")
    (statement,) = by_name(d, "d_z")
    assert to_text(statement.expression) == "d_h[t] * (n[t] - h[t-1])"
    (statement,) = by_name(d, "d_a_z")
    assert to_text(statement.expression) == "d_z[t] * z[t] * (1 - z[t])"


def test_a_term_knows_its_rule_and_the_statement_that_it_follows() -> None:
    d = derive("gru_chung")
    (statement,) = by_name(d, "d_h_prev")
    described = [(to_text(t.expression), t.rule, d[t.source or 0].of) for t in statement.terms]
    assert described == [
        ("U_r.T @ d_a_r[t]", "map", "a_r"),
        ("U_z.T @ d_a_z[t]", "map", "a_z"),
        ("d_m_n[t] * r[t]", "chain", "m_n"),
        ("d_h[t] * (1 - z[t])", "chain", "h"),
    ]
    (statement,) = by_name(d, "d_h")
    assert [(t.rule, t.source) for t in statement.terms] == [("output", None), ("carried", None)]


def test_concat_is_taken_apart_by_columns_on_the_way_back() -> None:
    assert "d_x = W[:, H:H+D].T @ d_a_h[t]" in lines("h[t] = tanh(W @ concat(h[t-1], x[t]))")


def test_sums_spread_and_means_spread_evenly() -> None:
    found = lines("s[t] = sum(x[t])\nm[t] = mean(x[t])\ny[t] = s[t] * m[t] * (W @ x[t])")
    assert "d_x = d_s[t] + d_m[t] / D + W.T @ d_p_W[t]" in found
    assert "d_s = sum(d_y[t] * m[t] * p_W[t])" in found


def test_softmax_and_norm_have_adjoints_of_their_own() -> None:
    found = lines("s[t] = softmax(W @ x[t])\nn[t] = norm(s[t])\ny[t] = s[t] * n[t]")
    assert "d_v_s = s[t] * (d_s[t] - sum(s[t] * d_s[t]))" in found
    assert "d_s = d_n[t] * s[t] * reciprocal(n[t]) + d_y[t] * n[t]" in found


def test_a_negative_first_term_keeps_its_sign() -> None:
    assert "d_x = -W.T @ d_y[t]" in lines("y[t] = b - W @ x[t]")


def test_the_slope_of_a_maximum_with_zero_subtracts_no_zero() -> None:
    def slope(right: str) -> str:
        return next(line for line in lines(f"h[t] = {right}") if line.startswith("d_x ="))

    assert slope("maximum(x[t], 0)") == "d_x = d_h[t] * step(x[t])"
    assert slope("maximum(0, x[t])") == "d_x = d_h[t] * (1 - step(-x[t]))"
    assert slope("minimum(x[t], 0.0)") == "d_x = d_h[t] * step(-x[t])"
    assert slope("maximum(x[t], 0.5)") == "d_x = d_h[t] * step(x[t] - 0.5)"


# What is shared, static, dead


def test_a_map_that_is_written_twice_is_computed_once() -> None:
    d = derive("v[t] = W @ x[t] - mean(W @ x[t])\nh[t] = tanh(v[t])")
    assert [to_text(s.expression) for s in d.forward[:2]] == ["W @ x[t]", "mean(p_W[t])"]
    assert len([s for s in d.forward if "W @" in to_text(s.expression)]) == 1


def test_one_map_in_two_spellings_is_computed_once() -> None:
    alike = "n[t] = tanh(x[t])\nsame = lambda a: a\nh[t] = W @ n[t] + {0} + h[t-1]"
    for other in ("W @ tanh(x[t])", "W @ same(n[t])", "W @ same(tanh(x[t]))"):
        d = derive(alike.format(other))
        assert [to_text(s.expression) for s in d.forward] == [
            "tanh(x[t])",
            "W @ n[t]",
            "p_W[t] + p_W[t] + h[t-1]",
        ]


def test_a_map_that_an_equation_names_is_not_computed_again() -> None:
    d = derive("h[t] = tanh(W @ x[t] + U @ h[t-1])\ny[t] = W @ x[t]")
    assert [f"{s.of} = {to_text(s.expression)}" for s in d.forward] == [
        "p_W = W @ x[t]",
        "a_h = p_W[t] + U @ h[t-1]",
        "h = tanh(a_h[t])",
        "y = p_W[t]",
    ]
    d = derive("y[t] = W @ x[t]\nh[t] = tanh(W @ x[t] + U @ h[t-1])\noutput: h")
    assert [f"{s.of} = {to_text(s.expression)}" for s in d.forward] == [
        "y = W @ x[t]",
        "a_h = y[t] + U @ h[t-1]",
        "h = tanh(a_h[t])",
    ]


def test_a_map_in_what_is_shared_needs_no_name() -> None:
    d = derive("h[t] = tanh(W @ x[t] + b)\ny[t] = tanh(W @ x[t] + b) * x[t]\noutput: y")
    assert [s.of for s in d.forward] == ["a_h", "h", "y"]


def test_a_number_and_a_vector_of_it_are_two_values() -> None:
    d = derive("m: H\nm[t] = mean(x[t])\ny[t] = mean(x[t]) * x[t]\nh[t] = tanh(W @ y[t] + m[t])")
    assert [(s.of, to_text(s.expression), s.shape) for s in d.forward[:3]] == [
        ("mean_m", "mean(x[t])", ()),
        ("m", "mean_m[t]", (("H",),)),
        ("y", "mean_m[t] * x[t]", (("D",),)),
    ]


def test_a_literal_has_the_size_of_what_it_stands_for() -> None:
    d = derive("half = lambda a: 0.5\nh[t] = W @ half(x[t]) + V @ half(h[t-1])")
    assert [(s.role, to_text(s.expression), s.shape) for s in d.forward[:2]] == [
        ("static", "0.5", (("D",),)),
        ("static", "0.5", (("H",),)),
    ]


def test_a_nonlinearity_that_is_applied_twice_is_computed_once() -> None:
    d = derive("h[t] = o[t] * tanh(c[t])\ng[t] = tanh(c[t]) + x[t]\nc[t] = W @ x[t]\no[t] = x[t]")
    assert Counter(to_text(s.expression) for s in d.forward)["tanh(c[t])"] == 1


def test_gradients_of_a_parameter_in_several_maps_add_up() -> None:
    d = derive("h[t] = tanh(W @ x[t])\nx_hat[t] = W.T @ h[t]")
    (statement,) = by_name(d, "d_W")
    assert to_text(statement.expression) == "outer(d_a_h[t], x[t]) + outer(h[t], d_x_hat[t])"


def test_what_depends_on_parameters_alone_is_computed_once() -> None:
    d = derive("w = exp(v)\nh[t] = w * x[t] + sin(v) * h[t-1]")
    assert [(s.of, s.role) for s in d.forward] == [
        ("w", "static"),
        ("sin_v", "static"),
        ("h", "step"),
    ]
    assert [(s.target.name, s.role) for s in d.backward if s.of in ("w", "sin_v", "v")] == [
        ("d_w", "parameter"),
        ("d_sin_v", "parameter"),
        ("d_v", "static"),
    ]


def test_a_value_at_t_that_parameters_alone_give_is_only_handed_on() -> None:
    d = derive("m[t] = mean(exp(b))\nh[t] = W @ x[t] + m[t-1]")
    assert [(to_text(s.target), to_text(s.expression), s.role) for s in d.forward[:3]] == [
        ("v_m", "exp(b)", "static"),
        ("mean_m", "mean(v_m)", "static"),
        ("m[t]", "mean_m", "step"),
    ]


def test_constants_have_no_adjoint_and_neither_has_what_they_make() -> None:
    d = derive("a = 0.5\nb = a**2\nc = tanh(b)\nh[t] = c * W @ x[t] + a")
    assert set(d.adjoints) == {"x", "h", "p_W", "W"}
    assert all(s.of not in "abc" for s in d.backward)


def test_what_the_loss_cannot_see_has_no_adjoint() -> None:
    d = derive("unused[t] = tanh(V @ x[t])\nh[t] = tanh(W @ x[t])")
    assert not by_name(d, "d_unused")
    assert not by_name(d, "d_V")


def test_every_state_gets_what_comes_back_from_the_next_step() -> None:
    d = derive("lstm_fgr")
    for state in d.cell.states:
        (statement,) = by_name(d, d.adjoints[state])
        assert "carried" in [t.rule for t in statement.terms]
        assert by_name(d, d.outgoing[state])


def test_the_value_of_ones_own_nonlinearity_has_its_name() -> None:
    d = derive("f = lambda a: a * sigmoid(a)\nc[t] = W @ x[t]\nh[t] = c[t] * f(c[t])")
    assert [s.target.name for s in d.forward] == ["c", "sigmoid_c", "f_c", "h"]
    assert to_text(d.defining("f_c").expression) == "c[t] * sigmoid_c[t]"


# The form that all targets rely on


def atoms(node: Node, *, summand: bool = True) -> bool:
    """Whether maps of names stand only as summands and everything else is a name or a number."""
    match node:
        case Number() | Ref():
            return True
        case MatVec(_, operand):
            parts = operand.parts if isinstance(operand, Concat) else (operand,)
            return summand and all(isinstance(p, Ref | Number) for p in parts)
        case Call() | Reduce() | Concat() | Outer():
            return False
        case Add() | Sub() | Neg():
            return all(atoms(c, summand=summand) for c in children(node))
    return all(atoms(c, summand=False) for c in children(node))


def assert_well_formed(d: Derivation) -> None:
    assert [s.number for s in (*d.forward, *d.backward)] == list(
        range(1, len(d.forward) + len(d.backward) + 1)
    )
    maps = Counter(n for s in d.forward for n in walk(s.expression) if isinstance(n, MatVec))
    assert all(count == 1 for count in maps.values()), maps
    known = {Ref(n, None) for n in (*d.cell.parameters, *(c.name for c in d.cell.constants))}
    known |= {Ref(n, 0) for n in d.cell.inputs} | {Ref(n, 1) for n in d.cell.states}
    for s in d.forward:
        if isinstance(s.expression, Call | Reduce):
            assert all(isinstance(c, Ref | Number) for c in children(s.expression)), s
        else:
            assert atoms(s.expression), to_text(s.expression)
        assert set(references(s.expression)) <= known, s
        known.add(s.target)
        assert s.shape == d.shapes[s.target.name]
    known |= {Ref(d.cotangent, 0)} | {Ref(n, 0) for n in d.incoming.values()}
    for s in d.backward:
        assert s.terms
        assert set(references(s.expression)) <= known, to_text(s.expression)
        assert s.operation == ("+=" if s.role in ("parameter", "static") else "=")
        known.add(s.target)
    names = [s.target.name for s in d.forward] + [*d.cell.shapes]
    everything = {*names, *d.adjoints.values(), *d.incoming.values(), *d.outgoing.values()}
    assert d.cotangent not in {*names, *d.adjoints.values()}
    assert len(everything) == len(set(names)) + len({*d.adjoints.values()}) + 2 * len(d.cell.states)


@pytest.mark.parametrize("name", catalogue.names())
def test_derivations_of_the_catalogue_have_the_shared_form(name: str) -> None:
    assert_well_formed(derive(name))


@FEW
@given(cell_texts(smooth=False))
def test_derivations_of_random_cells_have_the_shared_form(text: str) -> None:
    assert_well_formed(derive(text))


@FEW
@given(cell_texts(smooth=False))
def test_an_elementwise_equation_stays_as_its_author_wrote_it(text: str) -> None:
    d = derive(text)
    for equation in d.cell.equations:
        tree = equation.expression
        if atoms(tree) and not any(isinstance(n, MatVec) for n in walk(tree)):
            assert d.defining(equation.target.name).expression == tree


def test_numbers_of_statements_are_looked_up() -> None:
    d = derive("gru")
    assert d[1] is d.forward[0]
    assert d[len(d.forward) + 1] is d.backward[0]
    for wrong in (0, -1, 10_000):
        with pytest.raises(KeyError):
            d[wrong]
    with pytest.raises(KeyError):
        d.defining("nobody")


# Names


def test_names_of_our_own_keep_clear_of_the_author_s() -> None:
    d = derive("d_c[t] = W @ x[t]\nc[t] = d_c[t] * c[t-1]\na_c[t] = tanh(c[t] + p_W)")
    assert d.adjoints["c"] == "d_c_"
    assert d.adjoints["d_c"] == "d_d_c"
    assert_well_formed(d)


def test_names_are_handed_out_once() -> None:
    names = Names(["a", "a_2"])
    assert [names.numbered("a") for _ in range(2)] == ["a_3", "a_4"]
    assert [names.fresh("a") for _ in range(2)] == ["a_", "a__"]
    assert names.fresh("tanh") == "tanh_"


# The same whatever the order and the hash seed


@FEW
@given(cell_texts(static=False), st.integers(0, 99))
def test_equations_in_any_order_mean_the_same(text: str, seed: int) -> None:
    first = derive(text)
    assume(len(first.cell.inputs) == 1)  # which of two is called D depends on the order
    shuffled = [x for x in text.splitlines() if "lambda" not in x and not x.startswith("output:")]
    random.Random(seed).shuffle(shuffled)
    own = [x for x in text.splitlines() if "lambda" in x]
    other = derive("\n".join([*own, *shuffled, f"output: {first.cell.output}"]))
    assert dict(other.cell.shapes) == dict(first.cell.shapes)
    assert set(other.cell.states) == set(first.cell.states)
    problem = random_problem(first.cell, length=2, batch=2)
    expected = run_statements(first, problem).gradients
    found = run_statements(other, problem).gradients
    for name in first.cell.parameters:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "gru", "lstm_peephole", "gru_concat", "lstm_fgr"])
def test_equations_in_any_order_give_the_same_statements(name: str) -> None:
    text = "\n".join(x for x in catalogue.text(name).splitlines() if x and not x.startswith("#"))
    equations = [to_text(e.target) + " = " + to_text(e.expression) for e in read(text).equations]
    first = derive("\n".join(equations))
    for seed in range(5):
        random.Random(seed).shuffle(equations)
        other = derive("\n".join([*equations, f"output: {first.cell.output}"]))
        assert canonical(other) == canonical(first)


def canonical(d: Derivation) -> set[tuple[str, str, frozenset[str]]]:
    """The statements without their numbers, sums without their order."""
    statements = (*d.forward, *d.backward)
    return {
        (s.target.name, s.operation, frozenset(to_text(t.expression) for t in s.terms))
        if s.terms
        else (s.target.name, s.operation, frozenset([to_text(s.expression)]))
        for s in statements
    }


SCRIPT = """
import sys
from dataclasses import astuple
sys.path.insert(0, sys.argv[1])
from gatecalc.calculus import derive
from gatecalc.equations import catalogue
from gatecalc.equations.text import to_text
for name in catalogue.names():
    d = derive(name)
    print(d.cell.shapes, d.cell.sizes, d.adjoints)
    for s in (*d.forward, *d.backward):
        print(astuple(s), to_text(s.expression))
"""


def test_the_same_bytes_come_out_under_every_hash_seed(request: pytest.FixtureRequest) -> None:
    digests = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(request.config.rootpath)],
            capture_output=True,
            env=environment,
            check=True,
        )
        digests.add(hashlib.sha256(run.stdout).hexdigest())
        assert len(run.stdout) > 100_000
    assert len(digests) == 1
