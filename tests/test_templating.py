"""Templates are found wherever gatecalc is installed, and a missing value is an error."""

from __future__ import annotations

import subprocess
import sys

import jinja2
import pytest

from gatecalc import templating
from gatecalc.errors import GatecalcError


def test_a_checkout_finds_the_templates_beside_the_package():
    assert templating.folder().name == "templates"
    assert templating.folder().is_dir()


def test_a_wheel_finds_the_templates_inside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "gatecalc"
    (package / "templates").mkdir(parents=True)
    (tmp_path / "site-packages" / "templates").mkdir()  # somebody else's
    monkeypatch.setattr(templating, "__file__", str(package / "templating.py"))
    assert templating.folder() == package / "templates"


def test_lost_templates_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(templating, "__file__", str(tmp_path / "gatecalc" / "templating.py"))
    with pytest.raises(GatecalcError, match="templates of gatecalc are missing"):
        templating.folder()


def test_a_value_that_nobody_gave_is_an_error():
    for kind, text in (("tex", r"\VAR{title}"), ("py", "{{ title }}")):
        with pytest.raises(jinja2.UndefinedError, match="title"):
            templating.environment(kind).from_string(text).render()


def test_braces_percent_and_hash_are_plain_text_in_a_tex_template():
    text = "{{x}} {% y %} {# z #} % c\n\\newcommand{\\a}[1]{#1}\n"
    assert templating.environment("tex").from_string(text).render() == text


def test_tex_templates_have_statements_of_their_own():
    text = "%% for n in numbers\n\\item \\VAR{n}\n%% endfor\n\\#{nobody sees this}\n"
    made = templating.environment("tex").from_string(text).render(numbers=[1, 2])
    assert made == "\\item 1\n\\item 2\n"


def test_jinja_is_imported_only_when_a_template_is_filled():
    code = "import sys, gatecalc.templating; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
