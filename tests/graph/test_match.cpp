// Patterns: what they match, bind and refuse, and what is said of a near miss.
#include "graph/match.h"
#include "tests/graph/build.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;
namespace p = ridgeline::graph::pattern;

namespace {

// 0.5 * x * (1 + erf(x / sqrt 2)) as exporters write it, with the operands as given.
Model geluModel(bool swapped, float root = std::sqrt(2.0f)) {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  output(proto, "y");
  weight(proto, "half", {}, {0.5f});
  weight(proto, "one", {1}, {1});
  weight(proto, "root", {}, {root});
  node(proto, "Div", {"x", "root"}, {"d"});
  node(proto, "Erf", {"d"}, {"e"});
  node(proto, "Add", swapped ? Names{"one", "e"} : Names{"e", "one"}, {"s"});
  node(proto, "Mul", swapped ? Names{"s", "x"} : Names{"x", "s"}, {"m"});
  node(proto, "Mul", swapped ? Names{"half", "m"} : Names{"m", "half"}, {"y"});
  return model;
}

p::Pattern geluPattern() {
  const auto x = p::any("x");
  const auto erf = p::op("Erf", {p::op("Div", {x, p::scalar(std::sqrt(2.0))}, "div")});
  return p::op("Mul", {p::op("Mul", {x, p::op("Add", {erf, p::scalar(1)})}), p::scalar(0.5)});
}

}  // namespace

TEST_CASE("A formula matches in any order of its commutative operands") {
  for (const bool swapped : {false, true}) {
    auto model = geluModel(swapped);
    Graph graph(model);
    const auto found = match(graph, *graph.find("y"), geluPattern());
    REQUIRE(found);
    CHECK(found->tensor("x") == "x");
    CHECK(found->tensor("div") == "d");
    CHECK(found->node("div") == graph.find("d"));
    CHECK(found->node("nothing") == nullptr);
    CHECK(found->tensor("nothing").empty());
    CHECK(found->nodes.size() == 5);
    CHECK(found->nodes.front() == graph.find("y"));
    CHECK(isClosed(graph, found->nodes, Names{"y"}));
  }
}

TEST_CASE("A name stands for one tensor") {
  auto model = geluModel(false);
  input(model.graphProto(), "other");
  Graph graph(model);
  graph.setInput(graph.find("d"), 0, "other");
  Mismatch why;
  CHECK_FALSE(match(graph, *graph.find("y"), geluPattern(), &why));
  CHECK(why.matchedNodes == 5);
  CHECK(why.at == "other");
  CHECK(why.why == "expected 'x' again, which is x");
}

TEST_CASE("An early choice is revised when something later fails") {
  // Add(a, b) with Mul(a, ...) under it: `p` can only be told from `q` by the second operand.
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "a");
  input(proto, "b");
  node(proto, "Relu", {"b"}, {"r"});
  node(proto, "Add", {"a", "b"}, {"s"});
  node(proto, "Sub", {"s", "r"}, {"y"});
  output(proto, "y");
  Graph graph(model);
  const auto pattern = p::op("Sub", {p::op("Add", {p::any("p"), p::any("q")}), p::op("Relu", {p::any("p")})});
  const auto found = match(graph, *graph.find("y"), pattern);
  REQUIRE(found);
  CHECK(found->tensor("p") == "b");
  CHECK(found->tensor("q") == "a");

  const auto ofEither =
      p::op("Sub", {p::either({p::any("p"), p::op("Add", {p::any(), p::any("p")})}), p::op("Relu", {p::any("p")})});
  const auto second = match(graph, *graph.find("y"), ofEither);
  REQUIRE(second);
  CHECK(second->tensor("p") == "b");
  CHECK(ids(second->nodes) == Names{"y", "s", "r"});
}

TEST_CASE("Operands that do not commute keep their places") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  weight(proto, "one", {}, {1});
  node(proto, "Sub", {"one", "x"}, {"y"});
  Graph graph(model);
  CHECK(match(graph, *graph.find("y"), p::op("Sub", {p::scalar(1), p::any()})));
  CHECK_FALSE(match(graph, *graph.find("y"), p::op("Sub", {p::any(), p::scalar(1)})));
}

TEST_CASE("Sums of many operands match as a set") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  weight(proto, "one", {}, {1});
  weight(proto, "two", {}, {2});
  node(proto, "Sum", {"one", "x", "two"}, {"y"});
  Graph graph(model);
  auto& root = *graph.find("y");
  CHECK(match(graph, root, p::op("Sum", {p::scalar(2), p::scalar(1), p::any("x")}))->tensor("x") == "x");
  CHECK(match(graph, root, p::op("Sum", {p::scalar(2)})));
  CHECK_FALSE(match(graph, root, p::exact(p::op("Sum", {p::scalar(2)}))));
  CHECK_FALSE(match(graph, root, p::op("Sum", {p::scalar(2), p::scalar(2)})));
  CHECK_FALSE(match(graph, root, p::op("Sum", {p::any(), p::any(), p::any(), p::any()})));
}

TEST_CASE("Scalars match within their tolerance") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  weight(proto, "k", {1, 1}, {1.4142f});
  weight(proto, "v", {2}, {1, 1});
  weight(proto, "low", {}, {-INFINITY});
  node(proto, "Div", {"x", "k"}, {"y"});
  node(proto, "Div", {"x", "v"}, {"z"});
  node(proto, "Div", {"x", "low"}, {"w"});
  Graph graph(model);
  const auto by = [&](const char* id, p::Pattern what) {
    return match(graph, *graph.find(id), p::op("Div", {p::any(), std::move(what)})).has_value();
  };
  CHECK(by("y", p::scalar(std::sqrt(2.0))));
  CHECK_FALSE(by("y", p::scalar(std::sqrt(2.0), 1e-6)));
  CHECK_FALSE(by("y", p::scalar(0)));
  CHECK(by("y", p::scalar("k")));
  CHECK(by("w", p::scalar(-INFINITY)));
  CHECK_FALSE(by("w", p::scalar(INFINITY)));
  CHECK_FALSE(by("z", p::scalar("k")));
  CHECK(by("z", p::constant("k")));
  CHECK_FALSE(match(graph, *graph.find("y"), p::op("Div", {p::constant()})));
}

TEST_CASE("Alternatives, detours and conditions") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  node(proto, "Relu", {"x"}, {"r"});
  node(proto, "Cast", {"r"}, {"c"});
  setAttribute(node(proto, "Softmax", {"c"}, {"y"}), "axis", int64_t{1});
  node(proto, "Identity", {"y"}, {"z"});
  Graph graph(model);
  auto& softmax = *graph.find("y");
  const auto relu = p::op("Relu", {p::any("x")});

  CHECK(match(graph, softmax, p::op("LogSoftmax|Softmax")));
  CHECK_FALSE(match(graph, softmax, p::op("Softmax", {relu})));
  const auto detour = match(graph, softmax, p::op("Softmax", {p::through("Cast|Identity", relu)}));
  REQUIRE(detour);
  CHECK(ids(detour->nodes) == Names{"y", "c", "r"});
  CHECK(match(graph, *graph.find("r"), p::through("Cast", relu)));
  CHECK(ids(match(graph, *graph.find("c"), p::through("Cast", relu))->nodes) == Names{"c", "r"});
  CHECK(match(graph, *graph.find("z"), p::through("Identity", p::op("Softmax"))));

  const auto axis = [](int64_t wanted) {
    return [wanted](const Graph&, const Node& one) { return intAttribute(one, "axis", -1) == wanted; };
  };
  CHECK(match(graph, softmax, p::where(p::op("Softmax"), axis(1), "axis")));
  Mismatch why;
  CHECK_FALSE(match(graph, softmax,
                    p::where(p::either({p::op("Softmax"), p::op("Relu")}), axis(2), "the axis is not 2"), &why));
  CHECK(why.why == "the axis is not 2");
  CHECK(why.matchedNodes == 0);
  CHECK(match(graph, softmax, p::either({p::op("Relu"), p::op("Softmax")})));
  CHECK_FALSE(match(graph, softmax, p::op("Softmax", {}, "", "com.microsoft")));
}

TEST_CASE("Inputs that are absent") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  weight(proto, "hi", {}, {6});
  node(proto, "Clip", {"x", "", "hi"}, {"y"});
  Graph graph(model);
  auto& clip = *graph.find("y");
  CHECK(match(graph, clip, p::op("Clip", {p::any(), nullptr, p::scalar(6)})));
  Mismatch why;
  CHECK_FALSE(match(graph, clip, p::op("Clip", {p::any(), p::any(), p::scalar(6)}), &why));
  CHECK(why.why == "expected input 1 of Clip, found none");
  CHECK_FALSE(match(graph, clip, p::op("Clip", {nullptr, nullptr, nullptr, p::any()})));
  CHECK(match(graph, clip, p::exact(p::op("Clip", {nullptr, nullptr, nullptr}))));
}

TEST_CASE("Operators are matched by their first output unless said otherwise") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  node(proto, "Split", {"x"}, {"q", "k"});
  node(proto, "MatMul", {"q", "k"}, {"y"});
  Graph graph(model);
  auto& root = *graph.find("y");
  const auto split = p::op("Split", {p::any()}, "split");
  CHECK_FALSE(match(graph, root, p::op("MatMul", {split, split})));
  CHECK(match(graph, root, p::op("MatMul", {p::output(p::op("Split"), -1), p::output(p::op("Split"), 1)})));
  CHECK_FALSE(match(graph, root, p::op("MatMul", {p::output(p::op("Split"), 1), p::output(p::op("Split"), 2)})));
}

TEST_CASE("A near miss tells the furthest attempt") {
  auto model = geluModel(false, 1.5f);
  Graph graph(model);
  Mismatch why;
  CHECK_FALSE(match(graph, *graph.find("y"), geluPattern(), &why));
  CHECK(why.matchedNodes == 5);
  CHECK(why.at == "root");
  CHECK_THAT(why.why, Catch::Matchers::Contains("expected 1.414") && Catch::Matchers::Contains("found 1.5"));
  CHECK_FALSE(match(graph, *graph.find("e"), geluPattern(), &why));
  CHECK(why.matchedNodes == 0);
  CHECK(why.at == "e");
  CHECK(why.why == "expected Mul, found Erf");
}

TEST_CASE("Matched nodes are closed when nobody else reads what they make") {
  auto model = geluModel(false);
  auto& proto = model.graphProto();
  SECTION("a reader outside") { node(proto, "Neg", {"s"}, {"n"}); }
  SECTION("a graph output inside") { output(proto, "s"); }
  Graph graph(model);
  const auto found = match(graph, *graph.find("y"), geluPattern());
  REQUIRE(found);
  CHECK_FALSE(isClosed(graph, found->nodes, Names{"y"}));
  CHECK(isClosed(graph, found->nodes, Names{"y", "s"}));
}

TEST_CASE("Replacing what matched gives the fused graph") {
  auto model = geluModel(true);
  Graph graph(model);
  const auto found = match(graph, *graph.find("y"), geluPattern());
  REQUIRE(found);
  const auto* fused = graph.addNode({.opType = "Gelu", .inputs = {found->tensor("x")}, .domain = "com.microsoft"});
  graph.replaceTensor("y", idOf(*fused));
  CHECK(graph.removeDead() == 5);
  CHECK(text(model) == "Gelu(x)->y");
  CHECK(model.graphProto().initializer_size() == 0);
}
