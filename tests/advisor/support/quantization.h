// What tests of quantization stand on: a subject with kernel times that the test decides, and closeness of outputs.
#pragma once

#include "advisor/calibration.h"
#include "advisor/preflight.h"
#include "advisor/rule.h"
#include "engine/session.h"
#include "graph/model.h"
#include "tests/advisor/support/cache.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::test {

// A model with inputs it runs on.
class QuantizationBench {
 public:
  QuantizationBench(const graph::Model& model, std::vector<engine::NamedTensors> samples);

  advisor::KernelTimes& kernels() { return *m_kernels; }
  advisor::NodeTimes& times() { return m_times; }
  void letLook(double seconds) { m_lookSeconds = seconds; }
  void setLatency(double ms) { m_latencyMs = ms; }
  void setThreads(int threads) { m_threads = threads; }  // that rules are told of; models run on one
  advisor::Subject subject();

  std::vector<advisor::Opportunity> find(const advisor::Rule& rule);
  const std::vector<advisor::NearMiss>& nearMisses() const { return m_nearMisses; }
  // Fails the test unless exactly `expected` places were rewritten and the result passes the checks of Model::parse.
  graph::Model apply(const advisor::Rule& rule, const advisor::Opportunity& opportunity, int expected);
  // The same for these nodes, whatever their speed.
  graph::Model apply(const advisor::Rule& rule, const std::string& variant, const std::vector<std::string>& places);

 private:
  OwnCache m_cache;
  graph::Model m_model;
  std::vector<engine::NamedTensors> m_samples;
  engine::ShapeMap m_shapes;
  advisor::NodeTimes m_times;
  double m_lookSeconds = 0;
  double m_latencyMs = 0;
  int m_threads = 1;
  std::unique_ptr<advisor::KernelTimes> m_kernels;
  advisor::Calibration m_calibration;
  std::vector<advisor::NearMiss> m_nearMisses;
};

// Smallest cosine over the float outputs of both models, engine optimizations on; fails the test when names or shapes
// differ, or when a value is not finite.
double outputCosine(const graph::Model& before, const graph::Model& after, const engine::NamedTensors& inputs);

// Operator types and their counts; "com.microsoft.QLinearAdd" outside ONNX's own domain.
std::map<std::string, int> operatorsOf(const graph::Model& model);
// Of the graph the engine makes of the model.
std::map<std::string, int> executedOperatorsOf(const graph::Model& model);

// The same with domains left out: they change with the engine's memory layout.
std::map<std::string, int> executedTypesOf(const graph::Model& model);

graph::Tensor initializerOf(const graph::Model& model, const std::string& name);

}  // namespace ridgeline::test
