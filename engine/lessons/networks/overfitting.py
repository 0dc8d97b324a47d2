"""Overfitting: a wide network on few noisy points, what repairs it, and what one split of the data says."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run
from engine.study import folds

GEMAN = Source(
    "Neural networks and the bias/variance dilemma",
    "S. Geman, E. Bienenstock, R. Doursat",
    1992,
    "https://doi.org/10.1162/neco.1992.4.1.1",
)
KROGH = Source(
    "A simple weight decay can improve generalization",
    "A. Krogh, J. Hertz",
    1991,
    "https://papers.nips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
)
BISHOP = Source(
    "Training with noise is equivalent to Tikhonov regularization",
    "C. Bishop",
    1995,
    "https://doi.org/10.1162/neco.1995.7.1.108",
)
PRECHELT = Source("Early stopping: but when?", "L. Prechelt", 1998, "https://doi.org/10.1007/3-540-49430-8_3")
SRIVASTAVA = Source(
    "Dropout: a simple way to prevent neural networks from overfitting",
    "N. Srivastava and others",
    2014,
    "https://jmlr.org/papers/v15/srivastava14a.html",
)
KOHAVI = Source(
    "A study of cross-validation and bootstrap for accuracy estimation and model selection",
    "R. Kohavi",
    1995,
    "https://www.ijcai.org/Proceedings/95-2/Papers/016.pdf",
)


def _tested(**changes: Any) -> Callable[[Params], float]:
    """The loss of the test part at the end, with some settings changed."""
    return lambda params: run(params, **changes).test_loss[-1]


def _trained(params: Params) -> float:
    """The loss of the training part at the end."""
    return run(params).train_loss[-1]


OVERFITTING = Lesson(
    key="overfitting",
    title="Learned by heart",
    chapter=4,
    page="train",
    params={
        "data": "moons",
        "samples": "40",
        "noise": "0.5",
        "test": "0.5",
        "arch": "64-64",
        "act": "relu",
        "init": "he",
        "optimizer": "adam",
        "lr": "0.01",
        "steps": "500",
    },
    system="A wide network on {samples} noisy points, half of them held back to test on.",
    question="The loss on the points that are trained on goes to zero. What does the loss on the others do?",
    choices=(
        "It follows, a little above",
        "It falls first, and then rises far above where it began",
        "It stays where it began",
    ),
    answer=1,
    watch=(
        Look("In the first steps both losses fall.", "history", 3),
        Look("Then they part: one falls to zero, the other rises.", "history", 100),
        Look("The boundary bends round single noisy points.", "learned"),
    ),
    why=(
        "A few thousand weights can go through any twenty points, noise included, and grow more certain with every "
        "step. So the training loss ends at {trained:.4f} and the test loss at {tested:.1f}, though it had been at "
        "{lowest:.2f}. What the network is most sure of is the noise."
    ),
    claims=(
        Claim(
            name="trained",
            words="loss of the training part at the end",
            of=_trained,
            expected=0.0,
            tolerance=0.001,
            source=GEMAN,
        ),
        Claim(
            name="tested",
            words="loss of the test part at the end",
            of=_tested(),
            expected=5.2,
            tolerance=0.5,
            source=HERE,
        ),
        Claim(
            name="lowest",
            words="its lowest value on the way",
            of=lambda params: run(params).test_loss.min(),
            expected=0.62,
            tolerance=0.05,
            source=HERE,
        ),
    ),
    covered=("history", "learned"),
)


def _remedy(name: str, words: str, expected: float, source: Source, **changes: Any) -> Claim:
    """The test loss with a remedy, measured to a fifth."""
    return Claim(
        name=name,
        words=words,
        of=_tested(**changes),
        expected=expected,
        tolerance=0.2,
        relative=True,
        source=source,
    )


REPAIRED = OVERFITTING.replace(
    key="regularised",
    title="Against learning by heart",
    params={"l2": "0.1"},
    system="The same network on the same points, with a penalty on the squares of its weights.",
    question="A penalty on large weights makes the training loss worse. What does it do to the test loss?",
    choices=(
        "It makes that worse as well: less is learned",
        "It makes it much better",
        "Nothing, as the penalty is not in that loss",
    ),
    answer=1,
    watch=(
        Look("The two losses stay together.", "history"),
        Look("The boundary is smooth: going round single points would need large weights.", "learned"),
    ),
    why=(
        "The training loss ends at {trained:.2f} now, the test loss at {tested:.2f}. Other remedies: an L1 penalty "
        "{l1_penalty:.1f}, dropout {silenced:.1f}, stopping early {stopped:.2f}, noise on the inputs {moved:.2f} and, "
        "best of all, more points {more:.2f}. All of them keep the network from being certain about few points."
    ),
    claims=(
        Claim(
            name="trained",
            words="loss of the training part at the end",
            of=_trained,
            expected=0.31,
            tolerance=0.05,
            source=HERE,
        ),
        _remedy("tested", "loss of the test part at the end", 0.5, KROGH),
        _remedy("l1_penalty", "the same with an L1 penalty instead", 1.16, HERE, l2=0.0, l1=0.003),
        _remedy("silenced", "the same with dropout instead", 1.3, SRIVASTAVA, l2=0.0, dropout=0.8),
        _remedy("stopped", "the same when stopped early instead", 0.656, PRECHELT, l2=0.0, patience=5),
        _remedy(
            "moved", "the same with noise on the inputs instead (augmentation)", 0.537, BISHOP, l2=0.0, input_noise=0.6
        ),
        _remedy("more", "the same with twenty-five times as many points instead", 0.415, GEMAN, l2=0.0, samples=1000),
    ),
)


def _over_folds(params: Params) -> np.ndarray:
    """The test accuracy of each of five folds."""
    experiments = folds(run(params).experiment, 5)
    return np.array([run(params, folds=each.folds, fold=each.fold).test_accuracy[-1] for each in experiments])


FOLDS = OVERFITTING.replace(
    key="cross-validation",
    title="What one split says",
    params={"folds": "5", "fold": "3", "test": "0.25"},
    system="The same network; the points in {folds} parts, of which one after the other is held back.",
    question="With few points, how much does the accuracy on the test part depend on which points these are?",
    choices=(
        "Hardly: a few per cent",
        "Very much: from half to all of them right",
        "Not at all, as the network is the same",
    ),
    answer=1,
    watch=(
        Look("This is the part on which the network does worst.", "history"),
        Look("Its test points lie where the classes mix.", "learned"),
    ),
    why=(
        "A part has only eight points, so that one of them is an eighth. Over the {folds} parts the accuracy goes from "
        "{accuracies[2]:.0%} to {accuracies[0]:.0%}, and is {mean:.0%} on average. Cross-validation uses every point "
        "once for testing, and its spread says how much the average is worth."
    ),
    claims=(
        Claim(
            name="accuracies",
            words="share of the test points that are right, part by part",
            of=_over_folds,
            expected=(1.0, 1.0, 0.375, 0.75, 0.75),
            tolerance=0.13,
            source=HERE,
        ),
        Claim(
            name="mean",
            words="their mean",
            of=lambda params: _over_folds(params).mean(),
            expected=0.775,
            tolerance=0.06,
            source=KOHAVI,
        ),
    ),
)

LESSONS = (OVERFITTING, REPAIRED, FOLDS)
