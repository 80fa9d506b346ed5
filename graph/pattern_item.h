// What a pattern is made of; only the matcher looks at it.
#pragma once

#include "graph/match.h"

namespace ridgeline::graph::pattern {

enum class Kind { Any, Constant, Scalar, Op, Either, Through };

struct Check {
  std::function<bool(const Graph&, const Node&)> holds;
  std::string why;
};

struct Item {
  Kind kind = Kind::Any;
  std::string name;             // what it binds; may be empty
  std::optional<double> value;  // Scalar; absent accepts any
  double relativeTolerance = 0;
  std::vector<std::string> opTypes;  // Op and Through
  std::string domain;
  std::vector<Pattern> inputs;
  bool exact = false;
  int output = 0;
  std::vector<Check> checks;
  std::vector<Pattern> choices;  // of Either; Through has one
};

}  // namespace ridgeline::graph::pattern
