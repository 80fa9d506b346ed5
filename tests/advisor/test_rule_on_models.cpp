// The layout and folding rules, one after the other, on networks from many exporters: outputs stay what they were.
#include "advisor/rules/cancel_transposes.h"
#include "advisor/rules/common_subexpressions.h"
#include "advisor/rules/fold_batch_norm.h"
#include "advisor/rules/fold_constants.h"
#include "advisor/rules/move_transposes.h"
#include "advisor/rules/pin_shapes.h"
#include "advisor/rules/remove_noops.h"
#include "engine/inputs.h"
#include "engine/tap.h"
#include "graph/samples/samples.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

std::filesystem::path sharedModels() {
  const char* const set = std::getenv("RIDGELINE_SHARED_DATA");
  const auto data =
      set ? std::filesystem::path(set) : std::filesystem::path(RIDGELINE_TEST_DATA) / "../../../shared/data";
  return data / "models";
}

std::vector<std::unique_ptr<advisor::Rule>> rules() {
  std::vector<std::unique_ptr<advisor::Rule>> all;
  all.push_back(advisor::makeRemoveNoopsRule());
  all.push_back(advisor::makeFoldConstantsRule());
  all.push_back(advisor::makeCommonSubexpressionsRule());
  all.push_back(advisor::makeFoldBatchNormRule());
  all.push_back(advisor::makeCancelTransposesRule());
  all.push_back(advisor::makeMoveTransposesRule());
  return all;
}

// Inputs with which the model runs as it stands in the file; none for a model that does not load or run.
std::optional<engine::NamedTensors> runnableInputs(const graph::Model& model) {
  auto inputs = engine::synthesizeInputs(model, {}, 1);
  if (!inputs || !engine::probeShapes(model, inputs->samples.front(), 1)) return std::nullopt;
  return std::move(inputs->samples.front());
}

// For these inputs only; outputs are compared.
graph::Model pinned(const graph::Model& model, const engine::NamedTensors& inputs) {
  return rewrite(*advisor::makePinShapesRule(), model, {.inputs = inputs, .pinnedShapes = true}).model;
}

// Every rule twice, each on what the one before left; rewrite() compares outputs each time.
std::string applyAll(graph::Model model, Setup setup) {
  std::string told;
  for (int round = 0; round < 2; ++round) {
    for (const auto& rule : rules()) {
      CAPTURE(rule->info().name, round);
      Rewritten result = rewrite(*rule, model, setup);
      if (result.places > 0) told += fmt::format(" {} {}", rule->info().name, result.places);
      model = std::move(result.model);
    }
  }
  return told;
}

}  // namespace

TEST_CASE("layout and folding rules keep the outputs of real networks") {
  const auto folder = sharedModels();
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no models under " << folder.string() << "; set RIDGELINE_SHARED_DATA");
    return;
  }
  int tried = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().filename().string());
    const auto model = graph::Model::load(entry.path());
    if (!model) continue;
    const auto inputs = runnableInputs(*model);
    if (!inputs) continue;
    ++tried;
    const std::string open = applyAll(model->clone(), {.inputs = *inputs});
    const std::string closed = applyAll(pinned(*model, *inputs), {.inputs = *inputs});
    UNSCOPED_INFO(entry.path().filename().string() << ":" << open << "; pinned:" << closed);
  }
  CHECK(tried > 0);
}

TEST_CASE("layout and folding rules keep the outputs of sample networks") {
  for (const auto& info : graph::samples()) {
    if (!info.forTests) continue;
    CAPTURE(info.name);
    const auto model = graph::makeSample(info.name);
    REQUIRE(model.has_value());
    const auto inputs = engine::synthesizeInputs(*model, {.symbols = {{"T", 8}, {"past", 5}}}, 1);
    REQUIRE(inputs.has_value());
    applyAll(model->clone(), {.inputs = inputs->samples.front()});
    applyAll(pinned(*model, inputs->samples.front()), {.inputs = inputs->samples.front()});
  }
}
