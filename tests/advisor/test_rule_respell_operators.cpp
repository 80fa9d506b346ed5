#include "advisor/rules/fusion_gain.h"
#include "advisor/rules/respell_operators.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

#include <numeric>

using namespace ridgeline;
using namespace ridgeline::test;
using Ints = std::vector<int64_t>;

namespace {

const auto rule = advisor::makeRespellOperatorsRule();

// Whether it is faster is another question than whether it is right.
Setup untimed(engine::NamedTensors inputs) { return {.inputs = std::move(inputs), .preflightSeconds = 0}; }

}  // namespace

TEST_CASE("respell-operators works out Softmax over an inner axis where it is") {
  const int64_t opset = GENERATE(13, 18);
  const bool log = GENERATE(false, true);
  const auto image = [&] { return Sketch(opset).input("x", {-1, 5, -1, -1}).output("y"); };
  const auto before = image().node(log ? "LogSoftmax" : "Softmax", {"x"}, {"y"}, {{"axis", int64_t{1}}}).model();
  auto s = image();
  if (opset < 18) s.node("ReduceMax", {"x"}, {"m"}, {{"axes", Ints{1}}});
  if (opset >= 18) s.weight("axes", ints({1})).node("ReduceMax", {"x", "axes"}, {"m"});
  s.node("Sub", {"x", "m"}, {"d"}).node("Exp", {"d"}, {"e"});
  s.weight("sums", ints({1})).node("ReduceSum", {"e", "sums"}, {"s"});
  if (log) s.node("Log", {"s"}, {"l"}).node("Sub", {"d", "l"}, {"y"});
  if (!log) s.node("Div", {"e", "s"}, {"y"});
  // Large enough to overflow without the largest value taken off.
  requireRewrites(*rule, before, s.model(), untimed({{"x", randomTensor({2, 5, 3, 4}, 1, 100)}}));
}

TEST_CASE("respell-operators leaves Softmax alone over the last axis, and as opset 12 has it") {
  const int64_t opset = GENERATE(12, 13);
  const auto before = Sketch(opset)
                          .input("x", {2, 5, 3})
                          .output("y")
                          .node("Softmax", {"x"}, {"y"}, {{"axis", int64_t{opset == 12 ? 1 : 2}}})
                          .model();
  CHECK(requireNothing(*rule, before, untimed({{"x", randomTensor({2, 5, 3}, 1)}})).empty());
}

TEST_CASE("respell-operators makes PRelu one comparison, or a LeakyRelu where its slopes are one") {
  const auto sketch = [](const graph::Tensor& slopes) {
    return Sketch().input("x", {-1, 3, -1}).output("y").weight("s", slopes);
  };
  const auto setup = untimed({{"x", randomTensor({2, 3, 7}, 1)}});
  SECTION("of a channel each") {
    const auto slopes = floats({3, 1}, {0.25f, -0.5f, 1});
    requireRewrites(*rule, sketch(slopes).node("PRelu", {"x", "s"}, {"y"}).model(),
                    sketch(slopes).node("Mul", {"x", "s"}, {"m"}).node("Max", {"x", "m"}, {"y"}).model(), setup);
  }
  SECTION("of all") {
    const auto expected =
        Sketch().input("x", {-1, 3, -1}).output("y").node("LeakyRelu", {"x"}, {"y"}, {{"alpha", 1.5f}});
    requireRewrites(*rule, sketch(floats({3, 1}, {1.5f, 1.5f, 1.5f})).node("PRelu", {"x", "s"}, {"y"}).model(),
                    expected.model(), setup);
  }
  SECTION("but not where slopes lie on both sides of 1") {
    const auto before = sketch(floats({3, 1}, {0.25f, 2, 1})).node("PRelu", {"x", "s"}, {"y"}).model();
    const auto misses = requireNothing(*rule, before, setup);
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "its slopes are not all at most 1");
  }
  SECTION("nor where they are computed") {
    const auto before =
        Sketch().input("x", {2, 3}).output("y").node("Neg", {"x"}, {"n"}).node("PRelu", {"x", "n"}, {"y"}).model();
    CHECK(requireNothing(*rule, before, untimed({{"x", randomTensor({2, 3}, 1)}}))[0].why ==
          "its slopes are no constant");
  }
}

TEST_CASE("respell-operators works out Mish with one exponential, at every size of its argument") {
  const auto image = [] { return Sketch().input("x", {-1}).output("y"); };
  const auto before =
      image().node("Softplus", {"x"}, {"p"}).node("Tanh", {"p"}, {"t"}).node("Mul", {"x", "t"}, {"y"}).model();
  const auto expected = image()
                            .weight("two", graph::Tensor::scalar(2))
                            .weight("most", graph::Tensor::scalar(20))
                            .node("Min", {"x", "most"}, {"c"})
                            .node("Exp", {"c"}, {"e"})
                            .node("Add", {"e", "two"}, {"f"})
                            .node("Mul", {"e", "f"}, {"n"})
                            .node("Add", {"n", "two"}, {"d"})
                            .node("Div", {"n", "d"}, {"t"})
                            .node("Mul", {"x", "t"}, {"y"})
                            .model();
  std::vector<float> line(400);
  std::iota(line.begin(), line.end(), -200.0f);
  auto setup = untimed({{"x", floats({400}, line)}});
  setup.tolerance = 1e-6;
  requireRewrites(*rule, before, expected, setup);
}

TEST_CASE("respell-operators leaves a Softplus for those who read it") {
  const auto before = Sketch()
                          .input("x", {4})
                          .output("y")
                          .node("Softplus", {"x"}, {"p"})
                          .node("Tanh", {"p"}, {"t"})
                          .node("Mul", {"p", "t"}, {"y"})
                          .model();
  const auto misses = requireNothing(*rule, before, untimed({{"x", randomTensor({4}, 1)}}));
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].why == "the Softplus is also read elsewhere");
}

TEST_CASE("respell-operators spells Einsum as a product of matrices") {
  struct Case {
    std::string equation;
    graph::Dims a, b;
    std::vector<Ints> orders;  // of the left operand, the right one, the result; empty: as it is
    bool swapped = false;
  };
  const auto c = GENERATE(values<Case>({
      {"bij,bjd->bid", {2, 3, 4}, {2, 4, 5}, {{}, {}, {}}},
      {"bhid, bhjd -> bhij", {2, 3, 4, 5}, {2, 3, 6, 5}, {{}, {0, 1, 3, 2}, {}}},
      {"bsnd,btnd->bnst", {2, 4, 3, 5}, {2, 6, 3, 5}, {{0, 2, 1, 3}, {0, 2, 3, 1}, {}}},
      {"bnst,btnd->bsnd", {2, 3, 4, 6}, {2, 6, 3, 5}, {{}, {0, 2, 1, 3}, {0, 2, 1, 3}}},
      {"bsh,hd->bsd", {2, 3, 4}, {4, 5}, {{}, {}, {}}},
      {"bjd,bij->bid", {2, 4, 5}, {2, 3, 4}, {{}, {}, {}}, true},
  }));
  CAPTURE(c.equation);
  const auto sketch = [&] { return Sketch().input("a", c.a).input("b", c.b).output("y"); };
  const auto before = sketch().node("Einsum", {"a", "b"}, {"y"}, {{"equation", c.equation}}).model();
  auto s = sketch();
  const auto moved = [&](const std::string& from, const Ints& order, const std::string& to) {
    if (order.empty()) return from;
    s.node("Transpose", {from}, {to}, {{"perm", order}});
    return to;
  };
  const auto left = moved(c.swapped ? "b" : "a", c.orders[0], "left");
  const auto right = moved(c.swapped ? "a" : "b", c.orders[1], "right");
  const std::string made = c.orders[2].empty() ? "y" : "made";
  s.node("MatMul", {left, right}, {made});
  moved(made, c.orders[2], "y");
  requireRewrites(*rule, before, s.model(), untimed({{"a", randomTensor(c.a, 1)}, {"b", randomTensor(c.b, 2)}}));
}

TEST_CASE("respell-operators makes a matrix of an Einsum's weights") {
  // As Keras spells the projections of an attention: to heads of some size each, and back.
  const auto sketch = [](graph::Dims x, const graph::Tensor& weight) {
    return Sketch().input("x", std::move(x)).output("y").weight("w", weight);
  };
  const auto weight = randomTensor({12, 3, 4}, 2);
  const auto matrix = graph::Tensor::of<float>({12, 12}, weight.as<float>());
  SECTION("to heads") {
    const auto before =
        sketch({-1, -1, 12}, weight).node("Einsum", {"x", "w"}, {"y"}, {{"equation", std::string("abc,cde->abde")}});
    const auto expected = sketch({-1, -1, 12}, matrix)
                              .weight("s", ints({0, 0, 3, 4}))
                              .node("MatMul", {"x", "w"}, {"m"})
                              .node("Reshape", {"m", "s"}, {"y"});
    requireRewrites(*rule, before.model(), expected.model(), untimed({{"x", randomTensor({2, 5, 12})}}));
  }
  SECTION("and back") {
    const auto back = randomTensor({3, 4, 12}, 2);
    const auto before =
        sketch({-1, -1, 3, 4}, back).node("Einsum", {"x", "w"}, {"y"}, {{"equation", std::string("abcd,cde->abe")}});
    const auto expected = sketch({-1, -1, 3, 4}, graph::Tensor::of<float>({12, 12}, back.as<float>()))
                              .weight("s", ints({0, 0, 12}))
                              .node("Reshape", {"x", "s"}, {"r"})
                              .node("MatMul", {"r", "w"}, {"y"});
    requireRewrites(*rule, before.model(), expected.model(), untimed({{"x", randomTensor({2, 5, 3, 4})}}));
  }
  SECTION("wherever its axes lie, and on either side") {
    const auto [equation, dims] = GENERATE(table<std::string, graph::Dims>(
        {{"dce,abc->abde", {3, 12, 4}}, {"dce,abc->bade", {3, 12, 4}}, {"edc,abc->adbe", {4, 3, 12}}}));
    CAPTURE(equation);
    const auto before =
        sketch({-1, -1, 12}, randomTensor(dims, 2)).node("Einsum", {"w", "x"}, {"y"}, {{"equation", equation}}).model();
    const auto after = rewrite(*rule, before, untimed({{"x", randomTensor({2, 5, 12})}}));
    CHECK(after.places == 1);
  }
  SECTION("but not of what is computed") {
    const auto before = sketch({2, 5, 12}, weight)
                            .node("Relu", {"w"}, {"v"})
                            .node("Einsum", {"x", "v"}, {"y"}, {{"equation", std::string("abc,cde->abde")}});
    CHECK(requireNothing(*rule, before.model(), untimed({{"x", randomTensor({2, 5, 12})}})).size() == 1);
  }
}

TEST_CASE("respell-operators leaves an Einsum alone that is no product of two matrices") {
  const auto [equation, a, b] = GENERATE(table<std::string, graph::Dims, graph::Dims>({
      {"ij,ij->ij", {2, 3}, {2, 3}},
      {"bij,bij->b", {2, 3, 4}, {2, 3, 4}},
      {"ii,ij->ij", {3, 3}, {3, 3}},
      {"bhij,bjkd->bhikd", {2, 3, 4, 5}, {2, 5, 6, 7}},
      {"...ij,...jk->...ik", {2, 3, 4}, {2, 4, 5}},
  }));
  CAPTURE(equation);
  const auto before = Sketch()
                          .input("a", a)
                          .input("b", b)
                          .output("y")
                          .node("Einsum", {"a", "b"}, {"y"}, {{"equation", equation}})
                          .model();
  const auto misses = requireNothing(*rule, before, untimed({{"a", randomTensor(a, 1)}, {"b", randomTensor(b, 2)}}));
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].why == equation + " is no product of matrices of two operands");
}

TEST_CASE("respell-operators takes a line for an image one pixel high") {
  const int64_t opset = GENERATE(11, 17);
  const auto sketch = [&] {
    return Sketch(opset).input("x", {-1, 6, -1}).output("y").weight("b", randomTensor({6}, 2));
  };
  const auto weights = randomTensor({6, 1, 3}, 3);
  const auto before =
      sketch()
          .weight("w", weights)
          .node("Conv", {"x", "w", "b"}, {"y"},
                {{"group", int64_t{6}}, {"pads", Ints{2, 1}}, {"dilations", Ints{2}}, {"strides", Ints{3}}})
          .model();
  auto s = sketch().weight("w", graph::Tensor::of<float>({6, 1, 1, 3}, weights.as<float>()));
  if (opset < 13) s.node("Unsqueeze", {"x"}, {"u"}, {{"axes", Ints{2}}});
  if (opset >= 13) s.weight("two", ints({2})).node("Unsqueeze", {"x", "two"}, {"u"});
  s.node("Conv", {"u", "w", "b"}, {"v"},
         {{"kernel_shape", Ints{1, 3}},
          {"group", int64_t{6}},
          {"strides", Ints{1, 3}},
          {"dilations", Ints{1, 2}},
          {"pads", Ints{0, 2, 0, 1}}});
  if (opset < 13) s.node("Squeeze", {"v"}, {"y"}, {{"axes", Ints{2}}});
  if (opset >= 13) s.weight("again", ints({2})).node("Squeeze", {"v", "again"}, {"y"});
  requireRewrites(*rule, before, s.model(), untimed({{"x", randomTensor({2, 6, 11}, 1)}}));
}

TEST_CASE("respell-operators sums over neighbouring channels by a convolution") {
  const auto [size, beta] = GENERATE(table<int64_t, float>({{5, 0.75f}, {3, 0.6f}}));
  CAPTURE(size, beta);
  const auto before = Sketch()
                          .input("x", {-1, 7, 3, 3})
                          .output("y")
                          .node("LRN", {"x"}, {"y"}, {{"size", size}, {"beta", beta}, {"alpha", 0.5f}, {"bias", 2.0f}})
                          .model();
  const auto after = rewrite(*rule, before, untimed({{"x", randomTensor({2, 7, 3, 3}, 1, 3)}}));
  CHECK(after.places == 1);
}

TEST_CASE("respell-operators leaves LRN alone where the number of channels is open") {
  const auto before =
      Sketch().input("x", {-1, -1, 3, 3}).output("y").node("LRN", {"x"}, {"y"}, {{"size", int64_t{3}}}).model();
  CHECK(requireNothing(*rule, before, untimed({{"x", randomTensor({2, 7, 3, 3}, 1)}})).size() == 1);
}

TEST_CASE("a place that takes more time rewritten than it may is told apart") {
  const auto before = Sketch().input("x", {512, 512}).output("y").node("Relu", {"x"}, {"y"}).model();
  QuantizationBench bench(before, {{{"x", randomTensor({512, 512}, 1)}}});
  auto model = before.clone();
  graph::Graph graph(model);
  const std::vector<advisor::FusionPlace> fast{{"y", {graph.find("y")}, 0.95}}, any{{"y", {graph.find("y")}}};
  const auto slower = [](graph::Graph& small, const std::string& at) -> Status {
    auto x = small.find(at)->input(0);
    for (int i = 0; i < 10; ++i) {
      const auto next = small.uniqueName("t");
      small.addNode({"Tanh", {x}, {next}, {}, {}, {}});
      x = next;
    }
    small.replaceTensor(at, x);
    small.removeDead();
    return {};
  };
  CHECK(fusionGain(graph, fast, bench.subject(), "Tanh", slower).tooSlow == std::vector<std::string>{"y"});
  CHECK(fusionGain(graph, any, bench.subject(), "Tanh", slower).tooSlow.empty());
}
