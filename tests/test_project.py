"""The project's own files agree with each other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_community_cloud_installs_what_the_project_needs():
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert listed == PROJECT["dependencies"]


def test_pictures_of_the_readme_are_there_and_small():
    for name in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / name).stat().st_size < 300_000


def test_ci_runs_the_readmes_test_command():
    install, run = re.search(r'(pip install -e "\.\[test\]") && (pytest)', README).groups()
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert install.removeprefix("pip install") in script
    assert re.search(rf"^{run}$", script, re.MULTILINE)


def test_the_readme_lists_every_page():
    for page in (ROOT / "pages").glob("*.py"):
        if page.stem != "__init__":
            assert f"| {page.stem.replace('_', ' ').capitalize()} |" in README
