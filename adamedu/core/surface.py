"""Read a surface: its losses, its gradient, its equation, all from one plain function.

The function takes one array per coordinate. It gives the losses as it is. Its gradient, its LaTeX
and its SymPy expression come from running the same function, untouched, on symbols.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from types import FunctionType, MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from adamedu.core.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sympy
    from numpy.typing import ArrayLike, NDArray

FUNCTIONS: Final = {
    np.abs: "Abs", np.arctan: "atan", np.cos: "cos", np.cosh: "cosh", np.exp: "exp",
    np.log: "log", np.maximum: "Max", np.minimum: "Min", np.sin: "sin", np.sinh: "sinh",
    np.sqrt: "sqrt", np.tan: "tan", np.tanh: "tanh",
}  # fmt: skip
"""The NumPy functions that a surface may call, with their names in SymPy."""


RELIEF_POINTS: Final = 161
"""How many points a relief has along each coordinate."""

LEVELS: Final = 15
"""How many levels a relief has, the lowest and the highest point among them."""


STEEPEST: Final = 2.0**-8
"""A surface whose median height is a smaller share of its height is drawn as if it were this."""


class Relief(NamedTuple):
    """The heights of a surface on a grid: row ``i``, column ``j`` is at ``(x[j], y[i])``."""

    x: NDArray[Any]
    y: NDArray[Any]
    heights: NDArray[Any]
    levels: NDArray[Any]


class SurfaceError(ArgumentError):
    """A surface that can't be read, or parameters that don't fit it."""


@dataclass(eq=False, repr=False)
class Surface:
    """A landscape: callable on parameters, with its gradient and the facts about it.

    Attributes
    ----------
    function : callable
        The function as it was written: one array per coordinate in, losses out.
    start : tuple of float
        Where a descent begins unless told otherwise.
    domain : tuple of (float, float)
        The part worth looking at, lowest and highest value per coordinate.
    minima : tuple of tuple of float
        The local minima inside the domain, the global one first.
    source : str
        Where the surface comes from.
    rates : mapping of str to float
        For each optimizer of the ladder, by name, a learning rate at which it does well here.
    noise : float
        The standard deviation of what a descent adds to each coordinate of each gradient.

    Examples
    --------
    >>> from adamedu import surfaces
    >>> float(surfaces.ravine([2.0, 1.0]))
    1.2
    >>> surfaces.ravine.gradient([[2.0, 1.0], [0.0, 3.0]])
    array([[0.2, 2. ],
           [0. , 6. ]])
    """

    function: Callable[..., Any]
    start: tuple[float, ...]
    domain: tuple[tuple[float, float], ...]
    minima: tuple[tuple[float, ...], ...]
    source: str
    rates: Mapping[str, float]
    noise: float = 0.0

    def __post_init__(self) -> None:
        functools.update_wrapper(self, self.function)
        for what, points in (
            ("start", [self.start]),
            ("domain", [self.domain]),
            ("minima", self.minima),
        ):
            if any(len(point) != self.dimension for point in points):
                msg = f"{self.name} takes {self._coordinates}: give as many numbers in its {what}"
                raise SurfaceError(msg)
        if not self.noise >= 0:
            msg = f"the noise of {self.name} is a standard deviation, not {self.noise}"
            raise SurfaceError(msg)

    def __call__(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the losses.

        Parameters
        ----------
        theta : array_like of float, shape (..., d)
            One point, or any number of points, along the last axis.

        Returns
        -------
        ndarray of float, shape (...)
            float32 for float32 parameters.

        Raises
        ------
        SurfaceError
            When the last axis has another length than the surface has coordinates, or when the
            parameters aren't real numbers.
        """
        theta = self._parameters(theta)
        losses = np.empty(theta.shape[:-1], theta.dtype)
        losses[...] = self.function(*_columns(theta))
        return losses

    def gradient(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the gradients, one per point (loads SymPy when it is first used).

        Parameters and errors are those of calling the surface.

        Returns
        -------
        ndarray of float, shape (..., d)
            float32 for float32 parameters.

        Raises
        ------
        SurfaceError
            Also when the surface can't be differentiated.
        """
        theta = self._parameters(theta)
        slopes = np.empty_like(theta)
        for i, slope in enumerate(self._derivatives(*_columns(theta))):
            slopes[..., i] = slope
        return slopes

    def noise_rows(self, steps: int, seed: int = 0) -> NDArray[np.float64]:
        """Return what a descent adds to its gradients, drawn from a normal distribution.

        Rounded to four decimals, so that a page can carry the same rows as text.

        Parameters
        ----------
        steps : int
            How many rows; the first ones don't depend on it.
        seed : int, optional
            Another seed gives other rows.

        Returns
        -------
        ndarray, shape (steps, d)
            Zeros where the surface has no noise.

        Examples
        --------
        >>> from adamedu import surfaces
        >>> surfaces.noisy_bowl.noise_rows(2)
        array([[ 0.0629, -0.0661],
               [ 0.3202,  0.0525]])
        """
        rows = np.random.default_rng(seed).normal(0, self.noise, (steps, self.dimension))
        return rows.round(4) + 0.0

    def relief(self) -> Relief:
        """Return heights on a grid, and levels for contour lines (of two coordinates).

        The lines lie closer near the lowest point, the more so the more of the domain is low.

        Raises
        ------
        SurfaceError
            When the surface is flat all over its domain, or isn't finite there.
        """
        x, y = (np.linspace(low, high, RELIEF_POINTS) for low, high in self.domain)
        heights = self(np.stack(np.meshgrid(x, y), axis=-1))
        low, height = heights.min(), np.ptp(heights)
        if not 0 < height < np.inf:
            msg = f"{self.name} has no contour lines: it is flat, or not finite, in its domain"
            raise SurfaceError(msg)
        middle = max((np.median(heights) - low) / height, STEEPEST)
        power = max(2, int(np.log(middle) / np.log(0.5)))
        return Relief(x, y, heights, low + height * np.linspace(0, 1, LEVELS) ** power)

    def __repr__(self) -> str:
        return f"<surface {self.name}({', '.join(self.names)})>"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the coordinates, in order.

        >>> from adamedu import surfaces
        >>> surfaces.ravine.names
        ('x', 'y')
        """
        return tuple(inspect.signature(self.function).parameters)

    @functools.cached_property
    def dimension(self) -> int:
        """The number of coordinates, d."""
        return len(self.names)

    @property
    def purpose(self) -> str:
        """A sentence on what the surface is for."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    @functools.cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The coordinates as SymPy's real symbols."""
        import sympy

        return tuple(sympy.symbols(self.names, real=True))

    @functools.cached_property
    def expression(self) -> sympy.Expr:
        """The surface as a SymPy expression: the untouched function, run on symbols.

        Raises
        ------
        SurfaceError
            When the function asks more than arithmetic and `FUNCTIONS` of its coordinates.

        Examples
        --------
        >>> from adamedu import surfaces
        >>> surfaces.ravine.expression
        x**2/20 + y**2
        """
        import sympy

        symbolic = {numeric: getattr(sympy, name) for numeric, name in FUNCTIONS.items()}
        named = {f.__name__: symbolic[f] for f in FUNCTIONS} | {"abs": sympy.Abs}
        numpy = SimpleNamespace(pi=sympy.pi, e=sympy.E, **named)
        bound: dict[str, Any] = {}
        for name, value in self.function.__globals__.items():
            if value is np:
                bound[name] = numpy
            elif isinstance(value, np.ufunc) and value in symbolic:
                bound[name] = symbolic[value]
        function = FunctionType(
            self.function.__code__,
            {**self.function.__globals__, **bound},
            self.name,
            self.function.__defaults__,
            self.function.__closure__,
        )
        try:
            return sympy.sympify(function(*self.symbols), strict=True)
        except (AttributeError, TypeError, sympy.SympifyError) as error:
            msg = (
                f"{self.name} can't be written as an expression: use arithmetic and NumPy's "
                f"{', '.join(f.__name__ for f in FUNCTIONS)}, without 'if' ({error})"
            )
            raise SurfaceError(msg) from error

    @functools.cached_property
    def slopes(self) -> tuple[sympy.Expr, ...]:
        """The gradient as SymPy expressions, one per coordinate.

        Raises
        ------
        SurfaceError
            When the surface can't be differentiated.

        Examples
        --------
        >>> from adamedu import surfaces
        >>> surfaces.ravine.slopes
        (x/10, 2*y)
        """
        import sympy

        slopes = tuple(sympy.diff(self.expression, symbol) for symbol in self.symbols)
        if any(slope.has(sympy.Derivative, sympy.Subs) for slope in slopes):
            msg = f"{self.name} can't be differentiated: {self.expression}"
            raise SurfaceError(msg)
        return slopes

    @functools.cached_property
    def _derivatives(self) -> Callable[..., list[Any]]:
        import sympy

        derivatives: Callable[..., list[Any]] = sympy.lambdify(
            self.symbols, self.slopes, "numpy", cse=True
        )
        return derivatives

    def latex(self) -> str:
        r"""Return the surface as an equation in LaTeX (loads SymPy).

        >>> from adamedu import surfaces
        >>> print(surfaces.ravine.latex())
        f(x, y) = \frac{x^{2}}{20} + y^{2}
        """
        import sympy

        arguments = ", ".join(sympy.latex(symbol) for symbol in self.symbols)
        return f"f({arguments}) = {sympy.latex(self.expression)}"

    @property
    def _coordinates(self) -> str:
        return (
            f"{self.dimension} number{'s' if self.dimension > 1 else ''} ({', '.join(self.names)})"
        )

    def _parameters(self, theta: ArrayLike) -> NDArray[Any]:
        array = np.asarray(theta)
        if array.dtype.kind in "iu":
            array = array.astype(float)
        if array.dtype.kind != "f":
            msg = f"{self.name} takes real numbers, not {array.dtype}"
            raise SurfaceError(msg)
        if array.shape[-1:] != (self.dimension,):
            msg = (
                f"{self.name} takes {self._coordinates} along the last axis; "
                f"the parameters have shape {array.shape}"
            )
            raise SurfaceError(msg)
        return array


def name_of(objective: Any) -> str:
    """Return what an objective is called."""
    return str(
        getattr(objective, "name", None) or getattr(objective, "__name__", type(objective).__name__)
    )


def _columns(theta: NDArray[Any]) -> list[NDArray[Any]]:
    return list(theta) if theta.ndim == 1 else [theta[..., i] for i in range(theta.shape[-1])]


def surface(  # noqa: PLR0913  (all by name)
    *,
    start: Sequence[float],
    domain: Sequence[tuple[float, float]],
    minima: Sequence[Sequence[float]] = (),
    source: str = "",
    rates: Mapping[str, float] | None = None,
    noise: float = 0.0,
) -> Callable[[Callable[..., Any]], Surface]:
    """Make a `Surface` of a plain function of its coordinates (a decorator).

    The arguments are the attributes of `Surface`.

    Raises
    ------
    SurfaceError
        When the start, the domain or a minimum has another number of coordinates, or for a noise
        below 0.

    Examples
    --------
    >>> @surface(start=(2.0,), domain=((-3.0, 3.0),), minima=((1.0,),))
    ... def bowl(x):
    ...     \"\"\"The simplest one.\"\"\"
    ...     return (x - 1) ** 2
    >>> bowl, bowl.purpose
    (<surface bowl(x)>, 'The simplest one.')
    >>> bowl.gradient([3.0])
    array([4.])
    """

    def decorate(function: Callable[..., Any]) -> Surface:
        return Surface(
            function,
            tuple(float(value) for value in start),
            tuple((float(low), float(high)) for low, high in domain),
            tuple(tuple(float(value) for value in point) for point in minima),
            source,
            MappingProxyType(dict(rates or {})),
            noise,
        )

    return decorate
