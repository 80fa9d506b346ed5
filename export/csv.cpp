#include "export/export.h"
#include "export/file_writer.h"

#include <algorithm>

namespace ridgeline::exporting {
namespace fs = std::filesystem;
namespace {

// RFC 4180: quotes around what would be taken apart, and doubled within.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

Result<std::vector<std::string>> viewsOf(const profile::Profile& profile) {
  auto rows =
      profile.query("SELECT name FROM sqlite_master WHERE type = 'view' OR name IN ('finding', 'meta') ORDER BY name");
  if (!rows) return passOn(rows);
  std::vector<std::string> names;
  for (const auto& row : rows->rows) names.push_back(profile::textOf(row[0]));
  return names;
}

Result<int64_t> writeTable(const profile::Profile& profile, const std::string& table, const fs::path& output, Job job) {
  auto file = FileWriter::create(output);
  if (!file) return passOn(file);
  int64_t rows = 0;
  const auto line = [&](const auto& cells, auto textOfCell) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) text += (i ? "," : "") + field(textOfCell(cells[i]));
    file->write(text + "\r\n");
  };
  const auto done = profile.query(
      fmt::format("SELECT * FROM {}", table),
      [&](const std::vector<std::string>& columns) { line(columns, [](const std::string& s) { return s; }); },
      [&](const std::vector<profile::Cell>& cells) {
        line(cells, [](const profile::Cell& c) { return profile::textOf(c); });
        ++rows;
        return true;
      },
      &job.stop);
  if (!done) return tl::unexpected<Error>(done.error());
  if (auto s = file->commit(); !s) return passOn(s);
  return rows;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

}  // namespace

Result<ExportSummary> exportCsv(const profile::Profile& profile, const fs::path& output, const std::string& table,
                                Job job) {
  auto views = viewsOf(profile);
  if (!views) return passOn(views);
  if (!table.empty() && std::find(views->begin(), views->end(), table) == views->end()) {
    return fail(ErrorCode::Usage, fmt::format("there is no table {}", table), "there are " + listed(*views));
  }
  job.progress.phase("export");
  ExportSummary summary;
  if (output.extension() == ".csv") {
    auto rows = writeTable(profile, table.empty() ? "operators" : table, output, job);
    if (!rows) return passOn(rows);
    summary.rows = *rows;
    return summary;
  }
  std::error_code ec;
  fs::create_directories(output, ec);
  if (ec) return unavailable(fmt::format("cannot make the folder {}: {}", output.string(), ec.message()));
  for (const auto& view : *views) {
    if (!table.empty() && view != table) continue;
    const auto name = view + ".csv";
    auto rows = writeTable(profile, view, output / name, job);
    if (!rows) return passOn(rows);
    summary.rows += *rows;
    summary.files.push_back(name);
  }
  return summary;
}

}  // namespace ridgeline::exporting
