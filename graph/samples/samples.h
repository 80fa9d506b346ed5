// Whole networks with seeded weights, in the form PyTorch's exporter gives them: something real to profile and optimize
// on a machine that has neither PyTorch nor a model at hand. Weights are untrained; speed is real, answers are not.
#pragma once

#include "base/result.h"
#include "graph/model.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::graph {

struct SampleInfo {
  std::string name;
  std::string summary;    // one line for people
  bool forTests = false;  // a few layers of the same structure, quick to make and to run
};

// Every network makeSample() knows.
const std::vector<SampleInfo>& samples();

// The same name and seed give the same network. Usage when there is no such network; the hint lists those there are.
Result<Model> makeSample(std::string_view name, uint64_t seed = 7);

}  // namespace ridgeline::graph
