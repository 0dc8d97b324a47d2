"""The formulas behind `engine.surfaces.catalogue`: each test function with its slopes and its curvatures beside it.

    name(x, y)             ->  f, ∂f/∂x, ∂f/∂y
    name_curvatures(x, y)  ->  ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y²

x and y are floating arrays (or scalars) of one shape; each result is an array of that shape, or one number
where it is the same everywhere. f and its slopes share their terms (the a of a² is the a of 2a a'), which is
why they are computed together. Products are written out: `x * x * x` takes a hundredth of the time of `x**3`.
Complex x or y give complex-step derivatives. `Surface` in engine.surfaces.catalogue keeps overflow silent.
"""

import math

import numpy as np

PI, TAU, ROOT2 = math.pi, math.tau, math.sqrt(2)


def constant_curvatures(fxx, fxy, fyy):
    """Second derivatives of a quadratic: the same at every point."""
    return lambda _x, _y: (fxx, fxy, fyy)


def rosenbrock(x, y):
    """(1-x)² + 100(y-x²)²."""
    r = y - x * x
    return (1 - x) * (1 - x) + 100 * (r * r), 2 * (x - 1) - 400 * (x * r), 200 * r


def rosenbrock_curvatures(x, y):
    """Second derivatives of `rosenbrock`."""
    return 2 - 400 * y + 1200 * (x * x), -400 * x, 200


def himmelblau(x, y):
    """(x²+y-11)² + (x+y²-7)²."""
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b, 4 * (x * a) + 2 * b, 2 * a + 4 * (y * b)


def himmelblau_curvatures(x, y):
    """Second derivatives of `himmelblau`."""
    return 12 * (x * x) + 4 * y - 42, 4 * (x + y), 12 * (y * y) + 4 * x - 26


def beale(x, y):
    """(1.5-x+xy)² + (2.25-x+xy²)² + (2.625-x+xy³)²."""
    p = y * y
    q = p * y
    a, b, c = 1.5 + x * (y - 1), 2.25 + x * (p - 1), 2.625 + x * (q - 1)
    fx = 2 * (a * (y - 1) + b * (p - 1) + c * (q - 1))
    return a * a + b * b + c * c, fx, 2 * (x * (a + 2 * (y * b) + 3 * (p * c)))


def beale_curvatures(x, y):
    """Second derivatives of `beale`."""
    p = y * y
    q = p * y
    u, v, w = y - 1, p - 1, q - 1
    a, b, c = 1.5 + x * u, 2.25 + x * v, 2.625 + x * w
    fxy = a + 2 * (y * b) + 3 * (p * c) + x * (u + 2 * (y * v) + 3 * (p * w))
    fyy = x * (x * (1 + 4 * p + 9 * (p * p)) + 2 * b + 6 * (y * c))
    return 2 * (u * u + v * v + w * w), 2 * fxy, 2 * fyy


def booth(x, y):
    """(x+2y-7)² + (2x+y-5)²."""
    a, b = x + 2 * y - 7, 2 * x + y - 5
    return a * a + b * b, 2 * a + 4 * b, 4 * a + 2 * b


def matyas(x, y):
    """0.26(x²+y²) - 0.48xy."""
    return 0.26 * (x * x + y * y) - 0.48 * (x * y), 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x


def rastrigin(x, y):
    """20 + x² - 10 cos 2πx + y² - 10 cos 2πy."""
    a, b = TAU * x, TAU * y
    f = 20 + (x * x - 10 * np.cos(a)) + (y * y - 10 * np.cos(b))
    return f, 2 * x + 20 * PI * np.sin(a), 2 * y + 20 * PI * np.sin(b)


def rastrigin_curvatures(x, y):
    """Second derivatives of `rastrigin`."""
    return 2 + 40 * PI**2 * np.cos(TAU * x), 0, 2 + 40 * PI**2 * np.cos(TAU * y)


def ackley(x, y):
    """-20 exp(-ρ/5) - exp(½(cos 2πx + cos 2πy)) + e + 20 with ρ = √(½(x²+y²)): a cone with ripples.

    At its tip, the minimum, the cone has no slope and no curvature; both are taken as 0 there, as for |x|.
    """
    a, b = TAU * x, TAU * y
    rho = np.sqrt(0.5 * (x * x + y * y))
    p, q = np.exp(-0.2 * rho), np.exp(0.5 * (np.cos(a) + np.cos(b)))
    cone, ripple = 2 * p / np.where(rho == 0, math.inf, rho), PI * q
    return (20 - 20 * p) + (math.e - q), cone * x + ripple * np.sin(a), cone * y + ripple * np.sin(b)


def ackley_curvatures(x, y):
    """Second derivatives of `ackley`."""
    sx, cx, sy, cy = np.sin(TAU * x), np.cos(TAU * x), np.sin(TAU * y), np.cos(TAU * y)
    rho = np.sqrt(0.5 * (x * x + y * y))
    p, ripple = np.exp(-0.2 * rho), PI**2 * np.exp(0.5 * (cx + cy))
    rho = np.where(rho == 0, math.inf, rho)
    u, v = x / rho, y / rho
    fxx = p * ((2 - u * u) / rho - 0.2 * (u * u)) + ripple * (2 * cx - sx * sx)
    fyy = p * ((2 - v * v) / rho - 0.2 * (v * v)) + ripple * (2 * cy - sy * sy)
    return fxx, -p * (u * v) * (1 / rho + 0.2) - ripple * (sx * sy), fyy


def styblinski_tang(x, y):
    """½(x⁴-16x²+5x + y⁴-16y²+5y)."""
    a, b = x * x, y * y
    f = 0.5 * ((a * a - 16 * a + 5 * x) + (b * b - 16 * b + 5 * y))
    return f, 2 * (a * x) - 16 * x + 2.5, 2 * (b * y) - 16 * y + 2.5


def styblinski_tang_curvatures(x, y):
    """Second derivatives of `styblinski_tang`."""
    return 6 * (x * x) - 16, 0, 6 * (y * y) - 16


def three_hump_camel(x, y):
    """2x² - 1.05x⁴ + x⁶/6 + xy + y²."""
    a = x * x
    return a * (2 + a * (a / 6 - 1.05)) + y * (x + y), x * (4 + a * (a - 4.2)) + y, x + 2 * y


def three_hump_camel_curvatures(x, _y):
    """Second derivatives of `three_hump_camel`."""
    a = x * x
    return 4 + a * (5 * a - 12.6), 1, 2


def six_hump_camel(x, y):
    """(4-2.1x²+x⁴/3)x² + xy + (4y²-4)y²."""
    a, b = x * x, y * y
    f = a * (4 + a * (a / 3 - 2.1)) + x * y + 4 * (b * (b - 1))
    return f, x * (8 + a * (2 * a - 8.4)) + y, x + y * (16 * b - 8)


def six_hump_camel_curvatures(x, y):
    """Second derivatives of `six_hump_camel`."""
    a = x * x
    return 8 + a * (10 * a - 25.2), 1, 48 * (y * y) - 8


def goldstein_price(x, y):
    """A(u) B(w) with u = x + y and w = 2x - 3y: the published 21 terms are a product of two quartics.

    A = 1 + (u+1)²(19-14u+3u²), A' = 12(u-2)(u²-1); B = 30 + w²(18-16w+3w²), B' = 12w(w-1)(w-3).
    """
    u, w = x + y, 2 * x - 3 * y
    v, s = u + 1, w * w
    a, b = 1 + v * v * (19 + u * (3 * u - 14)), 30 + s * (18 + w * (3 * w - 16))
    g, h = 12 * (u - 2) * (u * u - 1) * b, 12 * a * w * (w - 1) * (w - 3)
    return a * b, g + 2 * h, g - 3 * h


def goldstein_price_curvatures(x, y):
    """Second derivatives of `goldstein_price`."""
    u, w = x + y, 2 * x - 3 * y
    v, s = u + 1, w * w
    a, b = 1 + v * v * (19 + u * (3 * u - 14)), 30 + s * (18 + w * (3 * w - 16))
    a1, b1 = 12 * (u - 2) * (u * u - 1), 12 * w * (w - 1) * (w - 3)
    aa, ab, bb = 12 * (u * (3 * u - 4) - 1) * b, a1 * b1, 12 * a * (w * (3 * w - 8) + 3)
    return aa + 4 * ab + 4 * bb, aa - ab - 6 * bb, aa - 6 * ab + 9 * bb


def easom(x, y):
    """-cos x cos y exp(-(x-π)²-(y-π)²)."""
    a, b, cx, cy = x - PI, y - PI, np.cos(x), np.cos(y)
    bell = np.exp(-(a * a + b * b))
    return -cx * cy * bell, cy * bell * (np.sin(x) + 2 * a * cx), cx * bell * (np.sin(y) + 2 * b * cy)


def easom_curvatures(x, y):
    """Second derivatives of `easom`."""
    a, b, sx, cx, sy, cy = x - PI, y - PI, np.sin(x), np.cos(x), np.sin(y), np.cos(y)
    bell = np.exp(-(a * a + b * b))
    fxx = cy * bell * ((3 - 4 * (a * a)) * cx - 4 * (a * sx))
    fyy = cx * bell * ((3 - 4 * (b * b)) * cy - 4 * (b * sy))
    return fxx, -bell * (sx + 2 * (a * cx)) * (sy + 2 * (b * cy)), fyy


def griewank(x, y):
    """1 + (x²+y²)/4000 - cos x cos(y/√2)."""
    z = y / ROOT2
    cx, cz = np.cos(x), np.cos(z)
    f = (x * x + y * y) / 4000 + (1 - cx * cz)
    return f, x / 2000 + np.sin(x) * cz, y / 2000 + cx * np.sin(z) / ROOT2


def griewank_curvatures(x, y):
    """Second derivatives of `griewank`."""
    z = y / ROOT2
    cc = np.cos(x) * np.cos(z)
    return 1 / 2000 + cc, -np.sin(x) * np.sin(z) / ROOT2, 1 / 2000 + 0.5 * cc


def levi13(x, y):
    """sin²3πx + (x-1)²(1+sin²3πy) + (y-1)²(1+sin²2πy)."""
    u, v = x - 1, y - 1
    sx, sy, s2 = np.sin(3 * PI * x), np.sin(3 * PI * y), np.sin(TAU * y)
    p, q = 1 + sy * sy, 1 + s2 * s2
    fx = 6 * PI * (sx * np.cos(3 * PI * x)) + 2 * (u * p)
    fy = 6 * PI * (u * u * sy * np.cos(3 * PI * y)) + 2 * v * (q + TAU * (v * s2 * np.cos(TAU * y)))
    return sx * sx + u * u * p + v * v * q, fx, fy


def levi13_curvatures(x, y):
    """Second derivatives of `levi13`."""
    u, v = x - 1, y - 1
    sy, s2 = np.sin(3 * PI * y), np.sin(TAU * y)
    p, c6 = 2 * (1 + sy * sy), 18 * PI**2 * np.cos(6 * PI * y)
    fyy = u * u * c6 + 2 * (1 + s2 * s2) + 8 * PI * v * (np.sin(2 * TAU * y) + PI * v * np.cos(2 * TAU * y))
    return 18 * PI**2 * np.cos(6 * PI * x) + p, 6 * PI * u * np.sin(6 * PI * y), fyy


def saddle(x, y):
    """x² - y²."""
    return x * x - y * y, 2 * x, -2 * y


def monkey_saddle(x, y):
    """x³ - 3xy²."""
    a, b = x * x, y * y
    return x * (a - 3 * b), 3 * (a - b), -6 * (x * y)


def monkey_saddle_curvatures(x, y):
    """Second derivatives of `monkey_saddle`."""
    return 6 * x, -6 * y, -6 * x
