#include "advisor/rules/move_transposes.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;

namespace {

const auto rule = advisor::makeMoveTransposesRule();
using Perm = std::vector<int64_t>;
const Perm toLast{0, 2, 3, 1}, toFirst{0, 3, 1, 2};  // NCHW to NHWC and back

// Convolutions keep the layout on both sides fixed: x -> Conv -> [a ... b] -> Conv -> y, four channels of 6x6.
Sketch open() {
  return Sketch()
      .input("x", {1, 4, 6, 6})
      .output("y")
      .weight("k", randomTensor({4, 4, 1, 1}))
      .node("Conv", {"x", "k"}, {"a"});
}

graph::Model close(Sketch sketch) { return sketch.node("Conv", {"b", "k"}, {"y"}).model(); }

Sketch transpose(Sketch sketch, const std::string& from, const std::string& to, const Perm& perm) {
  return sketch.node("Transpose", {from}, {to}, {{"perm", perm}});
}

// In NHWC: a -> Transpose -> p, `middle` makes q of p, q -> Transpose -> b.
template <class Middle>
graph::Model inChannelsLast(Middle middle) {
  return close(transpose(middle(transpose(open(), "a", "p", toLast)), "q", "b", toFirst));
}

int countOf(const graph::Model& model, std::string_view type) {
  int count = 0;
  for (const auto& node : model.graphProto().node()) count += node.op_type() == type;
  return count;
}

}  // namespace

TEST_CASE("move-transposes takes the transposes around an operator away") {
  const auto check = [](auto middle, auto moved) {
    requireRewrites(*rule, inChannelsLast(middle), close(moved(open())));
  };
  SECTION("an activation") {
    check([](Sketch s) { return s.node("Relu", {"p"}, {"q"}); }, [](Sketch s) { return s.node("Relu", {"a"}, {"b"}); });
  }
  SECTION("a chain") {
    check(
        [](Sketch s) {
          return s.node("Sigmoid", {"p"}, {"t"}).node("Mul", {"p", "t"}, {"q"});
        },
        [](Sketch s) {
          return s.node("Sigmoid", {"a"}, {"t"}).node("Mul", {"a", "t"}, {"b"});
        });
  }
  SECTION("a bias for each channel, which is the last axis before and the second after") {
    check(
        [](Sketch s) {
          return s.weight("c", floats({4}, {1, 2, 3, 4})).node("Add", {"p", "c"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("c", floats({1, 4, 1, 1}, {1, 2, 3, 4})).node("Add", {"a", "c"}, {"b"});
        });
  }
  SECTION("a constant over the image") {
    const auto image = randomTensor({6, 6, 1});
    auto there = image;
    check(
        [&](Sketch s) {
          return s.weight("c", image).node("Mul", {"c", "p"}, {"q"});
        },
        [&](Sketch s) {
          return s.weight("c", floats({1, 1, 6, 6}, image.toFloats())).node("Mul", {"c", "a"}, {"b"});
        });
  }
  SECTION("a scalar stays") {
    check(
        [](Sketch s) {
          return s.weight("c", graph::Tensor::scalar(3)).node("Mul", {"p", "c"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("c", graph::Tensor::scalar(3)).node("Mul", {"a", "c"}, {"b"});
        });
  }
  SECTION("Softmax, its axis following") {
    check(
        [](Sketch s) {
          return s.node("Softmax", {"p"}, {"q"}, {{"axis", int64_t{-1}}});
        },
        [](Sketch s) {
          return s.node("Softmax", {"a"}, {"b"}, {{"axis", int64_t{1}}});
        });
  }
  SECTION("a reduction that keeps its axes, broadcast back") {
    check(
        [](Sketch s) {
          return s.node("ReduceMax", {"p"}, {"m"}, {{"axes", Perm{1, -2}}}).node("Sub", {"p", "m"}, {"q"});
        },
        [](Sketch s) {
          return s.node("ReduceMax", {"a"}, {"m"}, {{"axes", Perm{2, 3}}}).node("Sub", {"a", "m"}, {"b"});
        });
  }
  SECTION("Pad") {
    check(
        [](Sketch s) {
          return s.weight("c", ints({0, 1, 2, 0, 0, 3, 4, 0})).node("Pad", {"p", "c"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("c", ints({0, 0, 1, 2, 0, 0, 3, 4})).node("Pad", {"a", "c"}, {"b"});
        });
  }
  SECTION("Slice, its axes following") {
    check(
        [](Sketch s) {
          return s.weight("f", ints({1, 2}))
              .weight("t", ints({5, 6}))
              .weight("c", ints({1, -2}))
              .node("Slice", {"p", "f", "t", "c"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("f", ints({1, 2}))
              .weight("t", ints({5, 6}))
              .weight("c", ints({2, 3}))
              .node("Slice", {"a", "f", "t", "c"}, {"b"});
        });
  }
  SECTION("Slice over the first axes, which it does not name") {
    check(
        [](Sketch s) {
          return s.weight("f", ints({0, 2})).weight("t", ints({1, 6})).node("Slice", {"p", "f", "t"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("f", ints({0, 2}))
              .weight("t", ints({1, 6}))
              .weight("c", ints({0, 2}))
              .node("Slice", {"a", "f", "t", "c"}, {"b"});
        });
  }
  SECTION("Resize to the nearest element") {
    check(
        [](Sketch s) {
          return s.weight("c", floats({4}, {1, 2, 3, 1})).node("Resize", {"p", "", "c"}, {"q"});
        },
        [](Sketch s) {
          return s.weight("c", floats({4}, {1, 1, 2, 3})).node("Resize", {"a", "", "c"}, {"b"});
        });
  }
  SECTION("quantized and back, by channel") {
    const auto quantized = [](const std::string& from, const std::string& to, int64_t axis) {
      return [=](Sketch s) {
        const std::vector<uint8_t> zero{1, 2, 3, 4};
        return s.weight("sc", floats({4}, {0.1f, 0.2f, 0.3f, 0.4f}))
            .weight("z", graph::Tensor::of<uint8_t>({4}, std::span<const uint8_t>(zero)))
            .node("QuantizeLinear", {from, "sc", "z"}, {"i"}, {{"axis", axis}})
            .node("DequantizeLinear", {"i", "sc", "z"}, {to}, {{"axis", axis}});
      };
    };
    check(quantized("p", "q", 3), quantized("a", "b", 1));
  }
}

TEST_CASE("move-transposes joins branches at a Concat, and parts them at a Split") {
  const auto before = [] {
    auto s = open().node("Neg", {"a"}, {"n"});
    s = transpose(transpose(s, "a", "p1", toLast), "n", "p2", toLast);
    s.node("Relu", {"p2"}, {"r"})
        .node("Concat", {"p1", "r"}, {"c"}, {{"axis", int64_t{3}}})
        .node("Split", {"c"}, {"u", "v"}, {{"axis", int64_t{3}}, {"num_outputs", int64_t{2}}})
        .node("Mul", {"u", "v"}, {"q"});
    return close(transpose(s, "q", "b", toFirst));
  };
  auto expected = open().node("Neg", {"a"}, {"n"});
  expected.node("Relu", {"n"}, {"r"})
      .node("Concat", {"a", "r"}, {"c"}, {{"axis", int64_t{1}}})
      .node("Split", {"c"}, {"u", "v"}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{2}}})
      .node("Mul", {"u", "v"}, {"b"});
  // num_outputs came with operator set 18; the engine's Split of 17 has two equal parts by its two outputs.
  auto strip = [](graph::Model m) {
    for (auto& node : *m.graphProto().mutable_node()) graph::removeAttribute(node, "num_outputs");
    return m;
  };
  requireRewrites(*rule, strip(before()), strip(close(expected)));
}

TEST_CASE("move-transposes pays a small transposition to save large ones") {
  // Six maps of 1x4x6x6 come in by NHWC, one result of 1x4x1x1 is wanted in NHWC by an operator that is tied to it.
  const auto before = [] {
    auto s = Sketch().input("x", {1, 4, 6, 6}).output("y").weight("k", randomTensor({4, 4, 1, 1}));
    s = transpose(s.node("Conv", {"x", "k"}, {"a"}), "a", "p", toLast);
    return s.node("Exp", {"p"}, {"e"})
        .node("ReduceMean", {"e"}, {"m"}, {{"axes", Perm{1, 2}}})
        .weight("w", randomTensor({4, 3}))
        .node("MatMul", {"m", "w"}, {"y"})
        .model();
  };
  auto expected = Sketch().input("x", {1, 4, 6, 6}).output("y").weight("k", randomTensor({4, 4, 1, 1}));
  expected.node("Conv", {"x", "k"}, {"a"})
      .node("Exp", {"a"}, {"e"})
      .node("ReduceMean", {"e"}, {"m"}, {{"axes", Perm{2, 3}}});
  expected = transpose(expected, "m", "t", toLast).weight("w", randomTensor({4, 3}));
  expected.node("MatMul", {"t", "w"}, {"y"});

  const auto result = rewrite(*rule, before(), {.times = {{"p", 1.0}}});
  CHECK(difference(result.model, expected.model()) == "");
  REQUIRE(result.opportunities.size() == 1);
  // 576 bytes become 16.
  CHECK(result.opportunities[0].predictedGainMs == Approx(1 - 16.0 / 576));
  CHECK(result.opportunities[0].evidence[0] == "transposed per run: 576 B now, 16.0 B after");
}

TEST_CASE("move-transposes transposes another operand where that costs less than it saves") {
  // The residual comes in NHWC from outside: turning it once costs one map, and saves two.
  auto before = open().input("r", {1, 6, 6, 4});
  before = transpose(before, "a", "p", toLast).node("Add", {"p", "r"}, {"q"});
  auto expected = transpose(open().input("r", {1, 6, 6, 4}), "r", "t", toFirst).node("Add", {"a", "t"}, {"b"});
  requireRewrites(*rule, close(transpose(before, "q", "b", toFirst)), close(expected));
}

TEST_CASE("move-transposes keeps the layout of inputs and outputs") {
  // y is NHWC for the caller: it is made by a Transpose at the end, and what follows in NCHW is spared two.
  auto before = Sketch().input("x", {1, 4, 6, 6}).output("y").output("z").weight("k", randomTensor({4, 4, 1, 1}));
  before = transpose(before, "x", "p", toLast).node("Relu", {"p"}, {"y"}).node("Neg", {"y"}, {"q"});
  before = transpose(before, "q", "b", toFirst).node("Conv", {"b", "k"}, {"z"});
  auto expected = Sketch().input("x", {1, 4, 6, 6}).output("y").output("z").weight("k", randomTensor({4, 4, 1, 1}));
  expected.node("Relu", {"x"}, {"r"}).node("Neg", {"r"}, {"b"}).node("Conv", {"b", "k"}, {"z"});
  requireRewrites(*rule, before.model(), transpose(expected, "r", "y", toLast).model());
}

TEST_CASE("move-transposes lets an output be made without the transposes before it") {
  auto before = transpose(open(), "a", "p", toLast).node("Relu", {"p"}, {"q"});
  requireRewrites(*rule, transpose(before, "q", "y", toFirst).model(), open().node("Relu", {"a"}, {"y"}).model());
}

TEST_CASE("move-transposes sees an order that is its own inverse") {
  const Perm swap{0, 2, 1, 3};
  auto before = transpose(open(), "a", "p", swap).node("Tanh", {"p"}, {"q"});
  requireRewrites(*rule, close(transpose(before, "q", "b", swap)), close(open().node("Tanh", {"a"}, {"b"})));
}

TEST_CASE("move-transposes changes regions apart from each other") {
  auto before = transpose(open(), "a", "p", toLast).node("Relu", {"p"}, {"q"});
  before = transpose(before, "q", "b", toFirst).node("Conv", {"b", "k"}, {"a2"});
  before = transpose(before, "a2", "p2", toLast).node("Tanh", {"p2"}, {"q2"});
  before = transpose(before, "q2", "b2", toFirst).node("Conv", {"b2", "k"}, {"y"});
  const auto model = before.model();
  const auto both = rewrite(*rule, model);
  CHECK(both.places == 2);
  CHECK(countOf(both.model, "Transpose") == 0);
}

TEST_CASE("move-transposes stays out where nothing is saved or the operator is tied to its axes") {
  const auto untouched = [](auto middle) { requireNothing(*rule, inChannelsLast(middle)); };
  SECTION("one transposition, wherever it is") {
    requireNothing(*rule, transpose(open().node("Relu", {"a"}, {"r"}), "r", "y", toLast).model());
  }
  SECTION("the way back is another one") {
    auto before = transpose(open(), "a", "p", toLast).node("Relu", {"p"}, {"q"});
    requireNothing(*rule, close(transpose(before, "q", "b", {0, 3, 2, 1})));
  }
  SECTION("a product over the last axis") {
    const auto misses = requireNothing(*rule, inChannelsLast([](Sketch s) {
      return s.weight("w", randomTensor({4, 4})).node("MatMul", {"p", "w"}, {"q"});
    }));
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].place == "q");
    CHECK_THAT(misses[0].why, Catch::StartsWith("MatMul stands between two transposes that would cancel"));
  }
  SECTION("a reduction that drops its axes") {
    untouched([](Sketch s) {
      return s.node("ReduceMax", {"p"}, {"m"}, {{"axes", Perm{1}}, {"keepdims", int64_t{0}}})
          .weight("c", ints({1}))
          .node("Unsqueeze", {"m", "c"}, {"q"});
    });
  }
  SECTION("interpolation, which the engine has for spatial axes in one place only") {
    untouched([](Sketch s) {
      return s.weight("c", floats({4}, {1, 2, 2, 1}))
          .node("Resize", {"p", "", "c"}, {"q"}, {{"mode", std::string("linear")}});
    });
  }
  SECTION("axes that are computed") {
    auto s = transpose(open().input("axes", {1}, DataType::Int64), "a", "p", toLast);
    s.weight("f", ints({1})).weight("t", ints({3})).node("Slice", {"p", "f", "t", "axes"}, {"q"});
    requireNothing(*rule, close(transpose(s, "q", "b", toFirst)),
                   {.inputs = {{"x", randomTensor({1, 4, 6, 6})}, {"axes", ints({2})}}});
  }
  SECTION("another operand as large, with one transposition to save") {
    auto before = transpose(open().input("r", {1, 6, 6, 4}), "a", "p", toLast).node("Add", {"p", "r"}, {"y"});
    requireNothing(*rule, before.model());
  }
}
