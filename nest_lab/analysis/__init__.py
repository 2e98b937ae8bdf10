"""Statistics of spikes, for whole networks at once; each result can draw itself.

The functions take times and senders as a ``spike_recorder`` gives them, and work on all neurons at once with
sorts and counts: 10,000 neurons take milliseconds, where one call of Elephant per spike train takes seconds.
The results agree with those of Elephant, which is the place for everything beyond them: `nest_lab.export.neo`
makes what it reads.
"""

from nest_lab.analysis.meanfield import (
    Stationary,
    cv_of_intervals,
    firing_rate,
    self_consistent,
    self_consistent_populations,
)
from nest_lab.analysis.spikes import (
    Distribution,
    PopulationRate,
    Spectrum,
    correlations,
    cv_isi,
    mean_correlation,
    population_rate,
    rates,
    spectrum,
)

__all__ = [
    "Distribution",
    "PopulationRate",
    "Spectrum",
    "Stationary",
    "correlations",
    "cv_isi",
    "cv_of_intervals",
    "firing_rate",
    "mean_correlation",
    "population_rate",
    "rates",
    "self_consistent",
    "self_consistent_populations",
    "spectrum",
]
