"""Where templates are, and how they are filled: layout lives in `templates/`, decisions in Python.

A wheel carries the folder inside the package; an editable install or a checkout has it beside the
package. The second part of a template's name says which language it writes: `notes.tex.j2`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatecalc.errors import GatecalcError

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIX = ".j2"

_DELIMITERS: dict[str, dict[str, str]] = {
    # Braces, percent and hash signs are TeX's own, so a block is a comment to TeX and a value
    # stands in a command that TeX does not have.
    "tex": {
        "block_start_string": r"\BLOCK{",
        "block_end_string": "}",
        "variable_start_string": r"\VAR{",
        "variable_end_string": "}",
        "comment_start_string": r"\#{",
        "comment_end_string": "}",
        "line_statement_prefix": "%%",
    },
}
"""By language, where Jinja's usual `{{ }}` and `{% %}` would clash with it."""


def folder() -> Path:
    """The folder of templates. Raises GatecalcError where an installation has lost it."""
    package = Path(__file__).resolve().parent
    for found in (package / "templates", package.parent / "templates"):
        if found.is_dir():
            return found
    raise GatecalcError(f"the templates of gatecalc are missing beside or inside {package}")


@cache
def environment(kind: str) -> Environment:
    """The Jinja environment for a language: `tex`, `py`, `html` and the like.

    A name that a template uses and nobody gave is an error. In `tex` templates a value is
    `\\VAR{name}` and a line that begins with `%%` is a statement; elsewhere Jinja's own
    `{{ name }}` and `{% statement %}` hold.

    >>> environment("tex").from_string(r"$\\frac{1}{\\VAR{n}}$").render(n=2)
    '$\\\\frac{1}{2}$'
    """
    # Jinja takes a tenth of a second to import, which `gatecalc --help` should not pay for.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(folder(), encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **_DELIMITERS.get(kind, {}),  # type: ignore[arg-type]
    )


def render(name: str, /, **values: object) -> str:
    """The template of that name, filled: `render("notes.tex.j2", title=...)`.

    The same values give the same text. Raises jinja2.TemplateNotFound, and
    jinja2.UndefinedError for a value that the template wants and did not get.
    """
    kind = name.removesuffix(SUFFIX).rpartition(".")[2]
    return environment(kind).get_template(name).render(**values)
