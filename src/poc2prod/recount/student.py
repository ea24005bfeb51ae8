"""Student's t distribution: the quantile that an interval needs."""

from __future__ import annotations

from functools import cache
from math import exp, lgamma, log, pi, tan

TINY = 1e-300


@cache
def quantile(probability: float, freedom: int) -> float:
    """The value below which a t variable with that many degrees of freedom lies with that probability (> .5).

    Newton's method on the distribution function, from the Cornish-Fisher start of Hill (1970); correct to
    about 1e-10.
    """
    if freedom == 1:
        return tan(pi * (probability - 0.5))
    from statistics import NormalDist

    normal = NormalDist().inv_cdf(probability)
    value = normal + (normal**3 + normal) / (4 * freedom)
    for _ in range(60):
        step = (distribution(value, freedom) - probability) / density(value, freedom)
        value -= step
        if abs(step) < 1e-12 * value:
            break
    return value


def density(value: float, freedom: int) -> float:
    """The density of Student's t."""
    scale = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2
    return exp(scale - (freedom + 1) / 2 * log(1 + value * value / freedom))


def distribution(value: float, freedom: int) -> float:
    """P(T ≤ value) for value ≥ 0, by the incomplete beta function."""
    return 1 - incomplete_beta(freedom / (freedom + value * value), freedom / 2, 0.5) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's evaluation of the continued fraction."""
    top, below = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = below
    for step in range(1, 400):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            below = 1 / _off_zero(1 + term * below)
            top = _off_zero(1 + term / top)
            value *= top * below
        if abs(top * below - 1) < 1e-15:
            break
    return value


def _off_zero(number: float) -> float:
    return number if abs(number) > TINY else TINY


def half_width(error: float, clusters: int, level: float = 0.95) -> float:
    """Half an interval's width: the standard error times the quantile at clusters − 1 degrees of freedom."""
    return quantile((1 + level) / 2, clusters - 1) * error if clusters > 1 else float("nan")
