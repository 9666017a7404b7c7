"""What the first steps of each optimizer give, derived on paper: one row each."""

from __future__ import annotations

from fractions import Fraction as F  # noqa: N817  (the derivations read as fractions)
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Derivation(NamedTuple):
    """What a few steps give, worked out on paper, and which libraries it was recorded from."""

    hyper: dict[str, F]
    start: F
    gradients: Sequence[F | int]
    after: dict[str, Sequence[F | int]]
    recorded_from: tuple[str, ...] = ("pytorch", "optax")


# Gradients and decay rates are chosen so that every root is rational, and eps = 1 so that its
# place shows. Each line of a derivation reads from left to right: t = 1; t = 2; t = 3.
DERIVED = {
    # so theta = 1 - 3/2; -1/2 + 4/2; 3/2 - 5/2
    "gd": Derivation(
        hyper={"lr": F(1, 2)},
        start=F(1),
        gradients=(3, -4, 5),
        after={"theta": (F(-1, 2), F(3, 2), -1)},
    ),
    # m = 4/4; 3/4 * 1 - 8/4; 3/4 * -5/4 + 12/4 = -15/16 + 48/16
    # so theta = 2 - 1/2; 3/2 + 5/8; 17/8 - 33/32
    "momentum": Derivation(
        hyper={"lr": F(1, 2), "beta": F(3, 4)},
        start=F(2),
        gradients=(4, -8, 12),
        after={
            "theta": (F(3, 2), F(17, 8), F(35, 32)),
            "m": (1, F(-5, 4), F(33, 16)),
        },
    ),
    # m as for momentum
    # 3/4 m + 1/4 g = 3/4 + 1 = 7/4; -15/16 - 2 = -47/16; 99/64 + 3 = 291/64
    # so theta = 2 - 7/8; 9/8 + 47/32; 83/32 - 291/128
    "nesterov": Derivation(
        hyper={"lr": F(1, 2), "beta": F(3, 4)},
        start=F(2),
        gradients=(4, -8, 12),
        after={
            "theta": (F(9, 8), F(83, 32), F(41, 128)),
            "m": (1, F(-5, 4), F(33, 16)),
        },
    ),
    # v = 3^2; 3^2 + 4^2 = 5^2; 5^2 + 12^2 = 13^2, so sqrt(v) + 1 = 4, 6, 14
    # so theta = 2 - 1/2 * 3/4; 13/8 + 1/2 * 4/6; 47/24 - 1/2 * 12/14
    "adagrad": Derivation(
        hyper={"lr": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(3, -4, 12),
        after={
            "theta": (F(13, 8), F(47, 24), F(257, 168)),
            "v": (9, 25, 169),
        },
    ),
    # rho = (3/5)^2 and 1 - rho = (4/5)^2, so v = (3/5 old root)^2 + (4/5 g)^2:
    # v = 0 + 4^2; (12/5)^2 + (9/5)^2 = 3^2; (9/5)^2 + 8^2 = (41/5)^2, sqrt(v) + 1 = 5, 4, 46/5
    # so theta = 2 - 1/2 * 5/5; 3/2 + 1/2 * 9/16; 57/32 - 1/2 * 50/46
    "rmsprop": Derivation(
        hyper={"lr": F(1, 2), "rho": F(9, 25), "eps": F(1)},
        start=F(2),
        gradients=(5, F(-9, 4), 10),
        after={
            "theta": (F(3, 2), F(57, 32), F(911, 736)),
            "v": (16, 9, F(1681, 25)),
        },
    ),
    # m = 5/4; 15/16 - 1/4 = 11/16; 33/64 + 17/4 = 305/64
    # 1 - (3/4)^t = 1/4, 7/16, 37/64, so m_hat = 5, 11/7, 305/37
    # v = 25/2; 25/4 + 1/2 = 27/4; 27/8 + 289/2 = 1183/8
    # 1 - (1/2)^t = 1/2, 3/4, 7/8, so v_hat = 25, 9, 169 and sqrt(v_hat) + 1 = 6, 4, 14
    # so theta = 2 - 1/2 * 5/6; 19/12 - 1/2 * 11/28; 233/168 - 1/2 * 305/518
    "adam": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(3, 4), "beta2": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(5, -1, 17),
        after={
            "theta": (F(19, 12), F(233, 168), F(6791, 6216)),
            "m": (F(5, 4), F(11, 16), F(305, 64)),
            "v": (F(25, 2), F(27, 4), F(1183, 8)),
        },
    ),
    # m = 15/2; 15/4 - 7/2 = 1/4; 1/8 + 9 = 73/8
    # 1 - (1/2)^t = 1/2, 3/4, 7/8, so m_hat = 15, 1/3, 73/7
    # v = 1575/16; (14175 + 5488)/256 = 19663/256; (176967 + 580608)/4096 = 757575/4096
    # The second is the smaller: v_max = 1575/16, 1575/16, 757575/4096
    # 1 - (9/16)^t = 7/16, 175/256, 3367/4096, so v_hat = 15^2, 12^2, 15^2; + 1: 16, 13, 16
    # so theta = 2 - 1/2 * 15/16; 49/32 - 1/2 * 1/39; 1895/1248 - 1/2 * 73/112
    "amsgrad": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(1, 2), "beta2": F(9, 16), "eps": F(1)},
        start=F(2),
        gradients=(15, -7, 18),
        after={
            "theta": (F(49, 32), F(1895, 1248), F(5209, 4368)),
            "m": (F(15, 2), F(1, 4), F(73, 8)),
            "v": (F(1575, 16), F(19663, 256), F(757575, 4096)),
            "v_max": (F(1575, 16), F(1575, 16), F(757575, 4096)),
        },
    ),
    # m, v and what is subtracted as for adam; before, theta shrinks by 1 - 1/2 * 1/5 = 9/10,
    # so theta = 9/10 * 2 - 5/12; 9/10 * 83/60 - 11/56; 9/10 * 367/350 - 305/1036
    "adamw": Derivation(
        hyper={
            "lr": F(1, 2),
            "beta1": F(3, 4),
            "beta2": F(1, 2),
            "eps": F(1),
            "weight_decay": F(1, 5),
        },
        start=F(2),
        gradients=(5, -1, 17),
        after={
            "theta": (F(83, 60), F(367, 350), F(42043, 64750)),
            "m": (F(5, 4), F(11, 16), F(305, 64)),
            "v": (F(25, 2), F(27, 4), F(1183, 8)),
        },
    ),
    # m = 3/4; 9/16 - 6/4 = -15/16; -45/64 + 1/4 = -29/64
    # 1 - (3/4)^t = 1/4, 7/16, 37/64, so m_hat = 3, -15/7, -29/37
    # u = max(0, 3); max(3/2, 6); max(3, 1), so u + 1 = 4, 7, 4
    # so theta = 2 - 1/2 * 3/4; 13/8 + 1/2 * 15/49; 697/392 + 1/2 * 29/148
    "adamax": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(3, 4), "beta2": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(3, -6, 1),
        after={
            "theta": (F(13, 8), F(697, 392), F(13605, 7252)),
            "m": (F(3, 4), F(-15, 16), F(-29, 64)),
            "u": (3, 6, 3),
        },
    ),
    # m = 5/2; 5/4 - 1/2 = 3/4; 3/8 + 17/2 = 71/8
    # 1 - (1/2)^t = 1/2, 3/4, 7/8 and, one step further, 3/4, 7/8, 15/16, so m_hat =
    # 5/4 * 4/3 + 5/2 * 2 = 20/3; 3/8 * 8/7 - 1/2 * 4/3 = -5/21; 71/16 * 16/15 + 17/2 * 8/7
    # v and v_hat as for adam
    # so theta = 2 - 1/2 * 20/18; 13/9 + 1/2 * 5/84; 743/504 - 1/2 * 1517/1470
    "nadam": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(1, 2), "beta2": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(5, -1, 17),
        after={
            "theta": (F(13, 9), F(743, 504), F(16903, 17640)),
            "m": (F(5, 2), F(3, 4), F(71, 8)),
            "v": (F(25, 2), F(27, 4), F(1183, 8)),
        },
        recorded_from=("optax",),
    ),
}
