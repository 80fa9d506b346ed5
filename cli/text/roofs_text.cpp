#include "cli/text/roofs_text.h"

#include "base/units.h"

#include <algorithm>

namespace ridgeline::cli {

std::string roofValue(const profile::Roof& roof) {
  const auto unit = roof.unit.substr(0, roof.unit.find('/'));
  return formatRate(roof.value, unit);
}

std::string roofName(const profile::Roof& roof) {
  if (roof.kind == profile::RoofKind::Compute) return roof.dtype;
  return roof.pattern.empty() ? roof.level : roof.level + " " + roof.pattern;
}

std::string roofLines(const std::vector<profile::Roof>& roofs) {
  std::string compute, bandwidth;
  for (const auto& roof : roofs) {
    // The triad is in `devices`; reading is what most operators do.
    if (roof.kind == profile::RoofKind::Bandwidth && roof.pattern != "read") continue;
    auto& line = roof.kind == profile::RoofKind::Compute ? compute : bandwidth;
    const auto& name = roof.kind == profile::RoofKind::Compute ? roof.dtype : roof.level;
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", name, roofValue(roof));
  }
  std::string out;
  if (!compute.empty()) out += fmt::format("  {:<16}{}\n", "compute roofs", wrap(compute, 80, 18));
  if (!bandwidth.empty()) out += fmt::format("  {:<16}{}\n", "read bandwidth", wrap(bandwidth, 80, 18));
  return out;
}

Table roofTable(const std::vector<profile::Roof>& roofs) {
  // A device has no threads to choose.
  const bool threads = std::any_of(roofs.begin(), roofs.end(), [](const auto& r) { return r.threads > 0; });
  std::vector<Column> columns{{"roof", Align::Left, 20}, {"value", Align::Right}, {"spread", Align::Right}};
  if (threads) columns.push_back({"threads", Align::Right});
  columns.push_back({"how it was measured", Align::Left, threads ? 54 : 63});
  Table table(std::move(columns));
  for (const auto& r : roofs) {
    std::vector<std::string> row{roofName(r), roofValue(r), formatPercent(r.spread)};
    if (threads) row.push_back(std::to_string(r.threads));
    row.push_back(r.how);
    table.add(std::move(row));
  }
  return table;
}

nlohmann::ordered_json roofsJson(const std::vector<profile::Roof>& roofs) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& r : roofs) {
    nlohmann::ordered_json j;
    j["kind"] = std::string(nameOf(r.kind));
    if (r.kind == profile::RoofKind::Compute) {
      j["dtype"] = r.dtype;
    } else {
      j["level"] = r.level;
      j["pattern"] = r.pattern;
    }
    j["value"] = r.value;
    j["unit"] = r.unit;
    j["threads"] = r.threads;
    j["spread"] = r.spread;
    j["provenance"] = std::string(nameOf(r.provenance));
    j["how"] = r.how;
    list.push_back(std::move(j));
  }
  return list;
}

}  // namespace ridgeline::cli
