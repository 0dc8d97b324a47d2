"""The project's own files agree with each other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = WHOLE["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_community_cloud_installs_what_the_project_needs():
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert listed == PROJECT["dependencies"]


def test_pictures_of_the_readme_are_there_and_small():
    for name in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / name).stat().st_size < 300_000


def test_an_installed_copy_has_every_file_that_is_read():
    """What lies beside the modules is installed with them; the pictures of the README are not."""
    patterns = WHOLE["tool"]["setuptools"]["package-data"]
    for path in (path for top in ("engine", "pages") for path in (ROOT / top).rglob("*.*")):
        where = path.relative_to(ROOT)
        if path.suffix in (".py", ".pyc") or where.as_posix() in README:
            continue
        installed = [*patterns["*"], *patterns.get(".".join(where.parent.parts), ())]
        assert any(where.match(pattern) for pattern in installed), where
        assert (path.parent / "__init__.py").exists(), where


def test_ci_runs_the_readmes_test_command():
    install, run = re.search(r'(pip install -e "\.\[test\]") && (pytest)', README).groups()
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert install.removeprefix("pip install") in script
    assert re.search(rf"^{run}$", script, re.MULTILINE)


def test_the_readme_lists_every_page():
    for page in (ROOT / "pages").glob("*.py"):
        if page.stem != "__init__":
            assert f"| {page.stem.replace('_', ' ').capitalize()} |" in README
