"""What helps: changes of settings, each tried from the same start, and the best of them.

A changed experiment is trained, whole. It is offered only if it ends a fifth lower than the run itself and below what a
constant answer has, or at least no longer diverges where that is the finding. Of several the lowest is offered, those
first that are rid of the finding; where none helps, what was tried is told.

All trials together may take about 0.3 s. Of a longer run two changes are tried at the most, if there is time for them
within 1.5 s.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.diagnostics.course import Course
from engine.diagnostics.measures import activity
from engine.diagnostics.remedies import changing, groups
from engine.diagnostics.runs import LEARNED, run_findings
from engine.diagnostics.verdicts import SEVERITIES, Finding, Remedy, layer_findings
from engine.experiment import OF_DATA, Experiment
from engine.network import Network
from engine.training import Recording, load, network_of, train
from engine.work import Estimate, TooMuchWork, training_work

TIME, FEW, LONGEST = 0.3, 2, 1.5  #: seconds of all trials; and so many trials may take longer, that many seconds
HELPS, LEAST_GAIN = 0.8, 0.01  #: of the run's own loss; and of its reference, by which the loss must be lower
CHECKED = 2  #: of the best trials of which it is looked up whether they are rid of the finding


def treated(recording: Recording, found: Sequence[Finding], progress: Callable | None = None) -> list[Finding]:
    """The findings with what was tried against each, and the best of it; `progress` as in `train`.

    Layers of which the same is found share the remedy of the gravest. The whole run is treated first.
    """
    trials = Trials(recording, found, progress)
    ill = [finding for finding in found if finding.severity != "healthy" and not finding.cause]
    told: dict[tuple[bool, str], dict[str, Any]] = {}
    for finding in sorted(ill, key=lambda one: (one.layer > 0, -SEVERITIES.index(one.severity))):
        kind = finding.layer > 0, finding.word
        if kind not in told:
            told[kind] = trials.against(finding)
    return [each._replace(**told[each.layer > 0, each.word]) if each in ill else each for each in found]


def trials_work(recording: Recording) -> Estimate:
    """What `treated` takes at the most; the runs are kept until all are made."""
    data = recording.data
    one = training_work([recording.experiment], recording.network, len(data.train), len(data.test))
    runs, arrays = max(FEW, TIME / one.seconds), [v for v in vars(recording).values() if isinstance(v, np.ndarray)]
    return Estimate(LONGEST, one.bytes + runs * sum(array.nbytes for array in arrays), one.reduce)


class Trials:
    """Changed experiments, each trained once, as many as there is time for."""

    def __init__(self, recording: Recording, found: Sequence[Finding], progress: Callable | None):
        self.recording, self.found, self.progress = recording, found, progress
        self.reference = Course(recording).reference
        self.spent, self.made = 0.0, 0
        self._kept: dict[Any, Recording | None] = {}

    def against(self, finding: Finding) -> dict[str, Any]:
        """The best `remedy` of the first group of candidates in which one helps, and all that was `tried`."""
        part = "test" if finding.word == "overfitting" else "train"
        tried: list[Remedy] = []
        for group in groups(self.recording, finding, self.found):
            runs = []
            for words, changes in changing(self.recording.experiment, group):
                run = self._run(changes)
                if run is not None and all(changes != remedy.changes for remedy in tried):
                    runs.append((Remedy(words, changes, _end(run, part), _end(self.recording, part), part), run))
            tried += [remedy for remedy, _ in runs]
            helpful = sorted((trial for trial in runs if self._helps(finding, *trial)), key=lambda trial: trial[0].loss)
            if helpful:
                rid = (remedy for remedy, run in helpful[:CHECKED] if finding.word not in _words(run, finding.layer))
                return {"remedy": next(rid, helpful[0][0]), "tried": tuple(tried)}
        return {"remedy": None, "tried": tuple(tried)}

    def _run(self, changes: dict[str, Any]) -> Recording | None:
        """The changed experiment's run; None where there is no time left for it, or the change does nothing."""
        key = tuple(sorted(changes.items()))
        if key not in self._kept:
            self._kept[key] = self._trained(self.recording.experiment.replace(**changes))
        return self._kept[key]

    def _trained(self, experiment: Experiment) -> Recording | None:
        own = self.recording
        same = all(getattr(experiment, key) == getattr(own.experiment, key) for key in OF_DATA)
        data = own.data if same else load(experiment)
        seconds = training_work([experiment], network_of(experiment, data), len(data.train), len(data.test)).seconds
        if type(own.network) is not Network or self.spent + seconds > (LONGEST if self.made < FEW else TIME):
            return None
        self.spent, self.made = self.spent + seconds, self.made + 1
        try:
            run = train(experiment, self.progress, data=data, dtype=own.params.dtype)
        except TooMuchWork:  # for the memory of the host
            return None
        return None if same and np.array_equal(run.params[-1], own.params[-1]) else run

    def _helps(self, finding: Finding, remedy: Remedy, run: Recording) -> bool:
        most = min(HELPS * remedy.instead, remedy.instead - LEAST_GAIN * self.reference)
        if finding.word != "diverging":
            most = min(most, LEARNED * self.reference)
        return bool(remedy.loss <= most) and "diverging" not in _words(run, 0)


def _words(run: Recording, layer: int) -> set[str]:
    """What is found in a run as a whole, or in its layers."""
    return {finding.word for finding in (layer_findings(run, activity(run)) if layer else run_findings(run))}


def _end(recording: Recording, part: str) -> float:
    return float((recording.test_loss if part == "test" else recording.train_loss)[-1])
