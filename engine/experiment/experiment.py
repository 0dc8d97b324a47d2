"""Everything that defines a run, in one frozen description.

An `Experiment` says which data, which network, which loss and which optimizer; `engine.train` turns it into a
`Recording`. Two equal experiments give bitwise equal recordings. The description is also the document: it writes
itself as the parameters of a link (`to_params`, full and explicit, so that a later change of a default cannot change
an old link) and reads itself back (`from_params`, which never raises: what it cannot take it lists in `problems`).
What it takes and cannot use, a momentum beside plain descent, it lists in `ignored`.
"""

import dataclasses
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Self

from engine.datasets import Dataset, Fold
from engine.experiment.catalogue import DEFAULTS, FOLLOWING, KEYS, SETTINGS, USUAL, unused, usual, usual_loss
from engine.experiment.conflicts import conflicts
from engine.experiment.ignored import holdout
from engine.experiment.options import OPTIONS
from engine.experiment.settings import Rejected, Setting, in_code, quoted

VERSION = 1  #: of the link format

_Values = dataclasses.make_dataclass(
    "_Values",
    [(key, Any, None if key in FOLLOWING else default) for key, default in DEFAULTS.items()],
    frozen=True,
    kw_only=True,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment(_Values):
    """One run, fully described by the settings of `SETTINGS`, each an argument and an attribute.

    `loss` left out means the usual loss for the data: binary cross-entropy for two classes, softmax cross-entropy for
    more, squared error for regression; of a table that is still to come it is "auto", until `on` has met the table.
    `samples` left out are 200 of the sets that are drawn, and all of digits and tables. A hyper-parameter left out is
    the optimizer's own: PyTorch's default. Raises `ValueError` naming the argument, the value and what is allowed.

    `problems` are sentences on what a link said and was not taken, or not used.
    """

    problems: tuple[str, ...] = dataclasses.field(default=(), compare=False, repr=False)
    _given: frozenset[str] = dataclasses.field(default=frozenset(), compare=False, repr=False, init=False)

    def __post_init__(self):
        for key in ("data", "optimizer"):
            self._set(key, getattr(self, key), SETTINGS[key])
        declared, expected = SETTINGS | OPTIONS["optimizer"][self.optimizer], usual(self.data, self.optimizer)
        texts = {key: getattr(self, key) for key in FOLLOWING if isinstance(getattr(self, key), str | None)}
        left_out = {key for key, text in texts.items() if text in (None, "", USUAL)}
        for key in KEYS:
            self._set(key, expected[key] if key in left_out else getattr(self, key), declared[key])
        for key, reason, _ in conflicts(self):
            raise ValueError(f"{key}={getattr(self, key)!r} {reason}")
        object.__setattr__(self, "_given", frozenset(KEYS) - left_out)

    def _set(self, key: str, value: Any, setting: Setting) -> None:
        try:
            object.__setattr__(self, key, setting.check(value))
        except Rejected as problem:
            raise ValueError(f"{key}={in_code(value)} {problem}") from None

    @property
    def ignored(self) -> tuple[str, ...]:
        """A sentence on each setting that was given and cannot act beside the others."""
        return tuple(unused(self, self._given).values())

    @property
    def data_seed(self) -> int:
        """The seed of points and split: one of their own, else that of everything."""
        return self.seed if self.dseed is None else self.dseed

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of every hidden layer, in order."""
        return self.act * len(self.arch) if len(self.act) == 1 else self.act

    @property
    def holdout(self) -> float | Fold:
        """What is held back to test on: the share `test`, or a fold of cross-validation."""
        return holdout(self)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """The experiment that a link describes; never raises.

        Unknown names, empty, malformed and out-of-range values fall back to the nearest valid value (the default where
        there is none near), and each is one sentence in `problems`. So is each that cannot act beside the others,
        unless the link is a full one, with `v`, which names them all.
        """
        problems = [f"{quoted(key)} is not a setting; it was ignored" for key in params if key not in (*KEYS, "v")]
        if "v" in params and quoted(params["v"]) != quoted(VERSION):
            problems.append(f"v: {quoted(params['v'])} is not a known version of the link; it was read as {VERSION}")
        chosen = {key: SETTINGS[key].read(params.get(key, DEFAULTS[key]))[0] for key in ("data", "optimizer")}
        expected, declared = usual(**chosen) | chosen, SETTINGS | OPTIONS["optimizer"][chosen["optimizer"]]
        values, mended = dict(expected), set()
        for key in KEYS:
            if key in params:
                values[key], problem = declared[key].read(params[key], values[key])
                if problem:
                    problems.append(f"{key}: {problem}")
                    mended.add(key)
        for key, reason, value in conflicts(SimpleNamespace(**values)):
            said_before = [problem for problem in problems if problem.startswith(f"{key}: ")]
            given = f"{quoted(params[key])} " if said_before and key in params else ""
            problems = [problem for problem in problems if problem not in said_before]
            problems.append(f"{key}: {given}{reason}; {SETTINGS[key].format(value)} is used")
            values[key] = value
            mended.add(key)
        said = {key for key in KEYS if values[key] != expected[key] or (key in params and "v" not in params)}
        if "v" not in params:
            problems += unused(SimpleNamespace(**values), said - mended).values()
        return cls(**chosen | {key: values[key] for key in said}, problems=tuple(problems))

    def to_params(self) -> dict[str, str]:
        """Every setting as text, defaults included, with the version of the link format as `v`."""
        return {key: setting.format(getattr(self, key)) for key, setting in SETTINGS.items()} | {"v": str(VERSION)}

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; what is usual for the data or the optimizer changes along with them."""
        before = usual(self.data, self.optimizer)
        follow = {key: None for key in FOLLOWING if getattr(self, key) == before[key]}
        return dataclasses.replace(self, problems=(), **(follow | changes))

    def on(self, data: Dataset) -> Self:
        """The same experiment where its data are known: a loss that was left to them is the usual one for them."""
        classes = None if data.labels is None else len(data.class_names)
        return self if self.loss != USUAL else self.replace(loss=usual_loss(data.task, classes))
