#include "gui/models/kernels.h"

#include "gui/models/cells.h"

#include <unordered_map>

namespace ridgeline::gui {
namespace {

using profile::Cell;

constexpr const char* kGroups = R"sql(
SELECT g.id, COALESCE(l.text, ''), COALESCE(d.name, ''), g.operator,
  CASE WHEN s.grid_x IS NULL THEN '' ELSE s.grid_x || 'x' || s.grid_y || 'x' || s.grid_z END,
  CASE WHEN s.block_x IS NULL THEN '' ELSE s.block_x || 'x' || s.block_y || 'x' || s.block_z END,
  g.kind = 'communication', g.calls, g.total_ns / 1e6, g.min_ns / 1e6, g.median_ns / 1e6, g.max_ns / 1e6,
  g.bound, g.level, g.flops, g.bytes, g.roof_time_ns / 1e6, g.headroom_ns / 1e6
FROM kernel_group g LEFT JOIN label l ON l.id = g.label LEFT JOIN device d ON d.id = g.device
  LEFT JOIN launch_shape s ON s.id = g.shape
ORDER BY g.total_ns DESC, g.id)sql";

profile::Bound boundCalled(const std::string& name) {
  for (const auto bound : {profile::Bound::Compute, profile::Bound::Memory, profile::Bound::Overhead,
                           profile::Bound::Transfer, profile::Bound::Idle, profile::Bound::Balanced}) {
    if (nameOf(bound) == name) return bound;
  }
  return profile::Bound::Unknown;
}

KernelGroup groupOf(const std::vector<Cell>& c) {
  KernelGroup g;
  g.id = integerOf(c[0]);
  g.name = textIn(c[1]), g.device = textIn(c[2]), g.op = textIn(c[3]), g.grid = textIn(c[4]), g.block = textIn(c[5]);
  g.communication = integerOf(c[6]) != 0;
  g.calls = integerOf(c[7]);
  g.timeMs = realOf(c[8]).value_or(0), g.minMs = realOf(c[9]).value_or(0), g.medianMs = realOf(c[10]).value_or(0);
  g.maxMs = realOf(c[11]).value_or(0);
  g.bound = boundCalled(textIn(c[12]));
  g.level = textIn(c[13]);
  g.flops = realOf(c[14]), g.bytes = realOf(c[15]), g.roofMs = realOf(c[16]), g.headroomMs = realOf(c[17]);
  return g;
}

}  // namespace

Result<std::vector<KernelGroup>> loadKernelGroups(const profile::Profile& profile) {
  std::vector<KernelGroup> groups;
  double total = 0;
  auto done = profile.query(
      kGroups, [](const auto&) {},
      [&](const auto& cells) {
        groups.push_back(groupOf(cells));
        total += groups.back().timeMs;
        return true;
      });
  if (!done) return passOn(done);
  for (auto& group : groups) group.share = total > 0 ? group.timeMs / total : 0;
  return groups;
}

Result<std::vector<DeviceTime>> loadDeviceTimes(const profile::Profile& profile) {
  std::vector<DeviceTime> devices;
  std::unordered_map<int64_t, size_t> byId;
  auto done = profile.query(
      "SELECT u.device, COALESCE(d.name, ''), u.duration_ns / 1e6, u.busy_ns / 1e6, u.compute_ns / 1e6, "
      "u.communication_ns / 1e6, u.copy_ns / 1e6, u.copy_overlap_ns / 1e6, u.kernels "
      "FROM device_use u LEFT JOIN device d ON d.id = u.device ORDER BY u.device",
      [](const auto&) {},
      [&](const auto& c) {
        byId[integerOf(c[0])] = devices.size();
        const auto real = [&](size_t i) { return realOf(c[i]).value_or(0); };
        devices.push_back({textIn(c[1]), real(2), real(3), real(4), real(5), real(6), real(7), integerOf(c[8]), {}});
        return true;
      });
  if (!done) return passOn(done);
  done = profile.query(
      "SELECT device, reason, total_ns / 1e6, count FROM idle_cause ORDER BY total_ns DESC", [](const auto&) {},
      [&](const auto& c) {
        const auto it = byId.find(integerOf(c[0]));
        if (it != byId.end()) {
          devices[it->second].idle.push_back({textIn(c[1]), realOf(c[2]).value_or(0), integerOf(c[3])});
        }
        return true;
      });
  if (!done) return passOn(done);
  return devices;
}

}  // namespace ridgeline::gui
