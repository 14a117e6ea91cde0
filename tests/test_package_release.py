"""What a release says about itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import gatecalc

ROOT = Path(__file__).parents[1]


def test_the_changelog_has_an_entry_for_this_version() -> None:
    versions = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert gatecalc.__version__ in versions


def test_every_tool_that_the_commit_hooks_run_is_installed_with_dev() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dev = " ".join(project["optional-dependencies"]["dev"])
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    names = re.findall(r"name: (\S+)", hooks)
    assert names
    assert all(name in dev for name in names)
