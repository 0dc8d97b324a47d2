"""One more of each kind: what is written in one place, and entered in one registry, is found everywhere.

In a copy of the app something made up is added, as by a stranger who knows of nothing else: a file or a function of its
own, and its entry in the registry. What must then be found in the link, in the sidebar and where it shows is in
`additions/checks.py`, which runs in the copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MADE_UP = ROOT / "tests" / "additions"
SOFT = r'    _row("soft", "Soft", r"\frac{z}{1 + |z|}", soft, soft_derivative, 2.2, span=(-1, 1)),'
TROUGH = r'    _classic("trough", "Trough", r"\tfrac14(x^2+2y^2)^2 + x^2 + y^2", _square(2), (1.5, 1), [(0, 0)], 0),'

#: For each kind where it is written, its registry, and what is entered there before what.
ADDITIONS = {
    "Optimizer": (
        "engine/optimizers/soft_sign.py",
        "engine/optimizers/__init__.py",
        {
            "\nOPTIMIZERS = {": "from engine.optimizers.soft_sign import SoftSign\n",
            '    "lbfgs": LBFGS': '    "soft_sign": SoftSign,\n',
        },
    ),
    "Activation": ("engine/activations.py", "engine/activations.py", {'    _row("sin"': f"{SOFT}\n"}),
    "Loss": (
        "engine/losses/pinball.py",
        "engine/losses/__init__.py",
        {"\nLOSSES: ": "from engine.losses.pinball import pinball\n", "*CLASS_LOSSES)}": "pinball(), "},
    ),
    "Schedule": (
        "engine/schedules/inverse.py",
        "engine/schedules/__init__.py",
        {"\n__all__": "from engine.schedules.inverse import INVERSE\n", "PLATEAU)}": "INVERSE, "},
    ),
    "Dataset": (
        "engine/datasets/synthetic.py",
        "engine/datasets/catalogue.py",
        {"        _numbers(generators.line,": '        _classes(generators.stripes, "Stripes", "Upright stripes."),\n'},
    ),
    "Surface": (
        "engine/surfaces/functions.py",
        "engine/surfaces/catalogue.py",
        {'    _classic("saddle"': f"{TROUGH}\n"},
    ),
    "Lesson": (
        "engine/lessons/descent/four_steps.py",
        "engine/lessons/descent/__init__.py",
        {
            "\n_PARTS = ": "\nfrom engine.lessons.descent import four_steps\n",
            "learning_rates, searches,": "four_steps, ",
        },
    ),
}


@pytest.mark.parametrize("kind", ADDITIONS)
def test_one_more_is_found_everywhere(kind, tmp_path):
    for part in ("engine", "pages", ".streamlit"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("*.png"))  # compiled as it is
    for file in (ROOT / "app.py", MADE_UP / "checks.py"):
        shutil.copy(file, tmp_path)
    home, registry, entries = ADDITIONS[kind]
    source = (MADE_UP / f"{kind.lower()}.py").read_text(encoding="utf-8")
    if home == registry:
        entries = {"\n\ndef _row(": source} | entries
    else:
        with (tmp_path / home).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{source}")
    text = (tmp_path / registry).read_text(encoding="utf-8")
    for place, entry in entries.items():
        assert text.count(place) == 1, f"{registry} has {place!r} {text.count(place)} times"
        text = text.replace(place, entry + place)
    (tmp_path / registry).write_text(text, encoding="utf-8")
    chosen = ["checks.py::test_these_are_the_copies", f"checks.py::Test{kind}"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    here = os.environ | {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(command, cwd=tmp_path, env=here, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:]
