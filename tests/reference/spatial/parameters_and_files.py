"""Values of spatial Parameters, one by one, and what is written to files."""

import pathlib
import tempfile

import nest

nest.set_verbosity("M_ERROR")


def show(*values):
    print("|", *values)


D, dist = nest.spatial.distance, nest.spatial_distributions
dx = nest.spatial.target_pos.x - nest.spatial.source_pos.x
dy = nest.spatial.target_pos.y - nest.spatial.source_pos.y
layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.1, -0.2], [0.5, 0.25], [-0.75, 0.125]]))
places = [[0.0, 0.0], [0.1, -0.2], [0.9, -0.3], [-0.4, 0.8], [-1.0, -1.0]]
for parameter in (
    D,
    D.x,
    D.y,
    D.n(1),
    dx,
    dy,
    D * 2.0 + 1.0,
    nest.math.exp(-1.0 * D),
    nest.math.min(D, 0.5),
    D**2,
    1.0 / (1.0 + D),
    nest.logic.conditional(D > 0.5, D.x, 3.0),
    dist.exponential(D, beta=0.7),
    dist.gaussian(D, mean=0.2, std=0.4),
    dist.gaussian2D(dx, dy, mean_x=0.1, mean_y=-0.1, std_x=0.5, std_y=0.8, rho=0.4),
    dist.gamma(D, kappa=2.5, theta=0.3),
    dist.gabor(dx, dy, theta=30.0, gamma=0.7, std=0.5, lam=0.8, psi=20.0),
):
    show(parameter.is_spatial(), parameter.apply(layer[0], places))
show(nest.spatial.pos.x.apply(layer), (nest.spatial.pos.x * 2.0 + nest.spatial.pos.n(1)).apply(layer))
show(nest.random.uniform().is_spatial())

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "layer.txt"
    nest.DumpLayerNodes(layer, str(file))
    show(file.read_text().split())
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "p": 1.0}, {"weight": 0.5, "delay": 1.5})
    nest.DumpLayerConnections(layer, layer, "static_synapse", str(file))
    show(sorted(file.read_text().splitlines()))
    show([sorted(each.tolist()) for each in nest.GetTargetNodes(layer[:2], layer)])
    show([sorted(each.tolist()) for each in nest.GetSourceNodes(layer, layer[1:])])
    show([sorted(each) for each in nest.GetTargetPositions(layer[:2], layer)])
    show([sorted(each) for each in nest.GetSourcePositions(layer, layer[2])])
