// The fusion rules, one after the other, on networks from many exporters: what they find there, and that outputs stay.
#include "advisor/rules/fuse_attention.h"
#include "advisor/rules/fuse_gelu.h"
#include "advisor/rules/fuse_layer_norm.h"
#include "advisor/rules/fuse_rms_norm.h"
#include "advisor/rules/fuse_rotary.h"
#include "engine/inputs.h"
#include "engine/tap.h"
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

// "fuse-gelu 12, fuse-attention 12"; rewrite() compares outputs each time.
std::string fuseAll(graph::Model model, const engine::NamedTensors& inputs) {
  std::vector<std::unique_ptr<advisor::Rule>> rules;
  rules.push_back(advisor::makeFuseGeluRule());
  rules.push_back(advisor::makeFuseLayerNormRule());
  rules.push_back(advisor::makeFuseRmsNormRule());
  rules.push_back(advisor::makeFuseRotaryRule());
  rules.push_back(advisor::makeFuseAttentionRule());
  std::string told;
  for (const auto& rule : rules) {
    CAPTURE(rule->info().name);
    Rewritten result = rewrite(*rule, model, {.inputs = inputs});
    if (result.places > 0) told += fmt::format("{}{} {}", told.empty() ? "" : ", ", rule->info().name, result.places);
    model = std::move(result.model);
  }
  return told;
}

}  // namespace

TEST_CASE("fusion rules keep the outputs of real networks") {
  const auto folder = sharedModels();
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no models under " << folder.string() << "; set RIDGELINE_SHARED_DATA");
    return;
  }
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    const auto model = graph::Model::load(entry.path());
    if (!model) continue;
    const auto inputs = engine::synthesizeInputs(*model, {}, 1);
    if (!inputs || !engine::probeShapes(*model, inputs->samples.front(), 1)) continue;
    const std::string told = fuseAll(model->clone(), inputs->samples.front());
    if (!told.empty()) found[name] = told;
  }
  const std::map<std::string, std::string> expected{{"attention_mask1d_fp32", "fuse-attention 1"},
                                                    {"bert_toy_pt11", "fuse-attention 5"},
                                                    {"gpt2_tiny_pt13", "fuse-gelu 12"},
                                                    {"tfbert_seqcls_keras2onnx", "fuse-gelu 12, fuse-attention 12"}};
  for (const auto& [name, told] : expected) {
    CAPTURE(name);
    CHECK(found[name] == told);
  }
}
