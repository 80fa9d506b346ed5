#include "collector/operator_rows.h"

#include <map>
#include <tuple>

namespace ridgeline::collector {
namespace {

using OperatorKey = std::tuple<std::string, int64_t, int>;

std::string formatTensors(const std::vector<engine::TensorFacts>& tensors) {
  std::string text;
  for (const auto& tensor : tensors) {
    if (tensor.type == graph::DataType::Undefined) continue;
    text += (text.empty() ? "" : ", ") + formatTensor(tensor.type, tensor.dims);
  }
  return text;
}

profile::Operator rowOf(const ExecutedOperator& op, profile::DeviceId device) {
  profile::Operator row;
  row.device = device;
  row.name = op.name;
  row.opType = op.opType;
  row.provider = op.provider;
  row.depth = op.depth;
  row.callsPerRun = op.callsPerRun;
  row.timeNs = op.timeNs;
  row.timeMadNs = op.timeMadNs;
  row.inputShapes = formatTensors(op.inputs);
  row.outputShapes = formatTensors(op.outputs);
  row.workingSetBytes = op.workingSetBytes;
  if (op.work) {
    row.work = workRow(*op.work);
    row.provenanceWork = profile::Provenance::Modelled;
  }
  return row;
}

class ObservationWriter {
 public:
  ObservationWriter(profile::Profile& profile, profile::DeviceId device, const NodeIds& nodes,
                    const Observation& observation)
      : m_profile(profile), m_device(device), m_nodes(nodes), m_observation(observation) {
    if (!observation.runs.empty()) m_origin = observation.runs.front().startNs;
  }

  Status write() {
    if (auto done = writeRuns(); !done) return done;
    if (auto done = writeOperators(); !done) return done;
    return writeTimeline();
  }

 private:
  Status writeRuns() {
    int64_t ordinal = 0;
    for (const auto& run : m_observation.runs) {
      const auto kind = run.observed ? profile::RunKind::Observed : profile::RunKind::Plain;
      const bool typical = static_cast<size_t>(ordinal) == m_observation.typicalRun;
      const auto id = m_profile.add(profile::Run{
          .kind = kind, .ordinal = ordinal++, .startNs = run.startNs - m_origin, .durationNs = run.durationNs});
      if (!id) return tl::unexpected<Error>(id.error());
      if (typical) m_typicalRun = *id;
    }
    return {};
  }

  Status writeOperators() {
    std::vector<profile::OperatorNode> links;
    for (const auto& op : m_observation.operators) {
      const auto id = m_profile.add(rowOf(op, m_device));
      if (!id) return tl::unexpected<Error>(id.error());
      m_operators.emplace(OperatorKey{op.name, op.nodeIndex, op.depth}, *id);
      for (const auto& source : op.sources) {
        if (const auto node = m_nodes.find(source); node != m_nodes.end()) links.push_back({*id, node->second});
      }
    }
    return m_profile.addAll(links);
  }

  Result<profile::TrackId> trackOf(int64_t thread) {
    if (const auto known = m_tracks.find(thread); known != m_tracks.end()) return known->second;
    const auto ordinal = static_cast<int64_t>(m_tracks.size());
    auto id = m_profile.add(profile::Track{.device = m_device,
                                           .name = fmt::format("thread {}", ordinal + 1),
                                           .kind = profile::TrackKind::Thread,
                                           .ordinal = ordinal});
    if (id) m_tracks.emplace(thread, *id);
    return id;
  }

  Status writeTimeline() {
    std::vector<profile::Slice> slices;
    for (const auto& event : m_observation.typical.events) {
      const auto track = trackOf(event.threadId);
      if (!track) return tl::unexpected<Error>(track.error());
      const auto op = m_operators.find({event.name, event.nodeIndex, event.depth});
      if (op == m_operators.end()) continue;
      slices.push_back(profile::Slice{.track = *track,
                                      .op = op->second,
                                      .run = m_typicalRun,
                                      .startNs = event.startNs - m_origin,
                                      .durationNs = event.durationNs});
    }
    return m_profile.addAll(slices);
  }

  profile::Profile& m_profile;
  profile::DeviceId m_device;
  const NodeIds& m_nodes;
  const Observation& m_observation;
  int64_t m_origin = 0;  // the timeline begins with the first run
  profile::RunId m_typicalRun;
  std::map<OperatorKey, profile::OperatorId> m_operators;
  std::map<int64_t, profile::TrackId> m_tracks;
};

}  // namespace

Status writeObservation(profile::Profile& profile, profile::DeviceId device, const NodeIds& nodes,
                        const Observation& observation) {
  return ObservationWriter(profile, device, nodes, observation).write();
}

}  // namespace ridgeline::collector
