"""Digesting a history: what is kept of every step, and what of some.

The training loop writes whole rows of parameters and gradients; a chunk of rows is then reduced, in a few calls, to
norms per part, to the rows that are key frames, and to the answer whether every number is finite. Each run ends at its
own step: at the last finite one, or where early stopping says so.
"""

import numpy as np

from engine.network import Network
from engine.recording import FRAME_BYTES

QUANTITIES = ("params", "gradients", "updates")


class Digest:
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
        count = steps + 1
        parts = len(self.layout.names)
        self.loss = np.full((count, *runs), np.nan)
        self.norms = {
            name: np.full((count, *runs, parts), np.nan)
            for name in ("gradient_norm", "applied_norm", "update_norm", "weight_norm")
        }
        per_frame = 3 * network.size * int(np.prod(runs, dtype=int)) * np.dtype(dtype).itemsize
        frames = max(2, min(frames, count, FRAME_BYTES // per_frame))
        self.frames = np.unique(np.linspace(0, steps, frames).round().astype(int))
        self._kept = {name: np.empty((len(self.frames), *runs, network.size), dtype) for name in QUANTITIES}
        self._tail = {name: np.empty((*runs, network.size), dtype) for name in QUANTITIES}
        self._last = {name: np.empty((*runs, network.size), dtype) for name in QUANTITIES}
        self.ends = np.full(runs, -1)  #: last step of each run, -1 while it goes on

    def take(
        self,
        start: int,
        loss: np.ndarray,
        params: np.ndarray,
        gradients: np.ndarray,
        applied: np.ndarray | None,
    ) -> None:
        """Digest steps start .. start + C - 1: `loss[C, ...]`, `params[C + 1, ..., P]`, `gradients[C, ..., P]`."""
        count = len(loss)
        rows = {"params": params[:-1], "gradients": gradients, "updates": params[1:] - params[:-1]}
        chunk = slice(start, start + count)
        self.loss[chunk] = loss
        self.norms["gradient_norm"][chunk] = self.layout.norms(gradients)
        unchanged = self.norms["gradient_norm"][chunk]
        self.norms["applied_norm"][chunk] = unchanged if applied is None else self.layout.norms(applied)
        self.norms["update_norm"][chunk] = self.layout.norms(rows["updates"])
        self.norms["weight_norm"][chunk] = self.layout.norms(rows["params"])
        which = np.flatnonzero((self.frames >= start) & (self.frames < start + count))
        for name, values in rows.items():
            self._kept[name][which] = values[self.frames[which] - start]

    def diverged(self, run: tuple[int, ...], start: int, count: int) -> int | None:
        """The first of the steps start .. start + count - 1 at which a number of this run is not finite, if any."""
        chunk = (slice(start, start + count), *run)
        finite = np.isfinite(self.loss[chunk])
        for name in ("gradient_norm", "weight_norm"):
            finite &= np.isfinite(self.norms[name][chunk]).all(axis=-1)
        return None if finite.all() else start + int(np.argmin(finite))

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
        kept = np.flatnonzero(self.frames <= end)
        series = {name: values[(slice(0, end + 1), *pick)] for name, values in self.norms.items()}
        states = {name: values[(kept, *pick)] for name, values in self._kept.items()}
        frames = self.frames[kept]
        if frames[-1] != end:
            frames = np.append(frames, end)
            states = {name: np.concatenate([states[name], self._last[name][pick][None]]) for name in states}
        return {"loss": self.loss[(slice(0, end + 1), *pick)], "frames": frames, **series, **states}
