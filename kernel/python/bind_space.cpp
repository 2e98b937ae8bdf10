// Positions, masks and ways.
#include "python/convert.hpp"

namespace nl {

namespace {

using Numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;

Point to_point(const Numbers& a, py::ssize_t row = -1) {
  Point p{};
  const py::ssize_t n = row < 0 ? a.size() : a.shape(1);
  for (py::ssize_t k = 0; k < std::min<py::ssize_t>(n, 3); ++k)
    p[std::size_t(k)] = a.data()[std::max<py::ssize_t>(row, 0) * n + k];
  return p;
}

std::vector<Point> to_points(const Numbers& a) {
  std::vector<Point> out;
  for (py::ssize_t i = 0; i < a.shape(0); ++i) out.push_back(to_point(a, i));
  return out;
}

std::vector<double> first_numbers(const Point& p, int n) { return {p.begin(), p.begin() + n}; }

// Rows of as many numbers as there are dimensions, from rows of three.
py::array_t<double> to_rows(const std::vector<double>& three, int dimensions) {
  py::array_t<double> out({py::ssize_t(three.size() / 3), py::ssize_t(dimensions)});
  for (std::size_t i = 0; i < three.size() / 3; ++i)
    for (int k = 0; k < dimensions; ++k)
      out.mutable_data()[i * std::size_t(dimensions) + std::size_t(k)] = three[3 * i + std::size_t(k)];
  return out;
}

Placement to_placement(const py::dict& d) {
  Placement p;
  p.dimensions = d["dimensions"].cast<int>();
  p.joined = d["edge_wrap"].cast<bool>();
  if (d.contains("shape")) p.shape = d["shape"].cast<std::vector<std::int64_t>>();
  if (d.contains("drawn")) p.drawn = d["drawn"].cast<std::vector<Parameter>>();
  if (d.contains("extent")) p.extent = to_point(d["extent"].cast<Numbers>());
  if (d.contains("center")) p.center = to_point(d["center"].cast<Numbers>());
  if (d.contains("at")) {
    const auto at = d["at"].cast<Numbers>();
    for (py::ssize_t i = 0; i < at.shape(0); ++i)
      for (int k = 0; k < p.dimensions; ++k) p.at[std::size_t(k)].push_back(at.at(i, k));
  }
  return p;
}

// Of the layer that all of these nodes belong to.
py::dict describe_layer(const Simulation& s, py::handle h) {
  using namespace py::literals;
  const Space& space = s.layer_of(to_ids(h));
  const int n = space.frame.dimensions;
  auto numbers = [](auto&& v) { return to_array(std::move(v)); };
  return py::dict("first"_a = space.first, "dimensions"_a = n, "center"_a = numbers(first_numbers(space.center(), n)),
                  "extent"_a = numbers(first_numbers(space.frame.extent, n)), "edge_wrap"_a = space.frame.joined,
                  "shape"_a = numbers(std::vector<std::int64_t>(space.shape)));
}

py::array_t<double> displacements(Simulation& s, py::handle from, py::handle to) {
  const Ids ids = to_ids(to);
  const int n = s.layer_of(ids).frame.dimensions;
  if (PyRange_Check(from.ptr()) || !py::isinstance<py::array_t<double>>(from))
    return to_rows(s.displacements(to_ids(from), ids), n);
  return to_rows(s.displacements(to_points(from.cast<Numbers>()), ids), n);
}

void bind_mask(py::module_& m) {
  py::class_<Mask> c(m, "Mask");
  c.def_static("box", [](const Numbers& low, const Numbers& high, double azimuth, double polar) {
    return Mask::box(int(low.size()), to_point(low), to_point(high), azimuth, polar);
  });
  c.def_static("ball", &Mask::ball);
  c.def_static("ellipsoid", [](const Numbers& axes, const Numbers& center, double azimuth, double polar) {
    return Mask::ellipsoid(int(axes.size()), to_point(axes), to_point(center), azimuth, polar);
  });
  c.def_static("grid", &Mask::grid);
  for (auto [name, op] :
       {std::pair{"both", Mask::Op::both}, {"either", Mask::Op::either}, {"without", Mask::Op::without}})
    c.def(name, [op = op](const Mask& a, const Mask& b) { return Mask(op, a, b); });
  c.def("shifted", [](const Mask& mask, const Numbers& by) { return mask.shifted(to_point(by)); });
  c.def("inside", [](const Mask& mask, const Numbers& p) { return mask.inside(to_point(p)); });
  c.def_property_readonly("dimensions", &Mask::dimensions);
  c.def_property_readonly("on_grid", &Mask::on_grid);
}

}  // namespace

void bind_space(py::module_& m, py::class_<Simulation>& c) {
  bind_mask(m);
  c.def("create_in_space",
        [](Simulation& s, const std::string& model, std::int64_t n, py::object params, const py::dict& where) {
          const Settings p = to_settings(params);
          const Placement placement = to_placement(where);
          return behind_gate(s, [&] { return s.create(model, n, p, &placement); });
        });
  c.def("layer", &describe_layer);
  c.def("positions", [](Simulation& s, py::handle h) {
    const Ids ids = to_ids(h);
    return to_rows(s.positions(ids), s.layer_of(ids).frame.dimensions);
  });
  c.def("displacements", &displacements);
  c.def("inside", [](Simulation& s, py::handle h, const Numbers& anchor, const Mask& mask) {
    const Ids ids = to_ids(h);
    const auto found = s.inside(ids, to_point(anchor), mask);
    return py::array_t<std::uint32_t>(py::ssize_t(found.size()), found.data());
  });
  c.def("covers", [](Simulation& s, NodeId id, const Numbers& places, const Mask& mask) {
    const auto covered = s.covers(id, to_points(places), mask);
    py::array_t<bool> out(py::ssize_t(covered.size()));
    std::copy(covered.begin(), covered.end(), out.mutable_data());
    return out;
  });
  c.def("draw_at", [](Simulation& s, const Parameter& p, py::handle h) {
    const Ids ids = to_ids(h);
    return to_array(behind_gate(s, [&] { return s.draw(p, ids); }));
  });
  c.def("draw_ways", [](Simulation& s, const Parameter& p, NodeId source, const Numbers& places) {
    const auto points = to_points(places);
    return to_array(behind_gate(s, [&] { return s.draw(p, source, points); }));
  });
}

}  // namespace nl
