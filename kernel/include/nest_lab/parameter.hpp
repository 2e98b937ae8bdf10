// Expressions over random numbers and places: what users write as nest.random.normal(mean=1.0, std=0.1) * 2, or as
// nest.spatial_distributions.exponential(nest.spatial.distance). Immutable and shared.
#pragma once
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "rng.hpp"

namespace nl {

// What an expression may know of where nodes are: the place of a node, or of the ends of a connection, and the way between these,
// in all and along each axis. Places have three numbers each, one after the other.
enum class Quantity { node, source = 3, target = 6, distance = 9, span = 10 };
inline constexpr std::size_t quantities = 13;
using Limits = std::array<std::pair<double, double>, quantities>;

// Values of these quantities: number i belongs to the value that is drawn at position `first + i`.
using Scene = std::array<const double*, quantities>;

class Parameter {
 public:
  enum class Op {
    constant,
    uniform,
    normal,
    exponential,
    lognormal,
    uniform_int,
    add,
    sub,
    mul,
    div,
    pow,
    neg,
    lt,
    le,
    gt,
    ge,
    eq,
    ne,
    exp,
    sin,
    cos,
    min,
    max,
    redraw,
    conditional,
    place,  // one of the quantities
    exponential_profile,
    gaussian_profile,
    gaussian2d_profile,
    gamma_profile,
    gabor_profile
  };

  Parameter();  // 0
  Parameter(double x);
  Parameter(Op, double a, double b);  // distributions
  Parameter(Op, std::vector<Parameter> args, double a = 0, double b = 0);
  static Parameter place(Quantity, int axis = 0);
  static Parameter profile(Op, std::vector<Parameter> args, std::vector<double> constants);

  bool is_random() const;
  bool is_constant() const;
  double value() const;  // of a constant
  std::pair<double, double> bounds() const;
  std::string text() const;
  unsigned needs() const;                 // the quantities it depends on, one bit each
  Parameter within(const Limits&) const;  // the same, with bounds that follow from those of the quantities

  // n values for positions first ... first + n - 1 of stream s.row. What it needs has to be in the scene.
  void draw(const Stream& s, std::uint32_t first, std::span<double> out, const Scene* scene = nullptr) const;

  struct Node;

 private:
  std::shared_ptr<const Node> node_;
};

}  // namespace nl
