"""Functions to descend: the classic test functions of two variables, each with its exact gradient and Hessian.

A network's loss has thousands of dimensions and can only be seen in slices. These functions have two, so the
whole landscape is on the screen: Rosenbrock's curved valley, the wells of Rastrigin, a saddle, a plateau.

A `Surface` is made of two functions of the coordinates (engine.surfaces.functions writes them out, formula by formula),

    slopes(x, y)      ->  f, ∂f/∂x, ∂f/∂y
    curvatures(x, y)  ->  ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y²

and offers them on points `xy: [..., 2]` with any leading run axes: one start, a race of eight or a grid of
10,000 is the same call, and gives the same numbers as a loop. The Hessian [[f_xx, f_xy], [f_xy, f_yy]] makes
2/λmax, the largest stable step of gradient descent, known at every point. Far outside its domain a function
overflows to inf or NaN without a warning, so that a diverging run can be shown as what it is.

Formulas, domains and minima: Jamil and Yang, "A literature survey of benchmark functions for global
optimisation problems" (2013); Surjanovic and Bingham, "Virtual Library of Simulation Experiments".
"""

import math

from engine.surfaces import functions
from engine.surfaces.surface import Surface


def quadratic_valley(kappa: float = 10.0, angle: float = 0.0) -> Surface:
    """½(u² + κv²) along turned axes (u, v): the one surface where everything is known in closed form.

    Its Hessian has the eigenvalues 1 and κ everywhere: gradient descent is stable below 2/max(1, κ) and
    fastest at 2/(1+κ). Turning the valley (its start turns along) changes nothing for gradient descent, and
    much for Adam.

    Args:
        kappa: the ratio κ of the two curvatures, finite and above 0.
        angle: of the u axis against the x axis, counter-clockwise, in radians; finite.

    Raises:
        ValueError: kappa or angle outside these ranges.
    """
    kappa, angle = float(kappa), float(angle)
    if not 0 < kappa < math.inf:
        raise ValueError(f"kappa must be a finite number above 0, got {kappa}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be a finite number of radians, got {angle}")
    c, s = math.cos(angle), math.sin(angle)

    def slopes(x, y):
        u, v = c * x + s * y, c * y - s * x
        w = kappa * v
        return 0.5 * (u * u + v * w), c * u - s * w, s * u + c * w

    u, v = (rf"({c:.4g}\,x {s:+.4g}\,y)", rf"({c:.4g}\,y {-s:+.4g}\,x)") if angle else ("x", "y")
    return Surface(
        name="quadratic_valley",
        title="Quadratic valley",
        formula=rf"\tfrac{{1}}{{2}}\left({u}^2 + {kappa:.10g}\,{v}^2\right)",
        slopes=slopes,
        curvatures=functions.constant_curvatures(c * c + kappa * s * s, (1 - kappa) * c * s, s * s + kappa * c * c),
        domain=_square(2),
        start=(-1.6 * c - 0.8 * s, 0.8 * c - 1.6 * s),
        minima=[(0, 0)],
        minimum=0.0,
    )


def _square(half):
    return ((-half, half), (-half, half))


def _classic(name, title, formula, domain, start, minima, minimum, curvatures=None):
    slopes, curvatures = getattr(functions, name), curvatures or getattr(functions, f"{name}_curvatures")
    return Surface(name, title, formula, slopes, curvatures, domain, start, minima, float(minimum))


_HIMMELBLAU_ZEROS = [
    (3, 2),
    (-2.805118086952745, 3.131312518250573),
    (-3.779310253377747, -3.2831859912861696),
    (3.5844283403304917, -1.8481265269644036),
]
_CAMEL_MINIMA = [(0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)]
_STYBLINSKI_MINIMUM = (-2.903534027771177, -2.903534027771177)

# fmt: off
_CLASSICS = (  # name, title, formula; domain, start, minima, minimum
    _classic("rosenbrock", "Rosenbrock", r"(1-x)^2 + 100\,(y-x^2)^2",
             ((-2, 2), (-1, 3)), (-1.2, 1), [(1, 1)], 0),
    _classic("himmelblau", "Himmelblau", r"(x^2+y-11)^2 + (x+y^2-7)^2",
             _square(5), (0, -1), _HIMMELBLAU_ZEROS, 0),
    _classic("beale", "Beale", r"(1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2",
             _square(4.5), (1, 1), [(3, 0.5)], 0),
    _classic("booth", "Booth", r"(x+2y-7)^2 + (2x+y-5)^2",
             _square(10), (-8, -4), [(1, 3)], 0, functions.constant_curvatures(10, 8, 10)),
    _classic("matyas", "Matyas", r"0.26\,(x^2+y^2) - 0.48\,xy",
             _square(10), (-9, -4), [(0, 0)], 0, functions.constant_curvatures(0.52, -0.48, 0.52)),
    _classic("rastrigin", "Rastrigin", r"20 + x^2 - 10\cos 2\pi x + y^2 - 10\cos 2\pi y",
             _square(5.12), (-2, 3.5), [(0, 0)], 0),
    _classic("ackley", "Ackley",
             r"-20\,e^{-0.2\sqrt{\frac12(x^2+y^2)}} - e^{\frac12(\cos 2\pi x+\cos 2\pi y)} + e + 20",
             _square(5), (-3.4, 2.6), [(0, 0)], 0),
    _classic("styblinski_tang", "Styblinski–Tang", r"\tfrac12\left(x^4-16x^2+5x + y^4-16y^2+5y\right)",
             _square(5), (1, -1), [_STYBLINSKI_MINIMUM], -78.33233140754282),
    _classic("three_hump_camel", "Three-hump camel", r"2x^2 - 1.05x^4 + \tfrac16x^6 + xy + y^2",
             _square(5), (-2, -1.5), [(0, 0)], 0),
    _classic("six_hump_camel", "Six-hump camel",
             r"\left(4-2.1x^2+\tfrac13x^4\right)x^2 + xy + (4y^2-4)\,y^2",
             ((-3, 3), (-2, 2)), (-1.2, 0.2), _CAMEL_MINIMA, -1.0316284534898774),
    _classic("goldstein_price", "Goldstein–Price",
             r"\left[1+(x+y+1)^2(19-14x+3x^2-14y+6xy+3y^2)\right]"
             r"\left[30+(2x-3y)^2(18-32x+12x^2+48y-36xy+27y^2)\right]",
             _square(2), (-0.5, 0.25), [(0, -1)], 3),
    _classic("easom", "Easom", r"-\cos x\,\cos y\;e^{-(x-\pi)^2-(y-\pi)^2}",
             _square(10), (1.7, 4.2), [(math.pi, math.pi)], -1),
    _classic("griewank", "Griewank", r"1 + \tfrac1{4000}(x^2+y^2) - \cos x\,\cos\tfrac{y}{\sqrt2}",
             _square(10), (-5, 7), [(0, 0)], 0),
    _classic("levi13", "Lévi 13", r"\sin^2 3\pi x + (x-1)^2(1+\sin^2 3\pi y) + (y-1)^2(1+\sin^2 2\pi y)",
             _square(10), (-4, 3), [(1, 1)], 0),
    _classic("saddle", "Saddle", "x^2 - y^2",
             _square(2), (-1.5, 0.001), (), -math.inf, functions.constant_curvatures(2, 0, -2)),
    _classic("monkey_saddle", "Monkey saddle", "x^3 - 3xy^2",
             _square(1.5), (1.2, 0.001), (), -math.inf),
)
# fmt: on

SURFACES: dict[str, Surface] = {surface.name: surface for surface in (*_CLASSICS, quadratic_valley())}
