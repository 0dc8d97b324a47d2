"""What a lesson is: one question about one run, and the claims that its answer rests on.

A learner sees the `question` and its `choices` before anything else, while the charts named in `covered` are hidden.
After an answer the run plays; `watch` points at a chart and a step, one sentence at a time; then come the claims,
measured beside expected, then `why`, then the `next` lesson. `params` is the state all of this happens in.

Numbers in texts are filled in (`Lesson.fill`), never typed: a field in braces names a setting of `params`, `{steps}`,
or a claim, `{loss:.3f}`, `{ends[0]:.2f}`. So a text cannot say what the engine does not.

A claim measures the state of its own lesson. A lesson made from another by `replace` with other `params` has the same
claims about the new state, and those that no longer hold there fail.
"""

import dataclasses
import string
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np

from engine.experiment import KEYS, Experiment

Params = Mapping[str, str]  #: a state, as a link has it: settings of the experiment and of the page


class Source(NamedTuple):
    """Where an expected value is from: a publication, or a closed form, which has only a title."""

    title: str
    author: str = ""
    year: int | None = None
    url: str = ""

    def __str__(self) -> str:
        return ", ".join(str(part) for part in (self.author, self.title, self.year) if part)


#: Of numbers that no theory gives: a change of the engine that moves them has to say so.
HERE = Source("Measured here when the lesson was written")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Claim:
    """A fact about a state that the engine measures.

    Attributes:
        name: its field in the texts of the lesson, a Python name that is no setting.
        words: what is measured, in plain words that fit beside a number: "loss after the last step".
        of: `of(params)` measures it: a number, or an array for several numbers at once.
        expected: the number, or a tuple of as many as are measured.
        tolerance: how far off the measured value may be, as a share of the expected one where `relative`, else as is.
        source: where `expected` comes from.
        quick: whether measuring takes less than 2 seconds of one core.
        draw: whether it depends on random numbers. What is measured is then one value for each of several seeds, along
            the first axis, and the claim is that the expected value lies within their range, widened by `tolerance`.
        miss: why the expected value is missed, where it honestly is; empty for all others.
        params: the state, set by the lesson it belongs to.
    """

    name: str
    words: str
    of: Callable[[Params], Any]
    expected: float | tuple[float, ...]
    tolerance: float
    source: Source
    relative: bool = False
    quick: bool = True
    draw: bool = False
    miss: str = ""
    params: Params = dataclasses.field(default_factory=dict)

    def measure(self) -> np.ndarray:
        """The value, shaped as `expected`, with an axis of seeds before it for a draw; computed once per process."""
        return self._measured

    @cached_property
    def _measured(self) -> np.ndarray:
        value = np.array(self.of(self.params), dtype=np.float64)
        value.flags.writeable = False
        return value

    @property
    def measured(self) -> bool:
        """Whether it has been measured already, so that `measure` takes no time."""
        return "_measured" in vars(self)

    def range(self, value: Any) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and the largest value over the seeds of a draw; twice the value for all others."""
        value = np.asarray(value, dtype=np.float64)
        return (value.min(axis=0), value.max(axis=0)) if self.draw else (value, value)

    def holds(self, value: Any) -> bool:
        """Whether a value agrees with the expected one; what is not finite never does.

        Raises ValueError where the value has another shape than the expected one.
        """
        expected, (low, high) = np.asarray(self.expected, dtype=np.float64), self.range(value)
        if low.shape != expected.shape:
            raise ValueError(f"{self.name}: a value of shape {low.shape} was measured where {expected.shape} is needed")
        room = self.tolerance * (np.abs(expected) if self.relative else 1.0)
        return bool(((low - room <= expected) & (expected <= high + room)).all())


class Look(NamedTuple):
    """One thing to watch: a sentence, the chart it is about, and the step at which the player then rests.

    `chart` is the name of a chart on the page of the lesson; `at` is as in the link, None for the last step: a step of
    the run, except on Backprop, where it counts the stages of one update, and on the signals of Depth, where it counts
    layers, forward and then back.
    """

    sentence: str
    chart: str
    at: int | None = None


class Chapter(NamedTuple):
    """A chapter of lessons."""

    number: int
    title: str
    sentence: str


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """One lesson.

    Attributes:
        key: its name in `LESSONS` and in links; never changes.
        title: for people.
        chapter: a number of `CHAPTERS`.
        page: the file name of the page that it opens, such as "train".
        params: the state it opens there, with settings of the experiment and of the page, as texts.
        system: what is looked at, in one sentence.
        question: to be answered before anything is shown.
        choices: 2 to 4 answers.
        answer: the index of the right one.
        watch: what to look at, in this order.
        why: two or three sentences.
        claims: what is measured; `params` are handed on to them.
        covered: charts of the page that stay covered until the learner has answered.
        next: key of the lesson after this one; empty: the one that follows in `LESSONS`.

    Raises ValueError where the parts do not fit together: an answer that is no choice, a field that names nothing.
    """

    key: str
    title: str
    chapter: int
    page: str
    params: Params
    system: str
    question: str
    choices: tuple[str, ...]
    answer: int
    watch: tuple[Look, ...]
    why: str
    claims: tuple[Claim, ...]
    covered: tuple[str, ...] = ()
    next: str = ""

    def __post_init__(self):
        claims = tuple(dataclasses.replace(claim, params=self.params) for claim in self.claims)
        object.__setattr__(self, "claims", claims)
        if not (2 <= len(self.choices) <= 4 and 0 <= self.answer < len(self.choices)):
            raise ValueError(f"{self.key}: answer={self.answer} must be one of 2 to 4 choices, not {len(self.choices)}")
        names = [claim.name for claim in claims]
        if len(names) != len({*names, *self.params}) - len(self.params):
            raise ValueError(f"{self.key}: the claims {', '.join(names)} must differ from each other and from settings")
        for text in self.texts:
            if unknown := fields(text) - {*names, *self.params}:
                raise ValueError(f"{self.key}: {', '.join(sorted(unknown))} is neither a setting nor a claim: {text!r}")

    def replace(self, **changes: Any) -> Self:
        """A lesson that inherits from this one: everything that is not given stays; `params` are added to these."""
        params = {**self.params, **changes.pop("params", {})}
        return dataclasses.replace(self, params=params, **changes)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text with fields to fill, in the order of the screen."""
        looks, words = (look.sentence for look in self.watch), (claim.words for claim in self.claims)
        return (self.system, self.question, *self.choices, *looks, *words, self.why)

    @property
    def experiment(self) -> Experiment:
        """The experiment of the sidebar in this state."""
        return experiment_of(self.params)

    @property
    def quick(self) -> bool:
        """Whether all claims together are measured while one waits."""
        return all(claim.quick for claim in self.claims)

    def fill(self, text: str) -> str:
        """A text of this lesson with its numbers; measures what it names, and leaves … for what would take long.

        What takes long is filled in once it has been measured.
        """
        wanted, values = fields(text), dict(self.params)
        for claim in self.claims:
            if claim.name in wanted:
                values[claim.name] = claim.measure() if claim.quick or claim.measured else _PENDING
        return text.format_map(values)


class _Pending:
    """Stands for a number that is not known yet, whatever its format."""

    def __format__(self, spec: str) -> str:
        return "…"

    def __getitem__(self, index: int) -> Self:
        return self


_PENDING = _Pending()


def fields(text: str) -> set[str]:
    """The names in the fields of a text: {"loss"} of "{loss:.3f} at first"."""
    found = (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
    return {field.partition("[")[0] for field in found}


def experiment_of(params: Params) -> Experiment:
    """The experiment that a state describes, without the settings of its page."""
    return Experiment.from_params({key: text for key, text in params.items() if key in (*KEYS, "v")})
