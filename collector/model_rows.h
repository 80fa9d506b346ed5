// The model and its nodes as rows.
#pragma once

#include "collector/observe.h"
#include "profile/profile.h"

#include <string>
#include <unordered_map>

namespace ridgeline::collector {

using NodeIds = std::unordered_map<std::string, profile::NodeId>;  // by graph::idOf

struct ModelFile {
  std::string name;  // base name
  std::string sha256;
};

Result<NodeIds> writeModel(profile::Profile& profile, const ModelFile& file, const graph::Model& model,
                           const engine::NamedTensors& inputs, const NodeWorks& works);

// The vocabulary's form of a work.
profile::Work workRow(const WorkShare& share);
// "float32 1x64x56x56"
std::string formatTensor(graph::DataType type, const graph::Dims& dims);

}  // namespace ridgeline::collector
