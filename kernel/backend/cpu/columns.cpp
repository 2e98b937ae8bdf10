#include "backend/cpu/columns.hpp"

namespace nl {

SynapseColumns::SynapseColumns(const PlasticInfo& i, const std::vector<double>& common) : info(&i) {
  for (double x : common) columns.push_back({x, {}, {}});
}

void SynapseColumns::resize(std::size_t synapses) {
  for (SynapseColumn& c : columns)
    if (c.common != c.common) c.each.resize(synapses);
}

std::size_t SynapseColumns::bytes() const {
  std::size_t n = twin.capacity() * sizeof(twin[0]) + port.capacity() * sizeof(port[0]);
  for (const SynapseColumn& c : columns) n += (c.of_source.capacity() + c.each.capacity()) * sizeof(double);
  return n;
}

}  // namespace nl
