#include "base/units.h"
#include "cli/text/html_parts.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cli::html {
namespace {

constexpr double kWidth = 1100, kLabel = 150, kRow = 18, kTop = 6, kBottom = 26;
constexpr size_t kMostTracks = 24, kColumns = 475;  // two pixels each
constexpr int64_t kDrawnOneByOne = 1500;            // a track with more slices is drawn by how busy it is
constexpr int kMostNested = 3;

int64_t integerOf(const profile::Cell& cell) {
  const auto* i = std::get_if<int64_t>(&cell);
  return i ? *i : 0;
}

struct Row {
  int64_t track = 0, slices = 0;
  std::string name;
};

struct Window {
  int64_t from = 0, to = 1;
  double at(int64_t ns) const {
    return kLabel + static_cast<double>(ns - from) / static_cast<double>(to - from) * (kWidth - kLabel);
  }
};

constexpr const char* kSlices =
    "SELECT s.start_ns, s.duration_ns, COALESCE(l.text, o.name, ''), s.kind, b.bound FROM slice s "
    "LEFT JOIN label l ON l.id = s.label LEFT JOIN operator o ON o.id = s.operator "
    "LEFT JOIN classification b ON b.operator = s.operator WHERE s.track = {} ORDER BY s.start_ns, s.duration_ns DESC";

// Every slice a box; nested ones lower and less high.
Status drawSlices(const profile::Profile& profile, const Row& row, const Window& window, double top, std::string& out) {
  std::vector<int64_t> open;
  return profile.query(
      fmt::format(kSlices, row.track), [](const std::vector<std::string>&) {},
      [&](const std::vector<profile::Cell>& cells) {
        const int64_t start = integerOf(cells[0]), end = start + std::max<int64_t>(integerOf(cells[1]), 0);
        while (!open.empty() && open.back() <= start) open.pop_back();
        const int depth = std::min<int>(static_cast<int>(open.size()), kMostNested);
        open.push_back(end);
        const double x = window.at(start), width = std::max(window.at(end) - x, 0.6);
        const double height = (kRow - 4) * (1 - 0.24 * depth);
        const auto bound = profile::textOf(cells[4]);
        out += fmt::format(
            "<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" "
            "height=\"{:.1f}\"{}><title>{}&#10;{}</title></rect>\n",
            bound.empty() ? "k-" + xmlEscaped(profile::textOf(cells[3])) : "b-" + xmlEscaped(bound), x,
            top + kRow - 2 - height, width, height, depth > 0 ? " stroke=\"var(--panel)\" stroke-width=\".4\"" : "",
            xmlEscaped(profile::textOf(cells[2])), formatMs(static_cast<double>(end - start) * 1e-6));
        return true;
      });
}

// How busy each column is: the time in it that any slice covers.
Status drawBusy(const profile::Profile& profile, const Row& row, const Window& window, double top, std::string& out) {
  std::vector<double> busy(kColumns, 0);
  const double column = static_cast<double>(window.to - window.from) / kColumns;
  int64_t covered = window.from;
  const auto s = profile.query(
      fmt::format("SELECT start_ns, duration_ns FROM slice WHERE track = {} ORDER BY start_ns", row.track),
      [](const std::vector<std::string>&) {},
      [&](const std::vector<profile::Cell>& cells) {
        const int64_t start = std::max(integerOf(cells[0]), covered);
        const int64_t end = integerOf(cells[0]) + std::max<int64_t>(integerOf(cells[1]), 0);
        if (end <= start) return true;
        covered = end;
        const double from = static_cast<double>(start - window.from) / column;
        const double to = static_cast<double>(end - window.from) / column;
        for (auto c = static_cast<size_t>(from); c < kColumns && static_cast<double>(c) < to; ++c) {
          busy[c] += std::min(to, static_cast<double>(c) + 1) - std::max(from, static_cast<double>(c));
        }
        return true;
      });
  if (!s) return s;
  const double width = (kWidth - kLabel) / kColumns;
  for (size_t c = 0; c < kColumns; ++c) {
    if (busy[c] <= 0) continue;
    const double height = std::max((kRow - 4) * std::min(busy[c], 1.0), 0.8);
    out += fmt::format("<rect class=\"k-operator\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\"/>",
                       kLabel + width * static_cast<double>(c), top + kRow - 2 - height, width, height);
  }
  out += '\n';
  return {};
}

Result<std::vector<Row>> busiestTracks(const profile::Profile& profile) {
  auto rows = profile.query(fmt::format(
      "SELECT t.id, COUNT(*), COALESCE(r.name || ' ', '') || t.name FROM slice s JOIN track t ON t.id = s.track "
      "LEFT JOIN rank r ON r.id = t.rank AND (SELECT COUNT(*) FROM rank) > 1 "
      "GROUP BY t.id ORDER BY SUM(s.duration_ns) DESC LIMIT {}",
      kMostTracks));
  if (!rows) return passOn(rows);
  std::vector<Row> out;
  for (const auto& row : rows->rows) out.push_back({integerOf(row[0]), integerOf(row[1]), profile::textOf(row[2])});
  std::sort(out.begin(), out.end(), [](const Row& a, const Row& b) { return a.track < b.track; });
  return out;
}

std::string timeAxis(const Window& window, double height) {
  const double spanMs = static_cast<double>(window.to - window.from) * 1e-6;
  double step = std::pow(10, std::floor(std::log10(spanMs / 8)));
  for (const double factor : {2.0, 2.5, 2.0}) {
    if (spanMs / step > 10) step *= factor;
  }
  std::string out;
  for (double ms = 0; ms <= spanMs; ms += step) {
    const double x = window.at(window.from + static_cast<int64_t>(ms * 1e6));
    out += fmt::format("<line class=\"grid\" x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\"/>", x, kTop,
                       height - kBottom + 4);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x, height - 8,
                       ms == 0 ? "start" : "middle", ms == 0 ? "0" : formatMs(ms));
  }
  return out + "\n";
}

}  // namespace

Result<std::string> timelineSvg(const profile::Profile& profile) {
  auto tracks = busiestTracks(profile);
  if (!tracks) return passOn(tracks);
  if (tracks->empty()) return std::string();
  auto extent = profile.query("SELECT MIN(start_ns), MAX(start_ns + duration_ns) FROM slice");
  if (!extent) return passOn(extent);
  Window window{integerOf(extent->rows[0][0]), integerOf(extent->rows[0][1])};
  if (window.to <= window.from) window.to = window.from + 1;
  const double height = kTop + kRow * static_cast<double>(tracks->size()) + kBottom;
  std::string out =
      fmt::format("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"Tracks over time\">\n", kWidth, height);
  out += timeAxis(window, height);
  double top = kTop;
  for (const auto& row : *tracks) {
    const auto name = row.name.size() > 24 ? row.name.substr(0, 23) + "…" : row.name;
    out += fmt::format("<text x=\"8\" y=\"{:.1f}\">{}<title>{}</title></text>", top + kRow - 5, xmlEscaped(name),
                       xmlEscaped(row.name));
    const auto drawn = row.slices <= kDrawnOneByOne ? drawSlices(profile, row, window, top, out)
                                                    : drawBusy(profile, row, window, top, out);
    if (!drawn) return tl::unexpected<Error>(drawn.error());
    top += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace ridgeline::cli::html
