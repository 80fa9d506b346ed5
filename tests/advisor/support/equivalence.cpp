#include "tests/advisor/support/equivalence.h"

#include "advisor/calibration.h"
#include "advisor/preflight.h"
#include "engine/inputs.h"
#include "engine/tap.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

namespace ridgeline::test {

namespace {

using engine::NamedTensors;
using graph::Model;
using graph::Tensor;

template <class T>
T required(Result<T> result) {
  INFO((result ? std::string() : result.error().text()));
  REQUIRE(result.has_value());
  return std::move(*result);
}

NamedTensors inputsFor(const Model& model, const Setup& setup) {
  if (!setup.inputs.empty()) return setup.inputs;
  return required(engine::synthesizeInputs(model, {.symbols = setup.symbols}, 1)).samples.front();
}

Result<NamedTensors> outputsOf(const Model& model, const NamedTensors& inputs) {
  auto session = engine::Session::create(model, {.threads = 1, .optimization = engine::Optimization::None});
  if (!session) return passOn(session);
  if (auto bound = session->bind(inputs); !bound) return passOn(bound);
  return session->runForOutputs();
}

std::string elementDifference(const Tensor& expected, const Tensor& got, double tolerance) {
  if (expected.type() != got.type() || expected.dims() != got.dims()) {
    return fmt::format("{} {} became {} {}", graph::nameOf(expected.type()), graph::formatDims(expected.dims()),
                       graph::nameOf(got.type()), graph::formatDims(got.dims()));
  }
  const auto x = expected.toFloats(), y = got.toFloats();
  for (size_t i = 0; i < x.size(); ++i) {
    const bool same = x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]));
    if (!same && !(std::abs(x[i] - y[i]) <= tolerance * (1 + std::abs(x[i])))) {
      return fmt::format("element {} is {} instead of {}", i, y[i], x[i]);
    }
  }
  return {};
}

}  // namespace

std::string outputDifference(const Model& before, const Model& after, const NamedTensors& inputs, double tolerance) {
  auto expected = outputsOf(before, inputs);
  if (!expected) return "the model before does not run: " + expected.error().text();
  auto got = outputsOf(after, inputs);
  if (!got) return "the rewritten model does not run: " + got.error().text();
  if (expected->empty()) return "the model has no outputs";
  for (const auto& [name, value] : *expected) {
    const auto found = got->find(name);
    if (found == got->end()) return "no output " + name;
    if (auto d = elementDifference(value, found->second, tolerance); !d.empty()) return name + ": " + d;
  }
  return {};
}

Rewritten rewrite(const advisor::Rule& rule, const Model& model, const Setup& setup, std::string_view variant) {
  constexpr int Threads = 1;
  std::array<NamedTensors, 1> samples;
  engine::ShapeMap shapes;
  if (setup.run) {
    samples[0] = inputsFor(model, setup);
    shapes = required(engine::probeShapes(model, samples[0], Threads));
  }
  advisor::KernelTimes kernels(Threads, setup.preflightSeconds);
  advisor::Calibration calibration(samples, true, Threads);
  Rewritten result{model.clone(), {}, {}, 0};
  const advisor::Subject subject{.model = model,
                                 .shapes = shapes,
                                 .times = setup.times,
                                 .threads = setup.threads,
                                 .pinnedShapes = setup.pinnedShapes,
                                 .ioLayout = setup.ioLayout,
                                 .maxOpset = setup.maxOpset,
                                 .kernels = kernels,
                                 .calibration = calibration,
                                 .job = quietJob(),
                                 .sample = &samples[0],
                                 .lookSeconds = setup.lookSeconds,
                                 .fused = &setup.fused};

  graph::Graph graph(result.model);
  const std::string untouched = result.model.proto().SerializeAsString();
  result.opportunities = required(rule.find(graph, subject, &result.nearMisses));
  const bool findChangedTheGraph = result.model.proto().SerializeAsString() != untouched;
  REQUIRE_FALSE(findChangedTheGraph);
  for (const advisor::Opportunity& opportunity : result.opportunities) {
    CHECK(opportunity.rule == rule.info().name);
    CHECK_FALSE(opportunity.places.empty());
    if (!variant.empty() && opportunity.variant != variant) continue;
    result.places += required(rule.apply(graph, opportunity, subject));
  }
  const std::string bytes = required(result.model.serialize());
  required(Model::parse(bytes));
  if (setup.run && result.places > 0) REQUIRE(outputDifference(model, result.model, samples[0], setup.tolerance) == "");
  return result;
}

void requireRewrites(const advisor::Rule& rule, const Model& before, const Model& expected, const Setup& setup) {
  const Rewritten result = rewrite(rule, before, setup);
  CHECK(result.places > 0);
  REQUIRE(difference(result.model, expected) == "");
}

std::vector<advisor::NearMiss> requireNothing(const advisor::Rule& rule, const Model& model, const Setup& setup) {
  Rewritten result = rewrite(rule, model, setup);
  REQUIRE(result.opportunities.empty());
  REQUIRE(difference(result.model, model) == "");
  return std::move(result.nearMisses);
}

}  // namespace ridgeline::test
