"""Functions of the notation that NumPy lacks, as source text for the modules that use them."""

from __future__ import annotations

from collections.abc import Iterable

from gatecalc.calculus import Derivation
from gatecalc.codegen.numpy_text import Spelling, numpy_text
from gatecalc.codegen.small_sigmoids import small_sigmoids
from gatecalc.equations.functions import FUNCTIONS, IN_NUMPY
from gatecalc.equations.rows import definition
from gatecalc.equations.tree import Call, Concat, Node, Reduce, Ref, walk

# Everything here must hold for real numbers, for complex ones (which the complex step uses: the
# real part decides a comparison) and for objects that do arithmetic and answer to methods such as
# `.tanh()` (which the exact check uses). So a mask enters as a factor of the argument's own kind:
# np.where with a literal would put plain numbers among objects, and widen float32.

_SOURCES = {
    "step": '''\
def _step(a):
    """1 where a > 0, else 0."""
    if _is_real(a):
        return np.heaviside(a, 0)
    return (np.real(a) > 0) * (a * 0 + 1)
''',
    "sign": '''\
def _sign(a):
    """1, 0 or -1."""
    return np.sign(np.real(a))
''',
    "abs": '''\
def _abs(a):
    """The absolute value."""
    return a * _sign(a)
''',
    "maximum": '''\
def _maximum(a, b):
    """The larger one."""
    if _is_real(a) and _is_real(b):
        return np.maximum(a, b)
    first = _step(a - b)
    return first * a + (1 - first) * b
''',
    "minimum": '''\
def _minimum(a, b):
    """The smaller one."""
    if _is_real(a) and _is_real(b):
        return np.minimum(a, b)
    first = _step(b - a)
    return first * a + (1 - first) * b
''',
    "reciprocal": '''\
def _reciprocal(a):
    """1 / a, and 0 at 0."""
    return np.divide(1, a, out=np.zeros_like(a), where=a != 0)
''',
    "erf": '''\
def _erf(a):
    """The error function, to the last digits of float64."""
    if np.asarray(a).dtype.kind == "O":
        return np.frompyfunc(lambda element: element.erf(), 1, 1)(a)
    real = np.real(a)
    x = np.minimum(np.abs(real), 6)  # where erf is 1 already
    square = x * x
    near = x * _polynomial(_ERF_NEAR, square)
    far = 1 - np.exp(-square) * _polynomial(_ERF_FAR, (x - 2.5) / (x + 2.5))
    value = np.copysign(np.where(x < 1, near, far), real)
    if _is_real(a):
        return value
    return value + 2j / np.sqrt(np.pi) * np.exp(-real * real) * np.imag(a)  # to first order


def _polynomial(coefficients, x):
    total = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


# Chebyshev interpolation of erf(x)/x in x² for x up to 1, and beyond, up to 6, of exp(x²)·erfc(x)
# in (x - 2.5)/(x + 2.5), written as powers.
_ERF_NEAR = (
    1.1283791670955126, -0.37612638903183543, 0.1128379167094513, -0.026866170643256995,
    0.005223977607269946, -0.0008548325982543225, 0.00012055295112667001, -1.4924740785377576e-05,
    1.6447471190594618e-06, -1.6208829856810202e-07, 1.3721520406351094e-08, -7.798543850549947e-10,
)  # fmt: skip
_ERF_FAR = (
    0.2108063640611436, -0.3717367339489729, 0.2517131932174539, -0.12503305237893594,
    0.03992253907500045, -0.00399370115921, -0.002642365935942896, 0.0008759152680480653,
    0.00022837970479836845, -0.00012887462980932192, -3.4173553294271334e-05,
    1.859575564098258e-05, 7.490724592623272e-06, -2.230983215862184e-06, -1.5728817716885597e-06,
)  # fmt: skip
''',
    "exact sigmoid": '''\
def _sigmoid(a):
    """1 / (1 + exp(-a)), which cannot overflow, and to the last digit however small it is."""
    small = np.exp(-_abs(a))
    return (_step(a) + (1 - _step(a)) * small) / (1 + small)
''',
    "is_real": """\
def _is_real(a):
    return np.asarray(a).dtype.kind not in "cO"
""",
    "softmax": '''\
def _softmax(v):
    """Positive numbers that add up to 1, sample by sample."""
    # Taking off the largest entry changes nothing but keeps exp from overflowing.
    shift = 0 if v.dtype.kind == "O" else np.real(v).max(-1, keepdims=True)
    powers = np.exp(v - shift)
    return powers / powers.sum(-1, keepdims=True)
''',
    "concat": '''\
def _concat(*parts):
    """Vectors one behind the other, sample by sample."""
    rows = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
    return np.concatenate(
        [np.broadcast_to(part, (*rows, part.shape[-1])) for part in parts], axis=-1
    )
''',
}

_NEEDS = {
    "step": ("is_real",),
    "abs": ("sign",),
    "maximum": ("is_real", "step"),
    "minimum": ("is_real", "step"),
    "erf": ("is_real",),
    "exact sigmoid": ("abs", "step"),
}

_SAYINGS = {
    "sigmoid": "1 / (1 + exp(-a)), by way of tanh, which cannot overflow.",
    "relu": "The positive part.",
    "softplus": "log(1 + exp(a)), which cannot overflow in this form.",
}


def helpers(derivation: Derivation) -> tuple[str, ...]:
    """The helper functions that the statements need, as source text, each after those it needs."""
    found: dict[str, str] = {}
    statements = (*derivation.forward, *derivation.backward)
    if small_sigmoids(derivation):
        _define("exact sigmoid", found)
        found["sigmoid"] = found.pop("exact sigmoid")
    for statement in statements:
        for name in _used(statement.expression):
            _define(name, found)
    return tuple(found.values())


def _used(node: Node) -> Iterable[str]:
    for below in walk(node):
        if isinstance(below, Call) and below.function not in IN_NUMPY:
            yield below.function
        elif isinstance(below, Concat):
            yield "concat"
        elif isinstance(below, Reduce) and below.kind == "softmax":
            yield "softmax"


def _define(name: str, found: dict[str, str]) -> None:
    if name in found:
        return
    if name in _SOURCES:
        for needed in _NEEDS.get(name, ()):
            _define(needed, found)
        found[name] = _SOURCES[name]
        return
    arguments = FUNCTIONS[name].arguments
    body = definition(name, [Ref(a) for a in arguments])
    assert body is not None, f"{name} has neither a definition nor a source"
    for needed in _used(body):
        _define(needed, found)
    saying = _SAYINGS.get(name)
    documented = f'    """{saying}"""\n' if saying else ""
    text = numpy_text(body, Spelling({}))
    found[name] = f"def _{name}({', '.join(arguments)}):\n{documented}    return {text}\n"
