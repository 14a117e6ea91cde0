"""Sums over time into the gradients, and gradients through what parameters alone decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.blocks import Part, continues, part_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.linear import Share
from gatecalc.codegen.schedule.program import Stretch
from gatecalc.codegen.schedule.rows import Block, slice_text, sum_text
from gatecalc.codegen.schedule.text import Spelling, number_text, static_text
from gatecalc.codegen.schedule.variables import Variables
from gatecalc.codegen.schedule.weights_text import Total, Weights
from gatecalc.codegen.schedule.writer import Writer, numbers_text


class Gradients:
    """Writes the end of `backward`, where the gradients are put together.

    Gradients of what parameters alone decide are kept in a dictionary of their own, `d_static`.
    """

    def __init__(
        self, emission: Emission, back: BackPlan, variables: Variables, writer: Writer
    ) -> None:
        self.emission, self.back, self.variables, self.writer = emission, back, variables, writer
        derivation = back.plan.derivation
        self.derivation, self.backward = derivation, back.backward
        names = [s.target.name for s in derivation.forward if s.role == "static"]
        self.static = [n for n in names if n in derivation.adjoints]  # tanh(0) has none
        self.begun: dict[tuple[str, bool], list[Stretch]] = {}

    def write(self, weights: Weights) -> None:
        """All statements up to the gradients' last."""
        self.writer.line("gradients = params.zeros()")
        if self.static:
            self.writer.line("d_static = {n: np.zeros_like(v) for n, v in self.static.items()}")
        for total in weights.totals:
            rows = Block("", total.run, {n: self.back.rows(n) for n in total.run})
            for batch in self._batches(total):
                homes = [home for _, home in batch]
                if len(batch) > 1:
                    whole = len(homes) == len(total.run)
                    source = f"self.{total.attribute}[0{'' if whole else f', {rows.span(homes)}'}]"
                    self._neighbours(batch, source, total)
                    continue
                source = f"self.{total.attribute}[0, {rows.span(homes)}]"
                self._share(batch[0][0], source, homes[0], total)
        for position, (share, _, content) in enumerate(self.backward.sums):
            factor = "" if content == 1 else f"{self.variables.number(content)} * "
            target = self._gradient(share.parameter)
            self._line(f"{target} += {factor}self.sums[{position}]", share.number)
        for statement in self.derivation.backward:
            if statement.role == "static":
                text = static_text(statement.expression, self._spelling())
                if statement.shape == ():
                    text = f"np.sum({text})"
                self._line(f"{self._gradient(statement.of)} += {text}", statement.number)

    def _line(self, text: str, number: int) -> None:
        self.writer.line(text, numbers_text([number]))

    def _gradient(self, name: str) -> str:
        return f'{"d_static" if name in self.static else "gradients"}["{name}"]'

    def _spelling(self, adjoint: str = "", source: str = "") -> Spelling:
        """As methods call parameters; `source` is what the sum of an adjoint is called."""
        known = self.emission.spelling
        of_static = {self.derivation.adjoints[n]: n for n in self.static}

        def local(name: str) -> str:
            if name == adjoint:
                return source
            return self._gradient(of_static[name]) if name in of_static else known.local(name)

        return Spelling(local, known.one)

    def _batches(self, total: Total) -> list[list[tuple[Share, str]]]:
        """The terms that are parts of a sum, those together that one statement can do.

        That statement sets the gradients, so each may have but one term here: the gradient of a
        bias that two gates share is written by one of them, and the other one adds to it.
        """
        terms = [(s, self.back.delta_home(s.delta)) for s in total.shares]
        terms = sorted(
            ((s, home) for s, home in terms if home in total.run),
            key=lambda term: total.run.index(term[1]),
        )
        count = Counter(share.parameter for share, _ in terms)
        once = {parameter for parameter, number in count.items() if number == 1}
        batches: list[list[tuple[Share, str]]] = []
        for term in terms:
            for batch in batches:
                pair = {batch[-1][0].parameter, term[0].parameter}
                if pair <= once and self._goes_on(total, batch[-1], term):
                    batch.append(term)
                    break
            else:
                batches.append([term])
        return batches

    def _goes_on(self, total: Total, last: tuple[Share, str], term: tuple[Share, str]) -> bool:
        """Whether a term's rows follow the last one's, in the sum and among the parameters."""
        (before, above), (share, home) = last, term
        return (
            self._is_plain(before)
            and self._is_plain(share)
            and before.columns == share.columns
            and total.run.index(home) == total.run.index(above) + 1
            and continues(self.emission.layout, before.parameter, share.parameter)
        )

    def _is_plain(self, share: Share) -> bool:
        """Whether a term is nothing but a multiple of rows of a sum, and its gradient's first."""
        fixed = share.operand is not None and share.operand.lag is None
        begun = any(self.begun.get((share.parameter, way)) for way in (False, True))
        known = share.parameter in self.emission.layout.homes
        return share.summed is None and not (fixed or share.transposed or begun) and known

    def _neighbours(self, batch: Sequence[tuple[Share, str]], source: str, total: Total) -> None:
        """Terms whose rows lie one below the other, in the sum and among the parameters."""
        layout, first = self.emission.layout, batch[0][0]
        part = Part(tuple(share.parameter for share, _ in batch), first.columns)
        flat = len(self.derivation.shapes[first.parameter]) == 1
        target = part_text(layout, part, "gradients.blocks", flat=flat)
        factors = [
            (self.back.rows(home), Fraction(share.sign) / (self.backward.scale(home) * total.scale))
            for share, home in batch
        ]
        numbers = sorted({factor for _, factor in factors})
        for share, _ in batch:
            self._target(share)
        remark = numbers_text(share.number for share, _ in batch)
        if numbers == [1]:
            self.writer.line(f"np.copyto({target}, {source})", remark)
            return
        scale = f"self.{self.emission.vector(factors, column=not flat)}" if numbers[1:] else ""
        scale = scale or self.variables.number(numbers[0])
        self.writer.line(f"multiply({source}, {scale}, {target})", remark)

    def _share(self, share: Share, source: str, home: str, total: Total) -> None:
        """One term of a gradient, from the rows of a sum."""
        if share.summed is not None:
            self._summed(share, source, home)
            return
        scale = self.backward.scale(home) * total.scale
        factor = Fraction(share.sign) / scale
        if share.operand is not None and share.operand.lag is None:
            self._outer(share, source, factor)
            return
        if share.transposed:
            source += ".T"
        if self.derivation.shapes[share.parameter] == ():
            source += ".sum()"
        target, first = self._target(share)
        if not first:
            sign = "-" if factor < 0 else "+"
            number = "" if abs(factor) == 1 else f"{number_text(abs(factor))} * "
            self._line(f"{target} {sign}= {number}{source}", share.number)
        elif factor == 1:
            self._line(f"np.copyto({target}, {source})", share.number)
        else:
            number = self.variables.number(factor)
            self._line(f"multiply({source}, {number}, {target})", share.number)

    def _target(self, share: Share) -> tuple[str, bool]:
        """A gradient or its part for a stretch of a `concat`; whether nothing stands there yet."""
        target = self._gradient(share.parameter)
        if share.columns is not None:
            start, stop = share.columns
            stretch = slice_text(sum_text(start), sum_text(stop))
            target += f"[{stretch}]" if share.transposed else f"[:, {stretch}]"
        begun = self.begun.setdefault((share.parameter, share.transposed), [])
        other = self.begun.get((share.parameter, not share.transposed))
        first = not other and all(_apart(share.columns, b) for b in begun)
        begun.append(share.columns)
        return target, first

    def _summed(self, share: Share, source: str, home: str) -> None:
        """A term that the adjoint's sum over steps and samples decides."""
        assert share.summed is not None
        scale = 1 / self.backward.scale(home)
        if scale != 1:
            source = f"({self.variables.number(scale)} * {source})"
        text = static_text(share.summed, self._spelling(share.delta, source))
        if self.derivation.shapes[share.parameter] == ():
            text = f"np.sum({text})"
        self._line(f"{self._gradient(share.parameter)} += {text}", share.number)
        self.begun.setdefault((share.parameter, share.transposed), []).append(None)

    def _outer(self, share: Share, source: str, factor: Fraction) -> None:
        """The gradient of a matrix that meets what parameters alone decide."""
        assert share.operand is not None
        operand = self.emission.spelling.local(share.operand.name)
        sides = [operand, source] if share.transposed else [source, operand]
        sign = "-" if factor < 0 else "+"
        number = "" if abs(factor) == 1 else f"{number_text(abs(factor))} * "
        target, _ = self._target(share)
        self._line(f"{target} {sign}= {number}np.outer({', '.join(sides)})", share.number)


def _apart(first: Stretch, second: Stretch) -> bool:
    """Whether two stretches surely have nothing in common: one begins where the other has ended."""
    if first is None or second is None:
        return False
    return _begins(first[0], second[1]) or _begins(second[0], first[1])


def _begins(start: tuple[str, ...], stop: tuple[str, ...]) -> bool:
    return start[: len(stop)] == stop
