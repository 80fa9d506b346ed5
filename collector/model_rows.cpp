#include "collector/model_rows.h"

namespace ridgeline::collector {

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
  return ids;
}

}  // namespace ridgeline::collector
