"""Ready-made playgrounds: the article's moving pictures, their counter-pictures, and three labs.

The article announces seven pictures, F1 to F7, that are lost. Each is a scene here, and where its
claim holds only sometimes, another scene shows it failing.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core import surfaces
from adamedu.core.arguments import as_surface
from adamedu.core.descent import descend
from adamedu.drawing.pictures import number
from adamedu.optimizers import adagrad, adam, gd, momentum, rmsprop
from adamedu.playgrounds.equations import unicode
from adamedu.playgrounds.runners import runners
from adamedu.playgrounds.widget import Playground, playground

if TYPE_CHECKING:
    from adamedu.core.recurrence import Recurrence
    from adamedu.core.surface import Surface

STEPS_TO_A_MINIMUM: Final = 200

FALLING: Final = gd.variant(lines={"theta": "theta_prev - lr * 0.975**t * g"})
"""Gradient descent whose rate falls by a fortieth with every step."""


def rolling() -> Playground:
    """F1: a ball rolls over a row of hills into the lowest hollow, for its first steps are long."""
    return playground(
        FALLING,
        surfaces.hills,
        lr=3.5,
        steps=100,
        labels=["a ball with a falling rate"],
        title="A ball over the hills",
    )


def stuck() -> Playground:
    """F2: the same ball stays in the first hollow, where the loss is still large."""
    return playground(gd, surfaces.hills, lr=0.3, steps=40, title="A ball that gets stuck")


def crossing() -> Playground:
    """F3: a ball with momentum crosses the hollows in which gradient descent stays."""
    return playground(
        [gd, momentum], surfaces.hills, lr=0.7, steps=120, title="A ball with momentum"
    )


def not_crossing() -> Playground:
    """F3's twin: from a little lower down the ball with momentum stays in the first hollow, too."""
    return playground(
        [gd, momentum],
        surfaces.hills,
        lr=0.7,
        steps=120,
        start=[-6.0],
        title="The same ball from a little lower down",
    )


def zigzag() -> Playground:
    """F4: gradient descent leaps to and fro across a valley for a long time."""
    return playground(gd, surfaces.ravine, lr=0.97, steps=150, title="To and fro across the valley")


def two_rates() -> Playground:
    """F5: on the ridge AdaGrad finds a step size for each axis; one for both must be small."""
    return playground(
        [gd, adagrad],
        surfaces.ridge,
        steps=60,
        settings={"gd": {"lr": 0.178}},
        title="A step size for each axis",
    )


def turned() -> Playground:
    """F5's twin: the same ridge between the axes, where two step sizes don't help."""
    return playground(
        [gd, adagrad],
        surfaces.rotated_ridge,
        steps=150,
        settings={"gd": {"lr": 0.178}},
        title="The same ridge, turned",
    )


def gliding() -> Playground:
    """F6: RMSProp reaches the valley's floor without bouncing; gradient descent bounces."""
    return playground(
        [gd, rmsprop],
        surfaces.ravine,
        steps=100,
        settings={"gd": {"lr": 0.95}},
        title="Down to the valley's floor",
    )


def restless() -> Playground:
    """F6's twin: in the minimum RMSProp hops to and fro, about half its rate to either side."""
    return playground(
        [gd, rmsprop],
        surfaces.hills,
        lr=0.3,
        steps=100,
        start=[1.0],
        curve="theta",
        title="Does it settle?",
    )


def settling() -> Playground:
    """F7: Adam is fast, and then settles."""
    return playground(adam, surfaces.ridge, lr=0.25, steps=150, title="Fast, then settled")


def memory() -> Playground:
    """Show the weights of past gradients: what is left of one gradient, step after step."""
    return playground(
        momentum, [1.0] + [0.0] * 29, curve="m", bars=True, title="What is left of one gradient"
    )


def corrections() -> Playground:
    """Take Adam's corrections away, one or both, and see how long its moves become."""
    return playground(
        [
            adam,
            adam.variant(lines={"m_hat": "m", "v_hat": "v"}),
            adam.variant(lines={"v_hat": "v"}),
            adam.variant(lines={"m_hat": "m"}),
        ],
        [1.0] * 200,
        lr=1.0,
        labels=["Adam", "no correction", "only m corrected", "only v corrected"],
        curve="move",
        scale="log",
        together=True,
        title="The slope is always 1: how long is a move?",
    )


def starting_points(
    optimizer: Recurrence[..., Any] = momentum, surface: Surface = surfaces.himmelblau
) -> Playground:
    """Color each of 256 x 256 starts by the minimum it leads to; drag the start over a border.

    Parameters
    ----------
    optimizer : step function, optional
        Whose map it is; it runs at the surface's rate for it.
    surface : Surface, optional
        Its minima must be known.
    """
    from PIL import Image

    from adamedu.core.measuring import destinations
    from adamedu.drawing.basins import colored, grid_of_starts, map_of

    starts = grid_of_starts(as_surface(surface), 256)
    [runner] = runners(optimizer, surface)
    how: Any = {"steps": STEPS_TO_A_MINIMUM, **runner.settings}
    said = ", ".join(f"{unicode(name)} = {number(x)}" for name, x in runner.settings.items())
    shown = playground(optimizer, surface, title=f"Where each start leads with {said}", **how)
    trace = descend(optimizer, surface, start=starts, record=False, **how)
    found = destinations(trace)
    picture = Image.fromarray((255 * colored(found)[::-1]).round().astype(np.uint8))
    file = io.BytesIO()
    picture.quantize(64, Image.Quantize.FASTOCTREE).save(file, "png", optimize=True)
    image = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    shown.still = map_of(surface, trace, found)
    shown.scene = shown.scene | {"alt": shown.still.alt, "backdrop": {"image": image}}
    return shown
