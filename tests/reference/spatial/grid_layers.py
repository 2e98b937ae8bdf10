"""Grids in the plane and in a room: where nodes are, how far from each other, which is next to a place."""

import nest

nest.set_verbosity("M_ERROR")


def show(*values):
    print("|", *values)


plane = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid(shape=[4, 3], extent=[2.0, 1.5]))
shifted = nest.Create(
    "iaf_psc_exp", positions=nest.spatial.grid(shape=[3, 5], center=[1.0, -2.0], extent=[3.0, 1.0])
)
ring = nest.Create(
    "iaf_psc_alpha", positions=nest.spatial.grid(shape=[6, 6], extent=[3.0, 3.0], edge_wrap=True)
)
room = nest.Create(
    "iaf_psc_alpha",
    positions=nest.spatial.grid(shape=[3, 2, 4], center=[0.5, 0.0, 1.0], extent=[3.0, 2.0, 8.0]),
)
for layer in (plane, shifted, ring, room):
    show(layer)
    show(layer.spatial)
    for position in nest.GetPosition(layer):
        show(position)
    show(nest.FindCenterElement(layer).global_id)
    show(nest.GetPosition(layer[3]), nest.GetPosition(layer[2:5]))
    show(nest.Distance(layer[0], layer))
    show(nest.Displacement(layer[::2], layer[0]))
    show(nest.Displacement(layer[:4], layer[4:8]))
show(nest.FindNearestElement(plane, [0.3, 0.3]).global_id)
show([each.global_id for each in nest.FindNearestElement(plane, [[0.3, 0.3], [-5.0, 0.1], [0.9, -0.9]])])
show([each.global_id for each in nest.FindNearestElement(plane, [0.0, 0.0], find_all=True)])
show(nest.FindNearestElement(ring, [1.6, 0.1]).global_id)
show(nest.Distance([[0.1, 0.2]], ring))
show(nest.Displacement([[0.1, 0.2], [1.4, -1.3]], ring[:2]))
show(nest.Distance(shifted[0], plane))
