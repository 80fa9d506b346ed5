// Row ids that cannot be mixed up: an OperatorId is not a RunId.
#pragma once

#include <cstdint>
#include <functional>

namespace ridgeline::profile {

// The primary key of a row; 0 stands for none (stored as NULL).
template <class Tag>
struct Id {
  int64_t value = 0;
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using DeviceId = Id<struct DeviceTag>;
using RoofId = Id<struct RoofTag>;
using ModelId = Id<struct ModelTag>;
using NodeId = Id<struct NodeTag>;
using RunId = Id<struct RunTag>;
using OperatorId = Id<struct OperatorTag>;
using TrackId = Id<struct TrackTag>;
using LabelId = Id<struct LabelTag>;
using SliceId = Id<struct SliceTag>;
using CounterId = Id<struct CounterTag>;
using FindingId = Id<struct FindingTag>;
using AdviceId = Id<struct AdviceTag>;
using TrialId = Id<struct TrialTag>;
using ProofId = Id<struct ProofTag>;
using NearMissId = Id<struct NearMissTag>;
using RankId = Id<struct RankTag>;
using LaunchShapeId = Id<struct LaunchShapeTag>;
using FlowId = Id<struct FlowTag>;
using SeriesId = Id<struct SeriesTag>;
using SampleId = Id<struct SampleTag>;
using IntakeId = Id<struct IntakeTag>;
using KernelGroupId = Id<struct KernelGroupTag>;
using DeviceUseId = Id<struct DeviceUseTag>;
using IdleCauseId = Id<struct IdleCauseTag>;
using GapId = Id<struct GapTag>;
using TreeNodeId = Id<struct TreeNodeTag>;
using PathPartId = Id<struct PathPartTag>;
using LevelBlockId = Id<struct LevelBlockTag>;
using LevelMarkId = Id<struct LevelMarkTag>;

}  // namespace ridgeline::profile

template <class Tag>
struct std::hash<ridgeline::profile::Id<Tag>> {
  size_t operator()(const ridgeline::profile::Id<Tag>& id) const noexcept { return std::hash<int64_t>{}(id.value); }
};
