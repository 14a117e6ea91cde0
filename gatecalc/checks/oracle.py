"""Answers for transcendental functions over a finite field.

No exponential maps the additive group of a prime field to its multiplicative group. What a proof
of a derivative needs is less: a value for every argument, the same whenever the same argument
comes again, and the identities that equal formulas rest on. An oracle draws such values.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from gatecalc.checks.constants import residue as plain_residue
from gatecalc.checks.modular import PRIME, FieldError, inverse

ORBIT = 8  # exp(a) and exp(2**k * a) are answered together for |k| up to this

_HALF = inverse(2)
_FINEST = inverse(2**ORBIT)


class Oracle:
    """A consistent choice of exp, log, sqrt, sin, cos and erf on the residues modulo PRIME.

    Arguments and answers are residues. Values are keyed hashes of seed, function and argument, so
    a seed reproduces a run in any process. These identities hold, as they do for real numbers:

    - exp(-a) = 1/exp(a), and exp(2**k a) = exp(a)**(2**k) for |k| <= 8. An exponential is a
      square, so its sign is 1.
    - log(exp(a)) = a, log(1/a) = -log(a), and log(1 + exp(a)) = a + log(1 + exp(-a)) once these
      exponentials were asked for: softplus and its stable forms agree.
    - sin is odd, cos is even, and sin**2 + cos**2 = 1; erf is odd.

    sqrt has no identity, not even sqrt(a)**2 = a: half of all residues have no root. Runs that
    are compared must share one oracle, for which of an argument's multiples was asked for first
    decides what exp answers for all of them.

    `residue` says which residue stands for a number of the program.

    >>> oracle = Oracle(seed=1)
    >>> oracle.exp(10) == oracle.exp(5) ** 2 % PRIME
    True
    >>> oracle.exp(10) == Oracle(seed=2).exp(10)
    False
    """

    __slots__ = (
        "_cos",
        "_erf",
        "_exp",
        "_exp_argument",
        "_key",
        "_log",
        "_orbit",
        "_sin",
        "_sqrt",
        "_tanh",
        "residue",
        "seed",
    )

    def __init__(self, seed: int = 0, residue: Callable[[object], int] = plain_residue) -> None:
        self.seed = seed
        self.residue = residue
        self._key = str(seed).encode()[-64:]
        self._exp: dict[int, int] = {0: 1}
        self._exp_argument: dict[int, int] = {1: 0}
        self._orbit: dict[int, tuple[int, int]] = {}
        self._log: dict[int, int] = {}
        self._sqrt: dict[int, int] = {0: 0, 1: 1}
        self._tanh: dict[int, int] = {}
        self._sin: dict[int, int] = {0: 0}
        self._cos: dict[int, int] = {0: 1}
        self._erf: dict[int, int] = {0: 0}

    def _draw(self, name: str, argument: int) -> int:
        """A residue from 2 to PRIME - 2: never 0, 1 or -1, which identities would notice."""
        digest = blake2b(f"{name} {argument}".encode(), key=self._key, digest_size=16).digest()
        return 2 + int.from_bytes(digest, "big") % (PRIME - 3)

    def exp(self, a: int) -> int:
        """The exponential of `a`."""
        value = self._exp.get(a)
        if value is None:
            if a not in self._orbit:
                self._open_orbit(a)
            root, exponent = self._orbit[a]
            value = self._exp[a] = pow(root, exponent, PRIME)
            self._exp_argument[value] = a
        return value

    def _open_orbit(self, a: int) -> None:
        """Draw the exponential of a / 2**ORBIT; the others are its powers."""
        scaled = min(a, PRIME - a)  # the same draw, whichever of a and -a came first
        root = self._draw("exp", scaled) ** 2 % PRIME
        reciprocal = inverse(root)
        scaled = scaled * _FINEST % PRIME
        for doublings in range(2 * ORBIT + 1):
            # Numbers reached from another argument before keep their values.
            self._orbit.setdefault(scaled, (root, 1 << doublings))
            self._orbit.setdefault(PRIME - scaled, (reciprocal, 1 << doublings))
            scaled = 2 * scaled % PRIME

    def tanh(self, a: int) -> int:
        """(exp(2a) - 1) / (exp(2a) + 1); never a division by zero, for -1 is not a square."""
        value = self._tanh.get(a)
        if value is None:
            squared = self.exp(2 * a % PRIME)
            value = self._tanh[a] = (squared - 1) * inverse(squared + 1) % PRIME
        return value

    def log(self, a: int) -> int:
        """The logarithm of `a`; FieldError for 0."""
        value = self._log.get(a)
        if value is None:
            if a == 0:
                raise FieldError("log of zero in the exact check")
            reciprocal = inverse(a)
            value = self._answer_log(a, reciprocal)
            self._log[a] = value
            self._log[reciprocal] = -value % PRIME
        return value

    def _answer_log(self, a: int, reciprocal: int) -> int:
        for argument, sign in ((a, 1), (reciprocal, -1)):
            if argument in self._exp_argument:
                return sign * self._exp_argument[argument] % PRIME
            if argument - 1 in self._exp_argument:
                # log(1 + exp(b)) - b/2 is an even function of b.
                b = self._exp_argument[argument - 1]
                even = self._draw("softplus", min(b, PRIME - b))
                return sign * (b * _HALF + even) % PRIME
        if a == reciprocal:  # 1 and -1
            return 0
        smaller = min(a, reciprocal)
        return self._draw("log", smaller) * (1 if a == smaller else -1) % PRIME

    def sqrt(self, a: int) -> int:
        """A value that stands for the square root of `a`."""
        value = self._sqrt.get(a)
        if value is None:
            value = self._sqrt[a] = self._draw("sqrt", a)
        return value

    def sin(self, a: int) -> int:
        """The sine of `a`."""
        if a not in self._sin:
            self._answer_circle(a)
        return self._sin[a]

    def cos(self, a: int) -> int:
        """The cosine of `a`."""
        if a not in self._cos:
            self._answer_circle(a)
        return self._cos[a]

    def _answer_circle(self, a: int) -> None:
        # The rational points of the circle; 1 + t**2 is never 0, for -1 is not a square.
        b = min(a, PRIME - a)
        t = self._draw("circle", b)
        scale = inverse(1 + t * t)
        sine, cosine = 2 * t * scale % PRIME, (1 - t * t) * scale % PRIME
        self._sin[b], self._cos[b] = sine, cosine
        self._sin[PRIME - b], self._cos[PRIME - b] = PRIME - sine, cosine

    def erf(self, a: int) -> int:
        """A value that stands for the error function of `a`."""
        value = self._erf.get(a)
        if value is None:
            b = min(a, PRIME - a)
            drawn = self._draw("erf", b)
            value = self._erf[a] = drawn if a == b else PRIME - drawn
        return value
