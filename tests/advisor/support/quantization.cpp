#include "tests/advisor/support/quantization.h"

#include "engine/tap.h"
#include "graph/graph.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>

namespace ridgeline::test {

namespace {

constexpr int Threads = 1;

template <class T>
T required(Result<T> result) {
  INFO((result ? std::string() : result.error().text()));
  REQUIRE(result.has_value());
  return std::move(*result);
}

engine::NamedTensors outputsOf(const graph::Model& model, const engine::NamedTensors& inputs) {
  auto session = required(engine::Session::create(model, {.threads = Threads}));
  const auto bound = session.bind(inputs);
  REQUIRE(bound.has_value());
  return required(session.runForOutputs());
}

double cosine(const graph::Tensor& a, const graph::Tensor& b) {
  REQUIRE(a.dims() == b.dims());
  const auto x = a.toFloats(), y = b.toFloats();
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    REQUIRE(std::isfinite(y[i]));
    xy += double{x[i]} * y[i];
    xx += double{x[i]} * x[i];
    yy += double{y[i]} * y[i];
  }
  return xx == 0 && yy == 0 ? 1 : xy / std::sqrt(xx * yy);
}

}  // namespace

QuantizationBench::QuantizationBench(const graph::Model& model, std::vector<engine::NamedTensors> samples)
    : m_model(model.clone()), m_samples(std::move(samples)), m_calibration(m_samples, true, Threads) {
  m_shapes = required(engine::probeShapes(m_model, m_samples.front(), Threads));
  m_kernels = std::make_unique<advisor::KernelTimes>(Threads);
}

advisor::Subject QuantizationBench::subject() {
  return {.model = m_model,
          .shapes = m_shapes,
          .times = m_times,
          .latencyMs = m_latencyMs,
          .threads = m_threads,
          .kernels = *m_kernels,
          .calibration = m_calibration,
          .job = quietJob(),
          .sample = &m_samples.front(),
          .lookSeconds = m_lookSeconds};
}

std::vector<advisor::Opportunity> QuantizationBench::find(const advisor::Rule& rule) {
  auto copy = m_model.clone();
  graph::Graph graph(copy);
  m_nearMisses.clear();
  return required(rule.find(graph, subject(), &m_nearMisses));
}

graph::Model QuantizationBench::apply(const advisor::Rule& rule, const advisor::Opportunity& opportunity,
                                      int expected) {
  auto copy = m_model.clone();
  graph::Graph graph(copy);
  CHECK(required(rule.apply(graph, opportunity, subject())) == expected);
  const auto bytes = required(copy.serialize());
  required(graph::Model::parse(bytes));
  return copy;
}

graph::Model QuantizationBench::apply(const advisor::Rule& rule, const std::string& variant,
                                      const std::vector<std::string>& places) {
  advisor::Opportunity o;
  o.rule = rule.info().name;
  o.variant = variant;
  o.places = places;
  return apply(rule, o, static_cast<int>(places.size()));
}

double outputCosine(const graph::Model& before, const graph::Model& after, const engine::NamedTensors& inputs) {
  const auto expected = outputsOf(before, inputs), got = outputsOf(after, inputs);
  REQUIRE(expected.size() == got.size());
  double smallest = 1;
  for (const auto& [name, value] : expected) {
    INFO(name);
    REQUIRE(got.contains(name));
    if (value.type() == graph::DataType::Float) smallest = std::min(smallest, cosine(value, got.at(name)));
  }
  return smallest;
}

std::map<std::string, int> operatorsOf(const graph::Model& model) {
  std::map<std::string, int> counts;
  for (const auto& node : model.graphProto().node()) {
    ++counts[node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type()];
  }
  return counts;
}

std::map<std::string, int> executedOperatorsOf(const graph::Model& model) {
  const auto session = required(engine::Session::create(model, {.threads = Threads, .observable = true}));
  return operatorsOf(required(session.optimizedModel()));
}

std::map<std::string, int> executedTypesOf(const graph::Model& model) {
  std::map<std::string, int> counts;
  for (const auto& [type, count] : executedOperatorsOf(model)) counts[type.substr(type.rfind('.') + 1)] += count;
  return counts;
}

graph::Tensor initializerOf(const graph::Model& model, const std::string& name) {
  for (const auto& i : model.graphProto().initializer()) {
    if (i.name() == name) return required(model.tensor(i));
  }
  FAIL("no initializer " << name);
  return {};
}

}  // namespace ridgeline::test
