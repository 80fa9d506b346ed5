// A chain of three nodes to edit, and the check that edits keep the indexes right.
#pragma once

#include "tests/graph/build.h"

#include <catch2/catch.hpp>

namespace ridgeline::graph::test {

// x -> Relu -> a -> Mul(a,a) -> b -> Add(b,w) -> y
inline Model chain() {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  input(graph, "x");
  output(graph, "y");
  weight(graph, "w", {3}, {1, 2, 3});
  node(graph, "Relu", {"x"}, {"a"});
  node(graph, "Mul", {"a", "a"}, {"b"});
  node(graph, "Add", {"b", "w"}, {"y"});
  return model;
}

// After any edit, a graph indexed anew must answer the same.
inline void checkIndexes(const Graph& graph) {
  auto copy = graph.model().clone();
  const Graph fresh(copy);
  REQUIRE(ids(graph.nodes()) == ids(fresh.nodes()));
  for (const auto* one : fresh.nodes()) {
    for (const auto* names : {&one->input(), &one->output()}) {
      for (const auto& name : *names) {
        INFO(name);
        CHECK(ids(graph.consumers(name)) == ids(fresh.consumers(name)));
        CHECK((graph.producer(name) ? idOf(*graph.producer(name)) : "") ==
              (fresh.producer(name) ? idOf(*fresh.producer(name)) : ""));
        CHECK(graph.isUsed(name) == fresh.isUsed(name));
        CHECK(graph.isConstant(name) == fresh.isConstant(name));
      }
    }
  }
}

}  // namespace ridgeline::graph::test
