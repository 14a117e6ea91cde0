"""Parameters and operations as formulas, against counting by hand and by machine."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecalc.calculus import derive
from gatecalc.calculus.counts import Flops, flops, statement_flops
from gatecalc.equations import catalogue, cell
from gatecalc.equations.parameters import entries, parameter_count
from gatecalc.equations.polynomials import Polynomial
from gatecalc.equations.tree import MatVec, Ref, walk
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.evaluate.problem import random_problem

SIZES = {"D": 3, "H": 4, "P": 2}
RNN = "h[t] = tanh(W @ x[t] + U @ h[t-1] + b)"


def sizes_of(it):
    return {name: SIZES[name] for name in it.sizes}


polynomials = st.lists(
    st.tuples(st.lists(st.sampled_from("DHK"), max_size=3), st.integers(-5, 5)), max_size=4
).map(
    lambda terms: sum(
        (Polynomial(((tuple(sorted(m)), n),)) if n else Polynomial() for m, n in terms),
        Polynomial(),
    )
)


@given(polynomials, polynomials, st.integers(1, 9), st.integers(1, 9))
def test_values_of_sums_and_products_are_sums_and_products_of_values(p, q, d, h):
    at = {"D": d, "H": h, "K": 5}
    assert (p + q).at(at) == p.at(at) + q.at(at)
    assert (p * q).at(at) == p.at(at) * q.at(at)


@given(polynomials)
def test_factors_multiply_back(p):
    number, sizes, rest = p.factored()
    product = rest * number
    for name in sizes:
        product = product * Polynomial.of_size((name,))
    assert product == p


@given(polynomials, polynomials)
def test_a_sum_does_not_depend_on_the_order(p, q):
    assert p + q == q + p
    assert str(p + q) == str(q + p)


@pytest.mark.parametrize("name", catalogue.names())
def test_as_many_parameters_are_counted_as_arrays_hold(name):
    it = cell(name)
    problem = random_problem(it, sizes_of(it))
    held = sum(problem.params[p].size for p in it.parameters)
    assert parameter_count(it).at(sizes_of(it)) == held


def test_constants_are_no_parameters():
    assert str(parameter_count(cell("epsilon = 0.1\nh[t] = epsilon * (W @ x[t])"))) == "D*H"


def test_one_matrix_on_a_stack_has_the_parameters_of_two():
    assert parameter_count(cell("lstm_concat")) == parameter_count(cell("lstm"))


def test_coupling_two_gates_saves_a_quarter():
    coupled, whole = parameter_count(cell("lstm_coupled")), parameter_count(cell("lstm"))
    assert 4 * coupled == 3 * whole


def test_one_gate_instead_of_two_saves_a_third():
    minimal, whole = parameter_count(cell("mgu")), parameter_count(cell("gru_chung"))
    assert 3 * minimal == 2 * whole


def test_full_gate_recurrence_has_13_recurrent_matrices():
    count = dict(parameter_count(cell("lstm_fgr")).terms)
    assert count["H", "H"] == 13


def test_a_map_is_two_operations_for_each_entry_of_its_matrix():
    count = flops(derive(RNN)).forward
    assert str(count.maps) == "2*D*H + 2*H**2"
    assert str(count.functions) == "H"
    assert str(count.elementwise) == "2*H"


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_reset_after", "mgu", "rnn", "lstm_peephole"])
def test_matrices_cost_twice_as_much_backward_as_forward(name):
    """Once transposed for the operand, once as the outer product of the gradient."""
    count = flops(derive(name))
    assert count.backward.maps == 2 * count.forward.maps


def test_a_stack_costs_what_its_blocks_cost():
    stacked, apart = flops(derive("lstm_concat")), flops(derive("lstm"))
    assert stacked.forward.maps == apart.forward.maps
    assert stacked.backward.total == apart.backward.total


def test_what_depends_on_parameters_alone_is_counted_once():
    count = flops(derive("k = exp(v)\nh[t] = k * x[t]"))
    assert str(count.once.functions) == "D"
    assert count.forward.functions == Polynomial()


def test_a_change_of_sign_costs_nothing():
    assert flops(derive("h[t] = -x[t]")).forward == Flops()


def test_functions_of_a_vector_cost_its_length():
    count = flops(derive("h[t] = x[t] * sum(x[t]) * mean(x[t]) * norm(x[t]) * softmax(x[t])"))
    assert str(count.forward.total) == "11*D + 2"


class Counted:
    """A number that counts what is done to it."""

    operations = 0

    def __init__(self, value):
        self.value = value

    def _counted(self, _other=None):
        Counted.operations += 1
        return Counted(self.value)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _counted
    __truediv__ = __rtruediv__ = tanh = exp = sin = cos = _counted

    def __neg__(self):
        return self


COUNTED = """
g[t] = exp(W @ x[t] + U @ h[t-1] + b) * (1 - h[t-1]) / (2 + sin(V @ h[t-1]))
h[t] = tanh(g[t] * g[t] - g[t]**3 + p * h[t-1]) - -g[t]
"""


def test_every_operation_that_is_done_is_counted():
    """NumPy saves the first addition of each row of a map, which the convention counts."""
    d = derive(COUNTED)
    sizes = {"D": 3, "H": 4}

    def counted(shape):
        return np.frompyfunc(Counted, 1, 1)(np.ones(shape))

    for statement in (*d.forward, *d.backward):
        table = {}
        for name, shape in d.shapes.items():
            numbers = [sum(sizes[s] for s in size) for size in shape]
            fixed = name in d.cell.parameters
            for lag in (0, 1, None):
                table[Ref(name, lag)] = counted(numbers if fixed else (1, *numbers))
        Counted.operations = 0
        evaluate(statement.expression, Context(table, sizes))
        done = Counted.operations
        for node in walk(statement.expression):
            if isinstance(node, MatVec):
                rows, columns = d.shapes[node.matrix.name]
                done += entries((columns if node.matrix.transposed else rows,)).at(sizes)
        expected = statement_flops(statement, d.shapes).total.at(sizes)
        if statement.operation == "+=":
            expected -= entries(statement.shape).at(sizes)
        assert done == expected, statement


def test_the_value_of_a_count_is_a_whole_number():
    count = flops(derive("lstm_layer_norm")).backward.total.at({"D": 128, "H": 256})
    assert Fraction(count).denominator == 1
