// Nodes in space: layers, the way from one place to another, masks, and the search for what lies near.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "core.hpp"
#include "parameter.hpp"

namespace nl {

using Point = std::array<double, 3>;  // in the plane the third number is 0

// Where ways are measured: a rectangle or a box, of which opposite edges may be joined.
struct Frame {
  int dimensions = 2;
  Point lower_left{}, extent{};
  bool joined = false;

  double displacement(double from, double to, int axis) const;  // the shortest way along an axis
  Point displacement(const Point& from, const Point& to) const;
  static double length(const Point&);
};

// The nodes of one Create call that have positions.
struct Space {
  NodeId first = 0;
  std::int64_t count = 0;
  Frame frame;
  std::vector<std::int64_t> shape;  // of a grid: columns, rows, and in a room layers; else empty
  std::array<std::vector<double>, 3> at;

  bool has(NodeId id) const { return id >= first && std::int64_t(id) < std::int64_t(first) + count; }
  Point of(NodeId id) const {
    Point p{};
    for (int k = 0; k < frame.dimensions; ++k) p[std::size_t(k)] = at[std::size_t(k)][id - first];
    return p;
  }
  Point center() const;
  Point cell() const;                     // size of a cell of a grid
  Point cell_center(const Point&) const;  // of the cell of a grid that holds a point
};

// What Create is told of positions.
struct Placement {
  int dimensions = 2;
  std::vector<std::int64_t> shape;        // of a grid
  std::array<std::vector<double>, 3> at;  // or given ...
  std::vector<Parameter> drawn;           // ... or drawn, one for each axis or one for all
  std::optional<Point> center, extent;    // where they were given
  bool joined = false;
};
std::shared_ptr<Space> make_space(const Placement&, NodeId first, std::int64_t n, const Stream&);

// A region around a point. Immutable and shared.
class Mask {
 public:
  enum class Op { box, ball, ellipsoid, grid, both, either, without };
  struct Node;

  // A box that is turned around its middle by these angles (degrees).
  static Mask box(int dimensions, const Point& lower_left, const Point& upper_right, double azimuth, double polar);
  static Mask ball(int dimensions, double radius);
  static Mask ellipsoid(int dimensions, const Point& axes, const Point& center, double azimuth, double polar);
  // Cells of the grid that is searched, counted from the one that the point lies in.
  static Mask grid(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& anchor);
  Mask(Op, const Mask&, const Mask&);  // of both, either, without

  Mask shifted(const Point&) const;
  bool inside(const Point&) const;
  std::pair<Point, Point> bounds() const;  // a box that holds it
  int dimensions() const;
  bool on_grid() const;                  // counts cells
  Mask in_cells_of(const Space&) const;  // the same as a box

 private:
  explicit Mask(std::shared_ptr<const Node> n) : node_(std::move(n)) {}
  std::shared_ptr<const Node> node_;
};

// Points sorted into the cells of a grid, so that those in a small region are found quickly.
class Buckets {
  int dimensions_ = 2;
  Point low_{}, high_{}, scale_{};
  std::array<std::int64_t, 3> cells_{1, 1, 1};
  std::vector<std::uint32_t> start_, who_;
  std::array<std::vector<double>, 3> at_;

  std::int64_t cell(double x, std::size_t axis) const;

 public:
  Buckets() = default;
  Buckets(int dimensions, std::array<std::vector<double>, 3> at);
  const Point& low() const { return low_; }
  const Point& high() const { return high_; }
  // Calls f(number of the point, point) for points in a box, and perhaps for others near it; always in the same order.
  template <class F>
  void each(const Point& low, const Point& high, F&& f) const;
};

// What Connect is told of space besides the rule.
struct SpaceArguments {
  std::optional<Mask> mask;
  std::optional<Parameter> choice;  // of rules with a degree: with what weight a node is chosen
  bool use_on_source = false, allow_oversized_mask = false;
};

// What a Connect call knows of space: where its nodes are, how ways between them are measured, and whom a node may reach.
class Pairing {
 public:
  std::shared_ptr<const Space> sources, targets;  // null where nobody asks for them
  Frame frame;
  bool pool_is_targets = true;  // in which a source searches; else targets search sources
  bool reversed = false;        // the mask lies around the nodes of the pool

  void search(const Mask&, const std::vector<NodeId>& pool, bool oversized);
  bool searches() const { return mask_.has_value(); }
  // Numbers in the pool of those that a node reaches through the mask.
  void reach(NodeId id, std::vector<std::uint32_t>& out) const { reach(drivers().of(id), out); }
  void reach(Point center, std::vector<std::uint32_t>& out) const;

  std::shared_ptr<const Pairing> turned() const;  // of the same connections the other way round; it does not search
  Limits limits() const;
  // The quantities that are needed of n pairs; the scene holds as long as the room for it.
  using Room = std::array<std::vector<double>, quantities>;
  Scene look(unsigned needs, const NodeId* source, const NodeId* target, std::size_t n, Room&) const;

  // A number that is worked out once, for example how many connections to expect.
  double once(const std::function<double()>&) const;

 private:
  std::optional<Mask> mask_;
  bool cells_ = false;
  Buckets buckets_;
  mutable std::once_flag known_;
  mutable double number_ = 0;

  const Space& pool() const { return pool_is_targets ? *targets : *sources; }
  const Space& drivers() const { return pool_is_targets ? *sources : *targets; }
  void refuse_oversized() const;
};

// Scene of the places of single nodes.
Scene look_at(const Space&, const std::vector<NodeId>&, Pairing::Room&);

}  // namespace nl
