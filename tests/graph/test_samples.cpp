#include "graph/graph.h"
#include "graph/samples/samples.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace ridgeline;
using graph::DataType;
using graph::Model;

namespace {

using Counts = std::map<std::string, int>;

Counts countsOf(const Model& model) {
  Counts counts;
  for (const auto& node : model.graphProto().node()) ++counts[node.op_type()];
  return counts;
}

Model sample(std::string_view name, uint64_t seed = 7) {
  auto made = graph::makeSample(name, seed);
  REQUIRE(made.has_value());
  return std::move(*made);
}

// "x:1[N,3,224,224]": name, element type, dims.
std::string describe(const onnx::ValueInfoProto& port) {
  std::string text = fmt::format("{}:{}[", port.name(), port.type().tensor_type().elem_type());
  const auto& dims = port.type().tensor_type().shape().dim();
  for (int i = 0; i < dims.size(); ++i) {
    text += (i ? "," : "") + (dims[i].has_dim_value() ? std::to_string(dims[i].dim_value()) : dims[i].dim_param());
  }
  return text + "]";
}

std::vector<std::string> describe(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& ports) {
  std::vector<std::string> all;
  for (const auto& port : ports) all.push_back(describe(port));
  return all;
}

std::vector<float> weight(const Model& model, std::string_view name) {
  for (const auto& initializer : model.graphProto().initializer()) {
    if (initializer.name() != name) continue;
    const auto value = model.tensor(initializer);
    REQUIRE(value.has_value());
    return value->toFloats();
  }
  FAIL("no weight " << name);
  return {};
}

int64_t weights(const Model& model) {
  int64_t count = 0;
  for (const auto& initializer : model.graphProto().initializer()) {
    count += graph::elementCount(std::vector<int64_t>(initializer.dims().begin(), initializer.dims().end()));
  }
  return count;
}

struct Statistics {
  double mean = 0, deviation = 0, largest = 0;
};

Statistics statisticsOf(const std::vector<float>& values) {
  Statistics s;
  const auto n = static_cast<double>(values.size());
  for (const float v : values) {
    s.mean += v / n;
    s.largest = std::max(s.largest, std::abs(static_cast<double>(v)));
  }
  for (const float v : values) s.deviation += (v - s.mean) * (v - s.mean) / n;
  s.deviation = std::sqrt(s.deviation);
  return s;
}

}  // namespace

// The counts, ports and sizes below are those of PyTorch 1.13's export of the same networks at opset 16.

TEST_CASE("resnet50 has the nodes that PyTorch exports") {
  const Model model = sample("resnet50");
  CHECK(model.opset() == 16);
  CHECK(countsOf(model) == Counts{{"Add", 16},
                                  {"Conv", 53},
                                  {"Flatten", 1},
                                  {"Gemm", 1},
                                  {"GlobalAveragePool", 1},
                                  {"MaxPool", 1},
                                  {"Relu", 49}});
  CHECK(describe(model.graphProto().input()) == std::vector<std::string>{"x:1[N,3,224,224]"});
  CHECK(describe(model.graphProto().output()) == std::vector<std::string>{"y:1[N,1000]"});
  CHECK(weights(model) == 25530472);
}

TEST_CASE("bert-base has the nodes that PyTorch exports") {
  const Model model = sample("bert-base");
  CHECK(countsOf(model) ==
        Counts{{"Add", 171},    {"Cast", 2},        {"Concat", 48},   {"Constant", 383}, {"Div", 49},     {"Erf", 12},
               {"Gather", 100}, {"Gemm", 1},        {"Identity", 48}, {"MatMul", 96},    {"Mul", 50},     {"Pow", 25},
               {"Range", 1},    {"ReduceMean", 50}, {"Reshape", 48},  {"Shape", 97},     {"Softmax", 12}, {"Sqrt", 25},
               {"Sub", 26},     {"Transpose", 48},  {"Unsqueeze", 99}});
  CHECK(describe(model.graphProto().input()) == std::vector<std::string>{"input_ids:7[N,T]", "attention_mask:7[N,T]"});
  CHECK(describe(model.graphProto().output()) == std::vector<std::string>{"logits:1[Gemmlogits_dim_0,2]"});
  CHECK(weights(model) == 108854786);
}

TEST_CASE("llama-decode has the nodes that PyTorch exports") {
  const Model model = sample("llama-decode");
  CHECK(countsOf(model) == Counts{{"Add", 73},        {"Cast", 1},     {"Concat", 49},  {"Constant", 331},
                                  {"Cos", 1},         {"Div", 37},     {"Gather", 1},   {"Identity", 24},
                                  {"MatMul", 109},    {"Mul", 123},    {"Neg", 24},     {"Pow", 25},
                                  {"ReduceMean", 25}, {"Reshape", 48}, {"Sigmoid", 12}, {"Sin", 1},
                                  {"Slice", 48},      {"Softmax", 12}, {"Sqrt", 25},    {"Transpose", 60},
                                  {"Unsqueeze", 3}});
  const auto inputs = describe(model.graphProto().input());
  const auto outputs = describe(model.graphProto().output());
  REQUIRE(inputs.size() == 26);
  REQUIRE(outputs.size() == 25);
  CHECK(inputs[0] == "input_ids:7[1,1]");
  CHECK(inputs[1] == "position_ids:7[1,1]");
  CHECK(inputs[2] == "past_0_key:1[1,16,past,64]");
  CHECK(inputs[25] == "past_11_value:1[1,16,past,64]");
  CHECK(outputs[0] == "logits:1[1,1,32000]");
  CHECK(outputs[1] == "present_0_key:1[1,16,total,64]");
  CHECK(weights(model) == 2 * 32000 * 1024 + 12 * (4 * 1024 * 1024 + 3 * 1024 * 2816) + 1024);
}

TEST_CASE("sample weights follow PyTorch's initialization") {
  SECTION("linear layers are uniform within one over the root of the fan in") {
    const Statistics s = statisticsOf(weight(sample("bert-base"), "b.3.f2.weight"));
    const double bound = 1 / std::sqrt(3072.0);
    CHECK(s.largest <= bound);
    CHECK(s.largest > 0.999 * bound);
    CHECK(s.deviation == Approx(bound / std::sqrt(3.0)).epsilon(0.01));
    CHECK(std::abs(s.mean) < 0.001 * bound * 10);
  }
  SECTION("embeddings are standard normal") {
    const std::vector<float> values = weight(sample("bert-base"), "p.weight");
    const Statistics s = statisticsOf(values);
    CHECK(s.deviation == Approx(1).epsilon(0.01));
    CHECK(std::abs(s.mean) < 0.01);
    const auto beyond = std::ranges::count_if(values, [](float v) { return std::abs(v) > 2; });
    CHECK(static_cast<double>(beyond) / static_cast<double>(values.size()) == Approx(0.0455).epsilon(0.05));
  }
  SECTION("convolutions carry their normalization: about unit variance out of the mean square in") {
    // layer1.0.conv2 reads 64 rectified channels of unit variance: mean square 1/2, mean 0.399.
    const std::vector<float> values = weight(sample("resnet50"), "layer1.0.conv2.weight");
    double squares = 0;
    for (const float v : values) squares += v * v;
    const double varianceOut = squares / 64 * (0.5 - 0.399 * 0.399);
    CHECK(varianceOut == Approx(1).epsilon(0.01));
  }
}

TEST_CASE("a sample is made anew the same, and otherwise with another seed") {
  const auto equal = [](const Model& a, const Model& b) {
    return a.proto().SerializeAsString() == b.proto().SerializeAsString();
  };
  for (const auto& info : graph::samples()) {
    if (!info.forTests) continue;
    CAPTURE(info.name);
    CHECK(equal(sample(info.name), sample(info.name)));
    CHECK_FALSE(equal(sample(info.name), sample(info.name, 8)));
    CHECK(countsOf(sample(info.name)) == countsOf(sample(info.name, 8)));
  }
}

TEST_CASE("samples are well-formed: names are unique and nodes follow what they read") {
  for (const auto& info : graph::samples()) {
    CAPTURE(info.name);
    const Model model = sample(info.name);
    std::set<std::string> known{""}, names;
    for (const auto& input : model.graphProto().input()) known.insert(input.name());
    for (const auto& initializer : model.graphProto().initializer()) CHECK(known.insert(initializer.name()).second);
    for (const auto& node : model.graphProto().node()) {
      CHECK(names.insert(node.name()).second);
      for (const auto& input : node.input()) CHECK(known.contains(input));
      for (const auto& output : node.output()) CHECK(known.insert(output).second);
    }
    for (const auto& output : model.graphProto().output()) CHECK(known.contains(output.name()));
  }
}

TEST_CASE("a sample that does not exist is refused by name") {
  const auto made = graph::makeSample("resnet51");
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == ErrorCode::Usage);
  CHECK_THAT(made.error().text(), Catch::Contains("resnet51") && Catch::Contains("llama-decode"));
  CHECK_THAT(made.error().text(), !Catch::Contains("tiny"));
}
