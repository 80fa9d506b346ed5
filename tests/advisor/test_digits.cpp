// Networks trained on handwritten digits (tests/data/digits): what quantization does to their answers, and that mixed
// precision keeps them. Speed is not looked at here.
#include "advisor/gentler.h"
#include "advisor/sensitivity.h"
#include "base/files.h"
#include "engine/inputs.h"
#include "tests/advisor/support/cache.h"

#include <catch2/catch.hpp>

#include <set>

using namespace ridgeline;
using namespace ridgeline::advisor;

namespace {

const std::filesystem::path kFolder = std::filesystem::path(RIDGELINE_TEST_DATA) / "digits";

template <class T>
T required(Result<T> result) {
  if (!result) FAIL(result.error().text());
  return std::move(*result);
}

// A network, its test set and what the advisor needs to try rewrites on it.
class Digits {
 public:
  explicit Digits(const std::string& name, Constraints constraints = {})
      : m_model(required(graph::Model::load(kFolder / (name + ".onnx")))),
        m_test(required(engine::readInputs(kFolder / "test", m_model))),
        m_calibration(required(engine::readInputs(kFolder / "calibration", m_model))),
        m_bench(required(Workbench::create(m_model, m_test, m_calibration, constraints, {.threads = 1}, quietJob()))) {
    m_facts.shapes = required(engine::probeShapes(m_model, m_test.samples.front(), 1));
  }

  // Static INT8 for every convolution and product with weights.
  Opportunity allInt8() {
    Opportunity o;
    o.rule = "quantize-static";
    o.variant = "u8s8-qdq-all";
    graph::Graph graph(m_model);
    for (const char* type : {"Conv", "MatMul", "Gemm"}) {
      for (const auto* node : graph.nodesOf(type)) {
        if (graph.isConstant(node->input(1))) o.places.push_back(graph::idOf(*node));
      }
    }
    return o;
  }

  double agreementWith(const Opportunity& o) {
    const auto outputs = required(outputsWith(m_model, o, subject(), m_bench));
    REQUIRE(outputs.has_value());
    return outputs->primary()->top1Agreement;
  }

  std::optional<Opportunity> gentlerThan(const Opportunity& o) {
    return required(gentler(m_model, o, subject(), m_bench, 1000));
  }

  bool isDepthwise(const std::string& place) {
    graph::Graph graph(m_model);
    const graph::Node* const node = graph.find(place);
    return node && graph::isOp(*node, "Conv") && graph::intAttribute(*node, "group", 1) > 1;
  }

  // Share of the test set that the network, so rewritten, gets right.
  double accuracy() {
    auto session = required(m_bench.build(m_model));
    const auto logits = required(session.runForOutputs()).at("logits");
    const auto labels = required(engine::readInputs(kFolder / "labels", labelModel())).samples.front().at("label");
    size_t right = 0;
    for (size_t row = 0; row < labels.as<int64_t>().size(); ++row) {
      const auto scores = logits.as<float>().subspan(row * 10, 10);
      right += std::max_element(scores.begin(), scores.end()) - scores.begin() == labels.as<int64_t>()[row];
    }
    return static_cast<double>(right) / static_cast<double>(labels.as<int64_t>().size());
  }

 private:
  Subject subject() { return m_bench.subject(m_model, m_facts); }

  // Of which labels are the input: so the library's reader of .npy files reads them.
  static graph::Model labelModel() {
    auto model = graph::Model::create(13, "labels");
    auto* type = model.graphProto().add_input()->mutable_type()->mutable_tensor_type();
    model.graphProto().mutable_input(0)->set_name("label");
    type->set_elem_type(static_cast<int32_t>(graph::DataType::Int64));
    type->mutable_shape()->add_dim()->set_dim_param("N");
    return model;
  }

  test::OwnCache m_cache;
  graph::Model m_model;
  engine::InputSet m_test, m_calibration;
  Workbench m_bench;
  Workbench::Facts m_facts;
};

Constraints sameAnswers() {
  Constraints c;
  c.minTop1 = 0.99;
  return c;
}

}  // namespace

TEST_CASE("the networks know digits they were not trained on") {
  CHECK(Digits("cnn").accuracy() > 0.95);
  CHECK(Digits("transformer").accuracy() > 0.95);
  CHECK(Digits("depthwise").accuracy() > 0.95);
}

TEST_CASE("INT8 keeps the answers of networks whose channels are alike") {
  Digits cnn("cnn"), transformer("transformer");
  CHECK(cnn.agreementWith(cnn.allInt8()) >= 0.99);
  CHECK(transformer.agreementWith(transformer.allInt8()) >= 0.99);
}

TEST_CASE("where INT8 everywhere changes answers, mixed precision keeps them") {
  Digits depthwise("depthwise", sameAnswers());
  const auto all = depthwise.allInt8();
  CHECK(depthwise.agreementWith(all) < 0.97);
  const auto mixed = depthwise.gentlerThan(all);
  REQUIRE(mixed.has_value());
  CHECK(mixed->places.size() >= 3);
  CHECK(mixed->places.size() < all.places.size());
  CHECK(depthwise.agreementWith(*mixed) >= 0.99);
}

TEST_CASE("what wins nothing alone is not given back first: others would stand between conversions") {
  Digits depthwise("depthwise", sameAnswers());
  auto all = depthwise.allInt8();
  const auto withGains = [&](double ofDepthwise) {
    all.gainsMs.clear();
    for (const auto& place : all.places) all.gainsMs.push_back(depthwise.isDepthwise(place) ? ofDepthwise : 1.0);
    auto gentler = depthwise.gentlerThan(all);
    REQUIRE(gentler.has_value());
    return std::set(gentler->places.begin(), gentler->places.end());
  };
  const auto winning = withGains(0.3), losing = withGains(-0.01);
  CHECK(losing == winning);
  CHECK(std::ranges::any_of(losing, [&](const auto& place) { return depthwise.isDepthwise(place); }));
}
