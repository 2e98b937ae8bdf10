"""Whether the number of threads changes the result.

Motivation: a finding must not depend on the machine. The network is Brunel's at a fifth of its size; all
spikes of a recorder, sorted by time and sender, are hashed for 1, 2 and 3 threads.
"""

import hashlib

import numpy as np

from tests.bench.programs import brunel


def spike_hash(nest, threads):
    """A hash of the recorded spikes of 200 ms."""
    nest.ResetKernel()
    nest.local_num_threads = threads
    recorder = brunel.build(nest, scale=0.2)
    nest.Simulate(200.0)
    events = recorder.events
    times = np.asarray(events["times"], dtype=np.float64)
    senders = np.asarray(events["senders"], dtype=np.int64)
    order = np.lexsort((senders, times))
    assert len(order) > 1000
    return hashlib.sha256(times[order].tobytes() + senders[order].tobytes()).hexdigest()


def run(nest):
    """The number of different results from 1, 2 and 3 threads; 1 is what is wanted."""
    return {"different results of 1, 2, 3 threads": len({spike_hash(nest, threads) for threads in (1, 2, 3)})}
