// Expressions over random numbers: what users write as nest.random.normal(mean=1.0, std=0.1) * 2. Immutable and shared.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "rng.hpp"

namespace nl {

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
    conditional
  };

  Parameter();  // 0
  Parameter(double x);
  Parameter(Op, double a, double b);  // distributions
  Parameter(Op, std::vector<Parameter> args, double a = 0, double b = 0);

  bool is_random() const;
  bool is_constant() const;
  double value() const;  // of a constant
  std::pair<double, double> bounds() const;
  std::string text() const;

  // n values for positions first ... first + n - 1 of stream s.row.
  void draw(const Stream& s, std::uint32_t first, std::span<double> out) const;

  struct Node;

 private:
  std::shared_ptr<const Node> node_;
};

}  // namespace nl
