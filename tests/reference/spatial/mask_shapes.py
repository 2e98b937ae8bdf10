"""Whom nodes reach through masks of all kinds, alone and combined, around them and beside them."""

import nest

nest.set_verbosity("M_ERROR")


def show(*values):
    print("|", *values)


PLANE = {
    "circle": {"circular": {"radius": 0.23}},
    "circle beside": {"circular": {"radius": 0.23}, "anchor": [0.17, -0.08]},
    "rectangle": {"rectangular": {"lower_left": [-0.13, -0.31], "upper_right": [0.27, 0.11]}},
    "turned rectangle": {
        "rectangular": {"lower_left": [-0.13, -0.31], "upper_right": [0.27, 0.11], "azimuth_angle": 27.0}
    },
    "doughnut": {"doughnut": {"inner_radius": 0.11, "outer_radius": 0.29}},
    "ellipse": {"elliptical": {"major_axis": 0.63, "minor_axis": 0.27}},
    "turned ellipse": {"elliptical": {"major_axis": 0.63, "minor_axis": 0.27, "azimuth_angle": 33.0}},
    "cells": {"grid": {"shape": [3, 2]}},
    "cells around": {"grid": {"shape": [3, 3]}, "anchor": [1, 1]},
}
ROOM = {
    "ball": {"spherical": {"radius": 0.37}},
    "box": {"box": {"lower_left": [-0.3, -0.1, 0.0], "upper_right": [0.35, 0.4, 0.55]}},
    "turned box": {
        "box": {
            "lower_left": [-0.34, -0.11, -0.19],
            "upper_right": [0.32, 0.41, 0.28],
            "azimuth_angle": 31.0,
            "polar_angle": 17.0,
        }
    },
    "ellipsoid": {"ellipsoidal": {"major_axis": 0.93, "minor_axis": 0.41, "polar_axis": 0.57}},
    "turned ellipsoid": {
        "ellipsoidal": {
            "major_axis": 0.93,
            "minor_axis": 0.41,
            "polar_axis": 0.57,
            "azimuth_angle": 40.0,
            "polar_angle": 25.0,
        }
    },
}


def connected(layer, spec):
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "p": 1.0} | spec)
    found = nest.GetConnections(layer, layer)
    pairs = sorted(zip(found.source, found.target, strict=True))
    return len(pairs), sum(s * 31 + t for s, t in pairs), pairs[:40], pairs[-40:]


for masks, shape in ((PLANE, [9, 8]), (ROOM, [5, 4, 4])):
    for name, mask in masks.items():
        for joined in (False, True):
            for spec in ({}, {"allow_autapses": False}, {"use_on_source": True}):
                nest.ResetKernel()
                layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid(shape, edge_wrap=joined))
                show(name, joined, spec, connected(layer, spec | {"mask": mask}))

circle = nest.CreateMask("circular", {"radius": 0.31})
right = nest.CreateMask("rectangular", {"lower_left": [0.0, -0.5], "upper_right": [0.5, 0.5]})
beside = nest.CreateMask("circular", {"radius": 0.2}, anchor=[0.15, 0.05])
layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([9, 8]))
for mask in (
    circle & right,
    circle | right,
    circle - right,
    (circle | beside) - right,
    (right & beside) | beside,
):
    show(nest.SelectNodesByMask(layer, [0.1, 0.05], mask).tolist())
    show([mask.Inside([0.05 * x, 0.07 * y]) for x in range(-9, 10) for y in range(-9, 10)])
for name, spec in ROOM.items():
    ((kind, specs),) = spec.items()
    mask = nest.CreateMask(kind, specs, anchor=[0.03, -0.02, 0.07])
    around = [k * 0.13 - 0.45 for k in range(8)]
    show(name, [mask.Inside([x, y, z]) for x in around for y in around for z in around])
