"""Diagnosis of a run: what is measured in each layer, the words for what ails the run and its layers, and what helps.

`diagnose` says it all. Its first half, `findings`, only looks; its second half, `treated`, runs changed experiments and
keeps those that help.
"""

from engine.diagnostics.measures import Activity, activity, update_ratio
from engine.diagnostics.runs import in_context, run_findings
from engine.diagnostics.trials import treated
from engine.diagnostics.verdicts import Finding, Remedy, layer_findings
from engine.training import Recording

__all__ = [
    "Activity",
    "Finding",
    "Remedy",
    "activity",
    "diagnose",
    "findings",
    "layer_findings",
    "run_findings",
    "treated",
    "update_ratio",
]


def findings(recording: Recording, seen: Activity | None = None) -> list[Finding]:
    """What is found in the run as a whole (layer 0, at least one finding), then in each layer; nothing is tried."""
    run = run_findings(recording)
    return [
        *run,
        *in_context(recording, run[0], layer_findings(recording, activity(recording) if seen is None else seen)),
    ]


def diagnose(recording: Recording) -> list[Finding]:
    """What is found in a run and in its layers, each with the remedy that was tried and helps best; None if none does.

    Trying takes about 0.3 s.
    """
    return treated(recording, findings(recording))
