#include "engine/lineage.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>

#include <set>

using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;

namespace {

using Ids = std::set<std::string>;

struct Traced {
  Lineage lineage;
  graph::Model optimized;

  // The ids behind the first executed node of this type; "missing" when there is no such node.
  Ids behind(const std::string& opType) const {
    for (const auto& node : optimized.graphProto().node()) {
      if (node.op_type() != opType) continue;
      const auto& sources = lineage.sources.at(node.name());
      return {sources.begin(), sources.end()};
    }
    return {"missing"};
  }
};

Traced trace(const graph::Model& model) {
  auto session = Session::create(model, {.threads = 1, .observable = true});
  if (!session) FAIL(session.error().text());
  auto optimized = session->optimizedModel();
  if (!optimized) FAIL(optimized.error().text());
  return {traceLineage(model, *optimized), std::move(*optimized)};
}

// What must hold for any model: every executed node known, every id real, none under two nodes.
void checkSound(const graph::Model& model, const Traced& traced) {
  Ids all, seen;
  for (const auto& node : model.graphProto().node()) all.insert(graph::idOf(node));
  for (const auto& node : traced.optimized.graphProto().node()) {
    REQUIRE(traced.lineage.sources.contains(node.name()));
    for (const auto& id : traced.lineage.sources.at(node.name())) {
      CHECK(all.contains(id));
      CHECK(seen.insert(id).second);
    }
  }
}

}  // namespace

TEST_CASE("a node that the engine left alone stands for itself") {
  const auto model = addThenMultiply();
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.behind("Add") == Ids{"sum"});
  CHECK(traced.behind("Mul") == Ids{"product"});
  CHECK(traced.lineage.unmatched == 0);
}

TEST_CASE("a fused node stands for all of its parts") {
  auto model = makeModel({{"x", {"2", "8"}}}, {{"y", {"2", "8"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "root2", Tensor::scalar(1.4142135f));
  addWeight(graph, "one", Tensor::scalar(1.0f));
  addWeight(graph, "half", Tensor::scalar(0.5f));
  addNode(graph, "Div", {"x", "root2"}, {"scaled"});
  addNode(graph, "Erf", {"scaled"}, {"erf"});
  addNode(graph, "Add", {"erf", "one"}, {"shifted"});
  addNode(graph, "Mul", {"x", "shifted"}, {"twice"});
  addNode(graph, "Mul", {"twice", "half"}, {"y"});
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.behind("Gelu") == Ids{"scaled", "erf", "shifted", "twice", "y"});
}

TEST_CASE("convolutions in a blocked layout, and the reorders around them") {
  auto model = makeModel({{"x", {"1", "16", "8", "8"}}}, {{"b", {"1", "16", "8", "8"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "w", Tensor(DataType::Float, {16, 16, 1, 1}));
  addNode(graph, "Conv", {"x", "w"}, {"a"}, "first");
  addNode(graph, "Relu", {"a"}, {"r"}, "relu");
  addNode(graph, "Conv", {"r", "w"}, {"b"}, "second");
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.lineage.unmatched == 0);
  Ids all;
  for (const auto& [name, ids] : traced.lineage.sources) all.insert(ids.begin(), ids.end());
  CHECK(all == Ids{"a", "r", "b"});
  if (traced.behind("ReorderOutput") != Ids{"missing"}) CHECK(traced.behind("ReorderOutput").empty());
}

TEST_CASE("what was folded when the model was loaded appears nowhere") {
  auto model = makeModel({{"x", {"2"}}}, {{"y", {"2"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "a", floats({2}, {1, 2}));
  addNode(graph, "Exp", {"a"}, {"folded"});
  addNode(graph, "Identity", {"x"}, {"same"});
  addNode(graph, "Add", {"same", "folded"}, {"y"});
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.behind("Add") == Ids{"same", "y"});
}

TEST_CASE("equal nodes that the engine merged are counted under the one it kept") {
  auto model = makeModel({{"x", {"2"}}}, {{"y", {"2"}}});
  auto& graph = model.graphProto();
  addNode(graph, "Exp", {"x"}, {"a"}, "one");
  addNode(graph, "Exp", {"x"}, {"b"}, "two");
  addNode(graph, "Neg", {"b"}, {"c"}, "neg");
  addNode(graph, "Sub", {"a", "c"}, {"y"}, "sub");
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.behind("Exp") == Ids{"a", "b"});
  CHECK(traced.behind("Sub") == Ids{"y"});
}

TEST_CASE("a quantized convolution stands for its whole group") {
  auto model = makeModel({{"x", {"1", "4", "6", "6"}}}, {{"y", {"1", "4", "6", "6"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "scale", Tensor::scalar(0.1f));
  addWeight(graph, "zero", Tensor(DataType::Uint8, {}));
  addWeight(graph, "wzero", Tensor(DataType::Int8, {}));
  addWeight(graph, "w8", Tensor(DataType::Int8, {4, 4, 1, 1}));
  addNode(graph, "QuantizeLinear", {"x", "scale", "zero"}, {"xq"}, "q1");
  addNode(graph, "DequantizeLinear", {"xq", "scale", "zero"}, {"xd"}, "d1");
  addNode(graph, "DequantizeLinear", {"w8", "scale", "wzero"}, {"wd"}, "d2");
  addNode(graph, "Conv", {"xd", "wd"}, {"c"}, "conv");
  addNode(graph, "QuantizeLinear", {"c", "scale", "zero"}, {"cq"}, "q2");
  addNode(graph, "DequantizeLinear", {"cq", "scale", "zero"}, {"y"}, "d3");
  const auto traced = trace(model);
  checkSound(model, traced);
  CHECK(traced.behind("QLinearConv") == Ids{"xd", "wd", "c", "cq"});
  CHECK(traced.behind("QuantizeLinear") == Ids{"xq"});
  CHECK(traced.behind("DequantizeLinear") == Ids{"y"});
}

TEST_CASE("models of real exporters are traced through and through") {
  const auto models = sharedModels();
  if (models.empty()) {
    WARN("skipped: no shared models here; RIDGELINE_SHARED_DATA names their folder");
    return;
  }
  struct Expected {
    const char* file;
    int covered;  // at least so many of the file's nodes are found; the others are folded at load
  };
  const Expected expected[] = {{"bert_toy_pt11.onnx", 309},
                               {"residual_block.onnx", 14},
                               {"qdq_mobilenet_edgetpu_part.onnx", 43},
                               {"gpt2_tiny_pt13.onnx", 1437},
                               {"ultraface_rfb320_simplified.onnx", 110},
                               {"ort_small/layout_transform_reshape_qdq.onnx", 50},
                               {"ort_small/conv_qdq_s8s8_perchannel.onnx", 7},
                               {"ort_small/gpt2_one_layer.onnx", 100}};
  for (const auto& [file, covered] : expected) {
    INFO(file);
    const auto model = graph::Model::load(models / file);
    REQUIRE(model);
    const auto traced = trace(*model);
    checkSound(*model, traced);
    CHECK(traced.lineage.unmatched == 0);
    int found = 0;
    for (const auto& [name, ids] : traced.lineage.sources) found += static_cast<int>(ids.size());
    CHECK(found >= covered);
  }
}
