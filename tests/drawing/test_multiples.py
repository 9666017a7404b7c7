"""Small multiples: one scale, one sentence."""

import io

import numpy as np
import pytest
from PIL import Image

from adamedu import adam, descend, surfaces
from adamedu.drawing.multiples import loss_panels
from adamedu.drawing.pictures import FigureError


def sweep(name, values, **others):
    return descend(adam, surfaces.ridge, steps=40, sweep={name: values}, **others)


def test_its_sentence_has_the_last_loss_of_every_run():
    runs = sweep("lr", [0.1, 0.2]), sweep("beta1", [0.5, 0.9], lr=0.25)
    said = loss_panels(*runs).alt
    for name, run in zip(("lr", "beta1"), runs, strict=True):
        for value, loss in zip(run.hyperparameters[name], run.losses[-1], strict=True):
            assert f"{name} = {value:.4g}: {loss:.4g}" in said


def test_an_odd_number_of_panels_leaves_the_last_place_empty():
    three = [sweep("lr", [rate, 2 * rate]) for rate in (0.1, 0.2, 0.3)]
    pixels = np.asarray(Image.open(io.BytesIO(loss_panels(*three).png)).convert("L"))
    height, width = pixels.shape
    corner = pixels[2 * height // 3 :, 2 * width // 3 :]
    assert corner.min() == corner.max()


def test_without_a_trace_there_is_nothing_to_draw():
    with pytest.raises(FigureError, match="one trace or more"):
        loss_panels()
