"""Test functions of two variables, with exact gradients and Hessians and all that is known of their minima."""

from engine.surfaces.catalogue import SURFACES, quadratic_valley
from engine.surfaces.surface import Surface, distance, inside, largest_curvature, mesh

__all__ = ["SURFACES", "Surface", "distance", "inside", "largest_curvature", "mesh", "quadratic_valley"]
