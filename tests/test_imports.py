"""Imports point one way: app.py -> pages/*.py -> pages/common, pages/figures -> engine."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCREEN = {"streamlit", "plotly", "pandas"}
ENGINE = sorted((ROOT / "engine").rglob("*.py"))
FIGURES = sorted((ROOT / "pages" / "figures").rglob("*.py"))
COMMON = sorted((ROOT / "pages" / "common").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))


def name(path):
    return str(path.relative_to(ROOT))


def imported(path):
    """Every module that a file imports, as dotted names: `from a import b` gives a and a.b."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively; imports here are absolute"
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def within(modules, *packages):
    return {module for module in modules if any(f"{module}.".startswith(f"{package}.") for package in packages)}


def page_modules():
    return {f"pages.{path.stem}" for path in PAGES if path.stem != "__init__"}


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_engine_knows_no_screen(path):
    assert not within(imported(path), "pages", "app", *SCREEN)


@pytest.mark.parametrize("path", FIGURES, ids=name)
def test_figures_know_no_streamlit_and_no_page(path):
    assert not within(imported(path), "streamlit", "app", *page_modules())


@pytest.mark.parametrize("path", COMMON, ids=name)
def test_common_knows_no_page(path):
    assert not within(imported(path), "app", *page_modules())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_imports_another(path):
    assert not within(imported(path), "app", *page_modules())


@pytest.mark.parametrize("module", ["theme", "text"])
def test_what_figures_read_knows_no_streamlit(module):
    """Figures import these two, so a figure would know Streamlit through them."""
    assert not within(imported(ROOT / "pages" / "common" / f"{module}.py"), "streamlit")


@pytest.mark.parametrize("path", FIGURES, ids=name)
def test_figures_read_nothing_else_of_common(path):
    common = within(imported(path), "pages.common") - {"pages.common"}
    assert not {module for module in common if module.split(".")[2] not in ("theme", "text")}


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_engine_needs_numpy_and_the_standard_library_only(path):
    roots = {module.split(".")[0] for module in imported(path)}
    assert roots <= {"engine", "numpy", *sys.stdlib_module_names}
