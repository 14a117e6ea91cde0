"""Residues have inverses and signs, and an oracle's answers obey the laws of real functions."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from gatecalc.checks.modular import PRIME, inverse, legendre
from gatecalc.checks.oracle import ORBIT, Oracle

residues = st.integers(0, PRIME - 1)
nonzero = st.integers(1, PRIME - 1)


@given(residues, residues)
def test_legendre_sign_is_multiplicative(a, b):
    assert legendre(a * b % PRIME) == legendre(a) * legendre(b)


@given(residues)
def test_legendre_sign_is_eulers_power_and_odd(a):
    assert legendre(a) % PRIME == pow(a, (PRIME - 1) // 2, PRIME)
    assert legendre(-a % PRIME) == -legendre(a)
    assert legendre(2 * a % PRIME) == legendre(a)


@given(nonzero)
def test_inverse_undoes_multiplication(a):
    assert a * inverse(a) % PRIME == 1


@given(nonzero, st.integers(-ORBIT, ORBIT), st.booleans())
def test_exponentials_of_doubled_and_negated_arguments_are_powers(a, doublings, negated):
    oracle = Oracle()
    base = oracle.exp(a)
    other = pow(2, doublings, PRIME) * (-a if negated else a) % PRIME
    value = oracle.exp(other)
    if negated:
        value = inverse(value)
    if doublings >= 0:
        assert value == pow(base, 2**doublings, PRIME)
    else:
        assert pow(value, 2**-doublings, PRIME) == base


@given(nonzero)
def test_exponentials_are_positive_and_logarithms_undo_them(a):
    oracle = Oracle()
    assert legendre(oracle.exp(a)) == 1
    assert oracle.log(oracle.exp(a)) == a
    assert oracle.log(inverse(oracle.exp(a))) == PRIME - a
    assert oracle.exp(0) == 1
    assert oracle.log(1) == 0


@given(nonzero)
def test_logarithm_of_a_reciprocal_is_the_negative(a):
    oracle = Oracle()
    assert (oracle.log(a) + oracle.log(inverse(a))) % PRIME == 0


@given(nonzero)
def test_sine_is_odd_cosine_even_and_both_lie_on_the_circle(a):
    oracle = Oracle()
    sine, cosine = oracle.sin(a), oracle.cos(a)
    assert (sine**2 + cosine**2) % PRIME == 1
    assert (oracle.sin(PRIME - a), oracle.cos(PRIME - a)) == (PRIME - sine, cosine)
    assert (oracle.sin(0), oracle.cos(0)) == (0, 1)
    assert (oracle.erf(a) + oracle.erf(PRIME - a)) % PRIME == 0


def test_different_functions_arguments_and_seeds_get_different_answers():
    names = ("exp", "tanh", "log", "sqrt", "sin", "cos", "erf")
    answers = [
        getattr(Oracle(seed), name)(argument)
        for seed in (0, 1, -1)
        for name in names
        for argument in (3, 5, 1001)
    ]
    assert len(set(answers)) == len(answers)


def test_a_seed_answers_alike_in_every_process():
    program = (
        "from gatecalc.checks.oracle import Oracle\n"
        "from gatecalc.checks.constants import residue\n"
        "o = Oracle(7)\n"
        "print([getattr(o, f)(residue(0.3)) for f in 'exp tanh log sqrt sin cos erf'.split()])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(printed) == 1
