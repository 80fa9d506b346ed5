#include "cli/text/html_parts.h"

#include "base/units.h"

#include <cmath>

namespace ridgeline::cli::html {
namespace {

std::optional<double> numberOf(const profile::Cell& cell) {
  if (const auto* i = std::get_if<int64_t>(&cell)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&cell)) return *d;
  return std::nullopt;
}

std::string shown(double v, Unit unit) {
  switch (unit) {
    case Unit::Ms:
      return formatMs(v);
    case Unit::Us:
      return formatMs(v * 1e-3);
    case Unit::Share:
      return formatPercent(v);
    case Unit::Gops:
      return formatRate(v * 1e9, "OP");
    case Unit::Gbps:
      return formatRate(v * 1e9, "B");
    case Unit::Mbytes:
      return formatBytes(v * 1e6);
    case Unit::Count:
      return std::floor(v) == v ? fmt::format("{:.15g}", v) : fmt::format("{:.2f}", v);
    case Unit::Number:
    case Unit::Text:
      break;
  }
  return formatSignificant(v);
}

std::string cellHtml(const profile::Cell& cell, Unit unit) {
  const auto number = numberOf(cell);
  if (unit == Unit::Text) return fmt::format("<td>{}</td>", xmlEscaped(profile::textOf(cell)));
  if (!number || !std::isfinite(*number)) return "<td class=\"n\" data-v=\"\">–</td>";
  const auto text = shown(*number, unit);
  if (unit != Unit::Share) return fmt::format("<td class=\"n\" data-v=\"{:.9g}\">{}</td>", *number, text);
  return fmt::format("<td class=\"n share\" data-v=\"{:.9g}\" style=\"--s:{:.1f}%\">{}</td>", *number,
                     std::min(std::max(*number, 0.0), 1.0) * 100, text);
}

}  // namespace

void Table::add(std::vector<profile::Cell> cells) {
  cells.resize(m_columns.size());
  m_rows.push_back(std::move(cells));
}

std::string Table::html(size_t most) const {
  std::string out = "<div class=\"scroll\"><table class=\"sortable\"><thead><tr>";
  for (const auto& c : m_columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", c.unit == Unit::Text ? "" : " class=\"n\"", xmlEscaped(c.title));
  }
  out += "</tr></thead><tbody>\n";
  for (size_t r = 0; r < std::min(most, m_rows.size()); ++r) {
    out += "<tr>";
    for (size_t c = 0; c < m_columns.size(); ++c) out += cellHtml(m_rows[r][c], m_columns[c].unit);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (m_rows.size() > most) {
    out += fmt::format("<p class=\"quiet\">{} more rows are in the profile.</p>\n", m_rows.size() - most);
  }
  return out;
}

Result<Table> tableOf(const profile::Profile& profile, const std::string& sql, std::vector<Column> columns) {
  auto rows = profile.query(sql);
  if (!rows) return passOn(rows);
  Table table(std::move(columns));
  for (auto& row : rows->rows) table.add(std::move(row));
  return table;
}

std::string classOf(profile::Bound bound) { return "b-" + std::string(nameOf(bound)); }

}  // namespace ridgeline::cli::html
