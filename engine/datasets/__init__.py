"""Data to learn from: the classic two-dimensional sets, handwritten digits, and tables and images of the user's own.

Each set is drawn from a seed and parted into what is trained on and what is held back, so that the same name, size and
seed give the same points everywhere. `catalogue` lists them all; a table of texts becomes numbers in `encoding`.
"""

from engine.datasets.catalogue import DATASETS, FEATURES, load, usable_features
from engine.datasets.csv_reader import TableError
from engine.datasets.dataset import Dataset
from engine.datasets.encoding import encode_table
from engine.datasets.tables import Table, read_table

__all__ = [
    "DATASETS",
    "FEATURES",
    "Dataset",
    "Table",
    "TableError",
    "encode_table",
    "load",
    "read_table",
    "usable_features",
]
