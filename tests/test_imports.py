"""Imports point one way: app.py -> pages/*.py -> pages/sections -> pages/common, pages/figures -> engine."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCREEN = {"streamlit", "plotly", "pandas"}
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")
ENGINE, FIGURES, COMMON, SECTIONS = (
    sorted((ROOT / folder).rglob("*.py")) for folder in ("engine", "pages/figures", "pages/common", "pages/sections")
)
SHOWN = [*PAGES, *FIGURES, *COMMON, *SECTIONS, ROOT / "app.py"]
FOR_FIGURES = ("theme", "text", "ticks")  #: what they read of common


def name(path):
    return str(path.relative_to(ROOT))


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
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
    return {module_of(path) for path in PAGES}


def pages_behind(path):
    """The pages for whose sake a module is imported: a page, a section's page, or those of what imports it; app.py."""
    seen, waiting, found = set(), [path], set()
    while waiting:
        wanted = module_of(waiting.pop())
        for user in SHOWN:
            if user in seen or wanted not in imported(user):
                continue
            seen.add(user)
            if user in PAGES or user.name == "app.py":
                found.add(user.stem)
            elif user in SECTIONS or user.parent.parent == ROOT / "pages" / "figures":
                found.add(user.parent.name)
            else:
                waiting.append(user)
    return found


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_engine_knows_no_screen(path):
    assert not within(imported(path), "pages", "app", *SCREEN)


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_engine_needs_numpy_and_the_standard_library_only(path):
    roots = {module.split(".")[0] for module in imported(path)}
    assert roots <= {"engine", "numpy", *sys.stdlib_module_names}


@pytest.mark.parametrize("path", FIGURES, ids=name)
def test_figures_know_no_streamlit_no_page_and_no_section(path):
    assert not within(imported(path), "streamlit", "app", "pages.sections", *page_modules())


@pytest.mark.parametrize("path", FIGURES, ids=name)
def test_figures_read_nothing_else_of_common(path):
    common = within(imported(path), "pages.common") - {"pages.common"}
    assert not {module for module in common if module.split(".")[2] not in FOR_FIGURES}


@pytest.mark.parametrize("module", FOR_FIGURES)
def test_what_figures_read_knows_no_streamlit(module):
    """Figures import these, so a figure would know Streamlit through them."""
    assert not within(imported(ROOT / "pages" / "common" / f"{module}.py"), "streamlit")


@pytest.mark.parametrize("path", COMMON, ids=name)
def test_common_knows_no_page_and_no_section(path):
    assert not within(imported(path), "app", "pages.sections", *page_modules())


@pytest.mark.parametrize("path", [path for path in COMMON if path.stem != "__init__"], ids=name)
def test_common_serves_more_than_one_page(path):
    """What one page alone needs stands in its section. Whatever app.py shows stands round every page."""
    behind = pages_behind(path)
    assert "app" in behind or len(behind) > 1, f"only {behind or 'nobody'} needs it"


@pytest.mark.parametrize("path", SECTIONS, ids=name)
def test_a_section_imports_no_other(path):
    others = within(imported(path), "app", "pages.sections", *page_modules()) - {"pages.sections"}
    assert not others - within(others, f"pages.sections.{path.parent.name}")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_imports_no_other_and_its_own_section_only(path):
    others = within(imported(path), "app", "pages.sections", "pages.figures", *page_modules())
    own = within(others, f"pages.sections.{path.stem}", f"pages.figures.{path.stem}")
    shared = {module for module in others if module in map(module_of, FIGURES) and module.count(".") == 2}
    rest = others - own - shared - {"pages.sections", "pages.figures"}
    assert not {module for module in rest if (ROOT / module.replace(".", "/")).is_dir() or module in page_modules()}


@pytest.mark.parametrize("path", SECTIONS, ids=name)
def test_a_section_belongs_to_a_page(path):
    assert path.parent == ROOT / "pages" / "sections" or path.parent.name in {page.stem for page in PAGES}
