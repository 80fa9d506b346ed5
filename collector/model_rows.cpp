#include "collector/model_rows.h"

#include "profile/level_vocabulary.h"

#include <set>

namespace ridgeline::collector {
namespace {

// Who reads what another makes. Nodes that read a tensor only in their bodies (If, Loop) are not counted.
Status writeEdges(profile::Profile& profile, const graph::Model& model, const NodeIds& ids) {
  std::unordered_map<std::string, profile::NodeId> producers;
  for (const auto& node : model.graphProto().node()) {
    for (const auto& output : node.output()) {
      if (const auto id = ids.find(graph::idOf(node)); !output.empty() && id != ids.end())
        producers[output] = id->second;
    }
  }
  std::set<std::pair<profile::NodeId, profile::NodeId>> edges;
  for (const auto& node : model.graphProto().node()) {
    const auto target = ids.find(graph::idOf(node));
    for (const auto& input : node.input()) {
      if (const auto source = producers.find(input); source != producers.end() && target != ids.end()) {
        edges.emplace(source->second, target->second);
      }
    }
  }
  std::vector<profile::NodeEdge> rows;
  for (const auto& [source, target] : edges) rows.push_back({source, target});
  return profile.addAll(rows);
}

}  // namespace

profile::Work workRow(const WorkShare& share) {
  profile::Work row;
  row.flops = share.work.flops;
  row.intOps = share.work.intOps;
  row.bytesRead = share.work.bytesRead;
  row.bytesWritten = share.work.bytesWritten;
  row.constantBytes = share.constantBytes;
  row.computeType = graph::nameOf(share.work.computeType);
  return row;
}

std::string formatTensor(graph::DataType type, const graph::Dims& dims) {
  return fmt::format("{} {}", graph::nameOf(type), graph::formatDims(dims));
}

Result<NodeIds> writeModel(profile::Profile& profile, const ModelFile& file, const graph::Model& model,
                           const engine::NamedTensors& inputs, const NodeWorks& works) {
  profile::Model row;
  row.name = file.name;
  row.sha256 = file.sha256;
  row.bytes = model.byteSize();
  row.opset = model.opset();
  row.producer = model.proto().producer_name();
  if (!model.proto().producer_version().empty()) row.producer += " " + model.proto().producer_version();
  for (const auto& [name, tensor] : inputs)
    row.inputs.push_back(name + " " + formatTensor(tensor.type(), tensor.dims()));
  const auto modelId = profile.add(row);
  if (!modelId) return tl::unexpected<Error>(modelId.error());

  NodeIds ids;
  int64_t position = 0;
  for (const auto& node : model.graphProto().node()) {
    profile::Node nodeRow;
    nodeRow.model = *modelId;
    nodeRow.name = graph::idOf(node);
    nodeRow.opType = node.op_type();
    nodeRow.domain = node.domain();
    nodeRow.position = position++;
    if (const auto work = works.find(nodeRow.name); work != works.end()) nodeRow.work = workRow(work->second);
    const auto id = profile.add(nodeRow);
    if (!id) return tl::unexpected<Error>(id.error());
    ids.emplace(nodeRow.name, *id);
  }
  if (auto s = writeEdges(profile, model, ids); !s) return passOn(s);
  return ids;
}

}  // namespace ridgeline::collector
