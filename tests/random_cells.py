"""Random cells of the notation, small and odd: what nobody would think of testing."""

from __future__ import annotations

import itertools
import random

from gatecalc.equations.functions import FUNCTIONS, PUBLIC

_REDUCTIONS = ("sum", "mean", "norm", "softmax")
# Not log and sqrt, which random arguments leave without a value; not exp, which soon overflows.
_FUNCTIONS = tuple(n for n in PUBLIC if n not in ("log", "sqrt", "exp"))


def random_cell(seed: int) -> str:
    """The equations of a cell with one to four of them; some are refused for their shapes."""
    return _Author(random.Random(seed)).cell()


def gated_cell(seed: int) -> str:
    """A cell of three to five gates that take matrices and biases from a few: many are shared."""
    dice = random.Random(seed)
    joined, count = dice.random() < 0.4, dice.randint(3, 5)
    lines = []
    for k in range(count):
        state, bias = dice.choice(["h[t-1]", "h[t-1]", "g[t-1]"]), dice.choice("bbcd")
        maps = f"{dice.choice('WV')} @ concat({dice.choice(['x[t]', 's[t]'])}, {state})"
        if not joined:
            own = dice.random() < 0.6
            sign, turned = dice.choice("++-"), dice.choice(["", "", ".T"])
            maps = f"W{k if own else ''} @ x[t] {sign} U{k if own else ''}{turned} @ {state}"
        scale = dice.choice(["", "", "0.5 * ", "p * "])
        lines.append(f"u{k}[t] = {dice.choice(['tanh', 'sigmoid'])}({maps} + {scale}{bias})")
    gate = [f"u{k}[t]" for k in range(count)]
    lines.append(f"g[t] = {dice.choice(gate)} * g[t-1] + {dice.choice(gate)} * {dice.choice(gate)}")
    lines.append(f"h[t] = {' + '.join(gate)} - {dice.choice(gate)} * tanh(g[t])")
    return "\n".join(lines) + "\n"


class _Author:
    def __init__(self, dice: random.Random) -> None:
        self.dice, self.numbers, self.maps = dice, itertools.count(), []
        self.written: dict[str, str] = {}

    def cell(self) -> str:
        targets = ["h", "c", "q", "s"][: self.dice.randint(1, 4)]
        before = [f"{name}[t-1]" for name in targets if self.chance(0.7)]
        inputs = ["x[t]", "u[t]"] if self.chance(0.2) else ["x[t]"]
        lines = self.pinned(inputs) if self.chance(0.3) else []
        spread = [line.partition(" = ")[0] for line in lines if line.startswith("v")]
        for count, target in enumerate(targets):
            self.names = [*inputs, *before, *spread, *(f"{name}[t]" for name in targets[:count])]
            self.written[f"{target}[t]"] = self.compound(self.dice.randint(0, 3))
            lines.append(f"{target}[t] = {self.written[f'{target}[t]']}")
        if self.chance(0.3):
            lines.append(f"output: {self.dice.choice(targets)}")
        if any("dt" in line for line in lines):
            lines.insert(0, "dt = 0.3")
        if any("same(" in line for line in lines):
            lines.insert(0, "same = lambda a: a")
        return "\n".join(lines) + "\n"

    def pinned(self, inputs: list[str]) -> list[str]:
        """A vector that is one number, of parameters alone or at each step."""
        if self.chance(0.5):
            number = f"{self.dice.choice(['mean', 'sum', 'norm'])}({self.dice.choice(inputs)})"
            return ["n: P", f"n[t] = {number}", f"v[t] = {self.scaled('W @ n[t]', number)}"]
        number = self.dice.choice(["alpha", "tanh(alpha)", "dt", "sum(b)", "alpha * dt + 1"])
        lines = [f"n: {self.dice.choice('HP')}", f"n = {number}"]
        if "alpha" in number:
            lines.insert(0, "alpha: scalar")
        return [*lines, f"v[t] = {self.scaled('W @ n', number)}"]

    def scaled(self, value: str, number: str) -> str:
        """A value, at times with the number that is spread in it, unspread."""
        return f"{number} * ({value})" if self.chance(0.4) else value

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def expression(self, depth: int) -> str:
        if depth == 0 or self.chance(0.12):
            return self.dice.choice(self.names)
        return self.compound(depth - 1)

    def compound(self, depth: int) -> str:
        kinds = {
            self.linear_map: 20,
            self.function: 16,
            self.power: 5,
            self.reduction: 6,
            self.quotient: 4,
            self.parameter: 5,
            self.product_with_constant: 3,
            self.literal: 2,
            self.sum_or_product: 35,
        }
        (kind,) = self.dice.choices(list(kinds), list(kinds.values()))
        return kind(depth)

    def linear_map(self, depth: int) -> str:
        again = self.maps and self.chance(0.15)
        name = self.dice.choice(self.maps) if again else f"W{next(self.numbers)}"
        self.maps.append(name)
        if self.chance(0.15):
            return f"({name} @ concat({self.expression(0)}, {self.expression(0)}))"
        whole = f"{name}.T" if self.chance(0.1) else name
        operand = self.expression(depth if self.chance(0.3) else 0)
        if self.chance(0.12):
            return f"({whole} @ {operand} {self.dice.choice('+-')} {whole} @ {self.again(operand)})"
        return f"({whole} @ {operand})"

    def again(self, value: str) -> str:
        """The same value in another spelling."""
        return f"({self.written[value]})" if value in self.written else f"same({value})"

    def function(self, depth: int) -> str:
        name = self.dice.choice(_FUNCTIONS)
        arguments = (self.expression(depth) for _ in FUNCTIONS[name].arguments)
        return f"{name}({', '.join(arguments)})"

    def power(self, depth: int) -> str:
        return f"({self.expression(depth)})**{self.dice.choice([2, 3])}"

    def reduction(self, depth: int) -> str:
        return f"{self.dice.choice(_REDUCTIONS)}({self.expression(depth)})"

    def quotient(self, depth: int) -> str:
        return f"({self.expression(depth)}) / (1 + ({self.expression(depth)})**2)"

    def parameter(self, depth: int) -> str:
        return f"b{next(self.numbers)}"

    def product_with_constant(self, depth: int) -> str:
        return f"dt * {self.expression(depth)}"

    def literal(self, depth: int) -> str:
        return self.dice.choice(["0.5", "2", "0.1"])

    def sum_or_product(self, depth: int) -> str:
        sign = self.dice.choice("++-**")
        return f"({self.expression(depth)} {sign} {self.expression(depth)})"
