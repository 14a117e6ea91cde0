"""A trace as pages: one for each step, forward and back again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from gatecalc.trace.backward import backward_step, has_adjoints
from gatecalc.trace.forward import forward_step, has_values, heading, once
from gatecalc.trace.gradients import gradients
from gatecalc.trace.overview import gates_over_time, reach
from gatecalc.trace.reader import Reader
from gatecalc.trace.view import View

if TYPE_CHECKING:
    from gatecalc.trace.record import Trace


def pages(trace: Trace, view: View) -> Iterator[list[Text]]:
    """The steps from first to last, then, where asked for, from last to first.

    What belongs to no step goes with the nearest: the heading with the first page, summaries with
    the last of each direction.
    """
    reader = Reader(trace, view)
    steps = view.steps if view.steps is not None else tuple(range(trace.length))
    first = heading(reader)
    stepless = view.forward and not has_values(reader)
    if stepless:
        yield [*first, *once(reader)]
    for position, t in enumerate(steps if view.forward and not stepless else ()):
        page = [*first, *once(reader)] if position == 0 else []
        page += forward_step(reader, t, explained=position == 0)
        if t == steps[-1]:
            page += gates_over_time(reader)
        yield page
    if not view.backward:
        return
    for position, t in enumerate(reversed(steps)):
        page = [*first] if position == 0 and not view.forward else []
        if has_adjoints(reader):
            page += backward_step(reader, t, explained=position == 0)
        if t == steps[0]:
            page += [*reach(reader), *gradients(reader)]
        if page:
            yield page


def split(page: Sequence[Text], height: int | None) -> Iterator[list[Text]]:
    """A page as screens of at most `height` lines, divided between statements.

    A statement that is longer than a screen has one of its own; None is no limit.

    >>> [len(screen) for screen in split([Text(w) for w in ("a", "b", "", "c", "d", "")], 4)]
    [3, 3]
    """
    screen: list[Text] = []
    statement: list[Text] = []
    for line in page:
        statement.append(line)
        if line.plain:
            continue
        if height is not None and screen and len(screen) + len(statement) > height:
            yield screen
            screen = []
        screen, statement = [*screen, *statement], []
    if height is not None and screen and len(screen) + len(statement) > height:
        yield screen
        screen = []
    if last := [*screen, *statement]:
        yield last
