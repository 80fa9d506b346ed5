// Operators that the engine has a slow kernel for, and the operators with fast ones that compute the same. One file for
// each; respell_operators.cpp tries them where they occur.
#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::advisor {

struct Respellable {
  std::vector<graph::Node*> nodes;  // that others take the place of; empty where it cannot be done
  std::string kind;                 // for people: "Softmax over axis 1 of 4"
  std::string why;                  // what stood in the way; empty when it does not look like one at all
};

struct Respelling {
  std::string_view opType;  // of the node that makes the result
  Respellable (*look)(const graph::Graph&, const SymbolicShapes&, graph::Node&);
  // Adds the other operators and returns the name of what they make. Only for nodes where look() finds nothing in the
  // way.
  std::string (*write)(graph::Graph&, const SymbolicShapes&, graph::Node&);
  // Other rewrites know what it is respelled in: worth it where it is no slower.
  bool unlocks = false;
};

// The engine's Softmax and LogSoftmax take the last axis; for another one they move the whole tensor there and back.
extern const Respelling kSoftmax, kLogSoftmax;
// One element at a time, whatever the slopes.
extern const Respelling kPRelu;
// Softplus, one element at a time, within tanh(softplus(x)), as Mish has it.
extern const Respelling kTanhOfSoftplus;
// Works out how to multiply at every run, and copies for it.
extern const Respelling kEinsum;
// The kernels for small depthwise kernels, and those for blocks of channels, are for images.
extern const Respelling kConv1d;
// Sums over neighbouring channels one element at a time.
extern const Respelling kLrn;

std::span<const Respelling* const> allRespellings();

}  // namespace ridgeline::advisor
