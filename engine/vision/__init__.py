"""Vision: convolutional networks composed block by block, and what can be seen of them.

    blocks          32k3p-64k3p-64k3: what a network is made of, and the network
    enlarged        small images made as large as those that such networks are made for
    feature_maps    what each layer makes of an image; `filters`: what it looks for
    receptive_field what a cell of a map can see; `cell_sum`: its sum, written out; `pool_route`: where gradients go
    saliency        the gradient by the input, and descent on it: `climb`, `fooling_step`
    mistakes        the images that are taken for something else

A layer is known by the number of its signal: 0 is the image, and signal i is what the i-th layer of the network makes
of signal i - 1. An image is an array of the network's input shape, or the same numbers in a row.
"""

from engine.vision.blocks import LESSON_BLOCKS, Block, blocks_of, blocks_text, convolutional, fitting
from engine.vision.cells import CellSum, Field, Route, cell_sum, pool_route, receptive_field
from engine.vision.images import enlarged
from engine.vision.inputs import Climb, FoolingStep, Saliency, climb, fooling_step, saliency
from engine.vision.maps import FeatureMap, feature_maps, filters
from engine.vision.mistakes import Mistakes, mistakes

__all__ = [
    "LESSON_BLOCKS",
    "Block",
    "CellSum",
    "Climb",
    "FeatureMap",
    "Field",
    "FoolingStep",
    "Mistakes",
    "Route",
    "Saliency",
    "blocks_of",
    "blocks_text",
    "cell_sum",
    "climb",
    "convolutional",
    "enlarged",
    "feature_maps",
    "filters",
    "fitting",
    "fooling_step",
    "mistakes",
    "pool_route",
    "receptive_field",
    "saliency",
]
