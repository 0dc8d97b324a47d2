"""Data to learn from: the classic two-dimensional sets, handwritten digits, and tables and images of the user's own.

Each set is drawn from a seed and parted into what is trained on and what is held back, so that the same name, size and
seed give the same points everywhere. `catalogue` lists them all; a table's columns become numbers in `encoding`.
"""

from engine.datasets.catalogue import DATASETS, FEATURES, load, usable_features
from engine.datasets.dataset import DataError, Dataset, Fold
from engine.datasets.encoding import Column, from_columns

__all__ = ["DATASETS", "FEATURES", "Column", "DataError", "Dataset", "Fold", "from_columns", "load", "usable_features"]
