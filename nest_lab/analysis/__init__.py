"""Statistics of spikes; each result knows its units, says what it is and can draw itself.

The functions take times and senders as a ``spike_recorder`` gives them. What is done for each neuron of a
network works on all of them at once, with sorts and counts: 10,000 neurons take milliseconds, where one
call of Elephant per spike train takes seconds, and the results are tested to be Elephant's. All that looks
at pairs and patterns calls Elephant, and `spike_trains` makes what its other functions read.
"""

from nest_lab.analysis.meanfield import (
    Stationary,
    cv_of_intervals,
    firing_rate,
    self_consistent,
    self_consistent_populations,
)
from nest_lab.analysis.pairs import (
    CrossCorrelation,
    Distances,
    cross_correlation,
    spike_trains,
    van_rossum,
    victor_purpura,
)
from nest_lab.analysis.patterns import Pattern, Patterns, UnitaryEvents, spade, unitary_events
from nest_lab.analysis.spectra import Spectrum, spectrum
from nest_lab.analysis.spikes import (
    Distribution,
    PopulationRate,
    correlations,
    cv_isi,
    fano,
    lv,
    mean_correlation,
    population_rate,
    rates,
)

__all__ = [
    "CrossCorrelation",
    "Distances",
    "Distribution",
    "Pattern",
    "Patterns",
    "PopulationRate",
    "Spectrum",
    "Stationary",
    "UnitaryEvents",
    "correlations",
    "cross_correlation",
    "cv_isi",
    "cv_of_intervals",
    "fano",
    "firing_rate",
    "lv",
    "mean_correlation",
    "population_rate",
    "rates",
    "self_consistent",
    "self_consistent_populations",
    "spade",
    "spectrum",
    "spike_trains",
    "unitary_events",
    "van_rossum",
    "victor_purpura",
]
