"""The history of a run: what is kept of every step, and what of some.

The training loop writes whole rows of parameters and gradients; a chunk of rows is then reduced, in a few calls, to
norms and angles per part, to the rows that are key frames, and to the answer whether every number is finite. Each run
ends at its own step: at the last finite one, or where early stopping says so.
"""

import numpy as np

from engine.cancellation import cancellation_point
from engine.network import Network
from engine.network.parameters import FIXED_KINDS
from engine.training.recording import SERIES
from engine.work.training import FRAME_BYTES

QUANTITIES = ("params", "gradients", "updates")


class History:
    """Series and key frames of all runs, filled chunk by chunk.

    Args:
        network: names the parts.
        runs: leading run axes, () or (R,).
        steps: the planned last step T.
        frames: key frames at the most; fewer where they would pass `FRAME_BYTES`.
        dtype: precision of the key frames.
    """

    def __init__(self, network: Network, runs: tuple[int, ...], steps: int, frames: int, dtype: np.dtype):
        self.layout = network.layout
        self._carried = np.flatnonzero(network.layout.mask(*FIXED_KINDS))
        count, parts = steps + 1, len(self.layout.names)
        self.loss = np.full((count, *runs), np.nan)
        self.norms = {name: np.full((count, *runs, parts), np.nan) for name in SERIES}
        per_frame = 3 * network.size * int(np.prod(runs, dtype=int)) * np.dtype(dtype).itemsize
        frames = max(2, min(frames, count, FRAME_BYTES // per_frame))
        self.frames = np.unique(np.linspace(0, steps, frames).round().astype(int))
        self.whole = len(self.frames) == count  #: whether every step is a key frame
        self._kept = {} if self.whole else rows_of(len(self.frames), runs, network.size, dtype)
        self._tail = {name: np.empty((*runs, network.size), dtype) for name in QUANTITIES}
        self._last = {name: np.empty((*runs, network.size), dtype) for name in QUANTITIES}
        self.ends = np.full(runs, -1)  #: last step of each run, -1 while it goes on

    def adopt(self, rows: dict[str, np.ndarray]) -> None:
        """Where every step is a key frame: the rows that the loop writes, `[T + 1, ..., P]`, are the key frames."""
        self._kept = rows

    def take(self, start: int, loss: np.ndarray, rows: dict[str, np.ndarray], applied: np.ndarray | None) -> None:
        """Take in the steps from `start` on: `loss[C, ...]`, `rows` of each quantity `[C, ..., P]`.

        `applied` are the gradients after the transforms, None where there are none.
        """
        count, gradients = len(loss), rows["gradients"]
        chunk = slice(start, start + count)
        self.loss[chunk] = loss
        lengths = self.norms["gradient_norm"][chunk] = self._lengths(gradients)
        self.norms["applied_norm"][chunk] = lengths if applied is None else self._lengths(applied)
        self.norms["update_norm"][chunk] = self._lengths(rows["updates"])
        self.norms["weight_norm"][chunk] = self._lengths(rows["params"])
        cosines = self.norms["gradient_cosine"][chunk]
        cosines[1:] = self.layout.cosines(gradients[1:], gradients[:-1], (lengths[1:], lengths[:-1]))
        if start:
            before = self.norms["gradient_norm"][start - 1]
            cosines[0] = self.layout.cosines(gradients[0], self._tail["gradients"], (lengths[0], before))
        if not self.whole:
            first, last = np.searchsorted(self.frames, (start, start + count))
            for name, values in rows.items():
                self._kept[name][first:last] = values[self.frames[first:last] - start]

    def _lengths(self, values: np.ndarray) -> np.ndarray:
        """The norm of each part; of a large network it takes a while."""
        cancellation_point()
        return self.layout.norms(values)

    def diverged(self, start: int, rows: dict[str, np.ndarray]) -> np.ndarray:
        """The first of the steps from `start` on with a number that is not finite, or -1, for each run.

        Of what is descended the norms tell; what is only carried, as running averages are, is looked at itself.
        """
        chunk = slice(start, start + len(rows["params"]))
        finite = np.isfinite(self.loss[chunk]) & np.isfinite(rows["params"][..., self._carried]).all(axis=-1)
        for name in ("gradient_norm", "weight_norm"):
            finite &= np.isfinite(self.norms[name][chunk]).all(axis=-1)
        return np.where(finite.all(axis=0), -1, start + np.argmin(finite, axis=0))

    def remember(self, rows: dict[str, np.ndarray]) -> None:
        """Keep the last row of a chunk: a run that breaks in the first step of the next one ends with it."""
        for name, values in rows.items():
            self._tail[name][...] = values[-1]

    def end(self, run: tuple[int, ...], step: int, start: int, rows: dict[str, np.ndarray]) -> None:
        """End one run at `step`, whose state is in `rows` (from step `start` on) or was the last one before them."""
        self.ends[run] = step
        for name, values in rows.items():
            self._last[name][run] = values[(step - start, *run)] if step >= start else self._tail[name][run]

    def cut(self, run: int | None) -> dict[str, np.ndarray]:
        """Everything of one run (None: the only one) up to its end, as the fields of a `Recording`."""
        pick = () if run is None else (run,)
        end = int(self.ends[pick])
        end = len(self.loss) - 1 if end < 0 else end
        kept = slice(0, int(np.searchsorted(self.frames, end, side="right")))
        series = {name: values[(slice(0, end + 1), *pick)] for name, values in self.norms.items()}
        states = {name: values[(kept, *pick)] for name, values in self._kept.items()}
        frames = self.frames[kept]
        if frames[-1] != end:
            frames = np.append(frames, end)
            states = {name: np.concatenate([states[name], self._last[name][pick][None]]) for name in states}
        return {"loss": self.loss[(slice(0, end + 1), *pick)], "frames": frames, **series, **states}

    def frames_within(self, start: int, count: int) -> bool:
        """Whether some of the `count` steps from `start` on are key frames."""
        return bool(np.diff(np.searchsorted(self.frames, (start, start + count)))[0])

    def so_far(self, done: int) -> dict[str, np.ndarray]:
        """Everything of the only run up to the last key frame that is not after step `done`: views, no copies."""
        kept = slice(0, int(np.searchsorted(self.frames, done, side="right")))
        steps = slice(0, int(self.frames[kept][-1]) + 1)
        series = {name: values[steps] for name, values in self.norms.items()}
        states = {name: values[kept] for name, values in self._kept.items()}
        return {"loss": self.loss[steps], "frames": self.frames[kept], **series, **states}


def rows_of(count: int, runs: tuple[int, ...], size: int, dtype: np.dtype) -> dict[str, np.ndarray]:
    """Room for `count` rows `[..., P]` of each quantity."""
    return {name: np.empty((count, *runs, size), dtype) for name in QUANTITIES}
