#include "analyzers/report_devices.h"

#include "base/stats.h"

#include <algorithm>
#include <map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

using Cells = std::vector<Cell>;

std::optional<double> number(const Cell& cell) {
  if (const auto* d = std::get_if<double>(&cell)) return *d;
  if (const auto* i = std::get_if<int64_t>(&cell)) return static_cast<double>(*i);
  return std::nullopt;
}
double numberOr0(const Cell& cell) { return number(cell).value_or(0); }
int64_t integer(const Cell& cell) {
  const auto* i = std::get_if<int64_t>(&cell);
  return i != nullptr ? *i : 0;
}
std::string text(const Cell& cell) { return std::holds_alternative<std::monostate>(cell) ? "" : textOf(cell); }

std::optional<double> times(std::optional<double> value, double factor) {
  if (value) *value *= factor;
  return value;
}

Bound boundNamed(std::string_view name) {
  for (const auto b : {Bound::Compute, Bound::Memory, Bound::Overhead, Bound::Transfer, Bound::Idle, Bound::Balanced}) {
    if (nameOf(b) == name) return b;
  }
  return Bound::Unknown;
}

template <class Handle>
Status each(const Profile& profile, std::string_view sql, Handle handle) {
  return profile.query(
      sql, [](const auto&) {},
      [&](const Cells& cells) {
        handle(cells);
        return true;
      });
}

Status loadRanks(const Profile& profile, ReportDevices& out) {
  std::map<int64_t, std::vector<double>> stepsMs;
  auto s = each(profile, "SELECT rank, duration_ns / 1e6 FROM run WHERE rank IS NOT NULL",
                [&](const Cells& c) { stepsMs[integer(c[0])].push_back(numberOr0(c[1])); });
  if (!s) return s;
  return each(profile, "SELECT id, name, source, format FROM rank ORDER BY ordinal, id", [&](const Cells& c) {
    ReportRank rank{text(c[1]), text(c[2]), text(c[3])};
    const auto steps = stepsMs.find(integer(c[0]));
    if (steps != stepsMs.end()) {
      rank.steps = static_cast<int64_t>(steps->second.size());
      rank.stepMs = median(steps->second);
    }
    out.ranks.push_back(std::move(rank));
  });
}

Status loadUse(const Profile& profile, ReportDevices& out) {
  std::map<int64_t, size_t> byDevice;
  auto s = each(profile,
                "SELECT u.device, d.name, r.name, u.duration_ns / 1e6, u.busy_ns / 1e6, u.compute_ns / 1e6, "
                "u.communication_ns / 1e6, u.copy_ns / 1e6, u.communication_overlap_ns * 1.0 / "
                "NULLIF(u.communication_ns, 0), u.copy_overlap_ns * 1.0 / NULLIF(u.copy_ns, 0), u.kernels, "
                "u.queue_mean, u.launch_delay_ns / 1e3 FROM device_use u LEFT JOIN device d ON d.id = u.device "
                "LEFT JOIN rank r ON r.id = d.rank ORDER BY r.ordinal, d.ordinal, u.id",
                [&](const Cells& c) {
                  byDevice[integer(c[0])] = out.devices.size();
                  ReportDevice d{.name = text(c[1]), .rank = text(c[2]), .spanMs = numberOr0(c[3])};
                  d.busyMs = numberOr0(c[4]), d.computeMs = numberOr0(c[5]);
                  d.communicationMs = numberOr0(c[6]), d.copyMs = numberOr0(c[7]);
                  d.communicationHidden = number(c[8]), d.copyHidden = number(c[9]);
                  d.kernels = integer(c[10]), d.queueMean = number(c[11]), d.launchDelayUs = number(c[12]);
                  out.devices.push_back(std::move(d));
                });
  if (!s) return s;
  return each(profile,
              "SELECT device, reason, count, total_ns / 1e6, longest_ns / 1e3 FROM idle_cause "
              "ORDER BY total_ns DESC, id",
              [&](const Cells& c) {
                const auto at = byDevice.find(integer(c[0]));
                if (at == byDevice.end()) return;
                auto& device = out.devices[at->second];
                ReportIdle idle{text(c[1]), integer(c[2]), numberOr0(c[3]), numberOr0(c[4]), {}};
                if (device.spanMs > 0) idle.share = idle.totalMs / device.spanMs;
                device.idle.push_back(std::move(idle));
              });
}

// As the view `kernels`, which sums a device's kernels anew for each row.
Status loadKernels(const Profile& profile, ReportDevices& out) {
  return each(profile,
              "WITH total AS (SELECT device, SUM(total_ns) AS ns FROM kernel_group GROUP BY device) "
              "SELECT l.text, d.name, r.name, g.kind, g.calls, g.total_ns / 1e6, g.total_ns / NULLIF(t.ns, 0), "
              "g.total_ns / g.calls / 1e3, g.median_ns / 1e3, g.min_ns / 1e3, g.max_ns / 1e3, "
              "s.grid_x || 'x' || s.grid_y || 'x' || s.grid_z, s.block_x || 'x' || s.block_y || 'x' || s.block_z, "
              "g.operator, g.flops, g.bytes, g.bound, g.level, g.roof_time_ns / 1e6, g.headroom_ns / 1e6 "
              "FROM kernel_group g LEFT JOIN total t ON t.device IS g.device LEFT JOIN label l ON l.id = g.label "
              "LEFT JOIN device d ON d.id = g.device LEFT JOIN rank r ON r.id = d.rank "
              "LEFT JOIN launch_shape s ON s.id = g.shape ORDER BY g.total_ns DESC, g.id",
              [&](const Cells& c) {
                ReportKernel k{text(c[0]), text(c[1]), text(c[2]), text(c[3]), integer(c[4]), numberOr0(c[5])};
                k.share = number(c[6]);
                k.meanUs = numberOr0(c[7]), k.medianUs = numberOr0(c[8]);
                k.minUs = numberOr0(c[9]), k.maxUs = numberOr0(c[10]);
                k.grid = text(c[11]), k.block = text(c[12]), k.op = text(c[13]);
                k.flops = number(c[14]), k.bytes = number(c[15]);
                k.bound = boundNamed(text(c[16])), k.level = text(c[17]);
                k.roofTimeMs = number(c[18]), k.headroomMs = number(c[19]);
                out.kernels.push_back(std::move(k));
              });
}

Status loadCopies(const Profile& profile, ReportDevices& out) {
  return each(profile, "SELECT device, rank, direction, pinned, count, total_ms, mbytes, gb_per_s FROM copies",
              [&](const Cells& c) {
                ReportCopies row{text(c[0]), text(c[1]), text(c[2])};
                if (number(c[3])) row.pinned = integer(c[3]) != 0;
                row.count = integer(c[4]), row.totalMs = numberOr0(c[5]);
                row.bytes = times(number(c[6]), 1e6), row.gbPerS = number(c[7]);
                out.copies.push_back(std::move(row));
              });
}

bool isHost(std::string_view what) { return what == "host" || what == "launch" || what == "call"; }

Status loadPaths(const Profile& profile, ReportDevices& out) {
  std::map<int64_t, size_t> byRank;
  auto s = each(profile,
                "SELECT p.rank, k.name, r.name, p.what, COALESCE(l.text, o.name), COUNT(*), "
                "SUM(p.duration_ns) / 1e6 AS ms FROM path_part p LEFT JOIN rank k ON k.id = p.rank "
                "LEFT JOIN run r ON r.id = p.run LEFT JOIN slice s ON s.id = p.slice "
                "LEFT JOIN label l ON l.id = s.label LEFT JOIN operator o ON o.id = s.operator "
                "GROUP BY p.rank, p.run, p.what, CASE WHEN p.what IN ('host', 'wait') THEN '' "
                "ELSE COALESCE(l.text, o.name) END ORDER BY k.ordinal, p.rank, ms DESC",
                [&](const Cells& c) {
                  const auto [at, fresh] = byRank.emplace(integer(c[0]), out.paths.size());
                  if (fresh) out.paths.push_back({.rank = text(c[1]), .of = text(c[2])});
                  auto& path = out.paths[at->second];
                  ReportPath::Part part{text(c[3]), text(c[4]), integer(c[5]), numberOr0(c[6])};
                  if (part.what == "host" || part.what == "wait") part.name.clear();
                  path.totalMs += part.ms;
                  if (isHost(part.what)) path.hostMs += part.ms;
                  path.parts.push_back(std::move(part));
                });
  return s;
}

}  // namespace

std::vector<ReportDevice::Part> ReportDevice::parts() const {
  std::vector<Part> out;
  const auto add = [&](std::string what, Bound bound, double ms) {
    if (ms > 0) out.push_back({std::move(what), bound, ms});
  };
  const double communication = communicationMs * (1 - communicationHidden.value_or(0));
  add("computing", Bound::Compute, computeMs);
  add("communicating, not computing", Bound::Memory, std::min(communication, busyMs - computeMs));
  // Copies beside communication are counted as that.
  add("copying, not computing", Bound::Transfer, busyMs - computeMs - std::min(communication, busyMs - computeMs));
  for (const auto& cause : idle) {
    add("idle: " + idleText(cause.reason), cause.reason == "queued" ? Bound::Idle : Bound::Overhead, cause.totalMs);
  }
  return out;
}

Result<ReportDevices> loadDevices(const Profile& profile) {
  ReportDevices out;
  for (auto* load : {loadRanks, loadUse, loadKernels, loadCopies, loadPaths}) {
    if (auto s = load(profile, out); !s) return passOn(s);
  }
  return out;
}

std::string idleText(std::string_view reason) {
  if (reason == "host") return "the host launched too late";
  if (reason == "sync") return "the host had waited for it";
  if (reason == "queued") return "work was launched, and waited";
  return "launches were not recorded";
}

std::string pathText(std::string_view what) {
  if (what == "host") return "host code between launches";
  if (what == "wait") return "waiting, work was launched";
  return std::string(what);
}

}  // namespace ridgeline::analyzers
