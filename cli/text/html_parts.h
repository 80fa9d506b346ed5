// Pieces of an HTML report.
#pragma once

#include "analyzers/report_model.h"
#include "cli/text/xml.h"

#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::cli::html {

// How a column's numbers are shown. They sort by value, whatever they look like.
enum class Unit { Text, Count, Ms, Us, Share, Gops, Mbytes, Gbps, Number };

struct Column {
  std::string title;
  Unit unit = Unit::Text;
};

// A sortable table. More rows than `most` are left out, and that is said.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
  void add(std::vector<profile::Cell> cells);
  bool empty() const { return m_rows.empty(); }
  std::string html(size_t most = 1000) const;

 private:
  std::vector<Column> m_columns;
  std::vector<std::vector<profile::Cell>> m_rows;
};

// The rows of a query as a table; its columns in order.
Result<Table> tableOf(const profile::Profile& profile, const std::string& sql, std::vector<Column> columns);

// Parts of a whole, as a bar with its legend.
struct BarPart {
  std::string what, cssClass;
  double ms = 0;
};
std::string stackedBar(const std::vector<BarPart>& parts, double whole);

// The class that colours a bound: "b-memory".
std::string classOf(profile::Bound bound);

// Sections; empty where there is nothing to say.
std::string devicesHtml(const analyzers::Report& report);
std::string pathsHtml(const analyzers::Report& report);
std::string kernelsHtml(const analyzers::Report& report);
std::string adviceHtml(const analyzers::Report& report);

// Operators under the roofs, log-log, as SVG; empty where there are none to draw.
std::string rooflineSvg(const analyzers::Report& report);
// Tracks over time, as SVG; empty where there is no timeline.
Result<std::string> timelineSvg(const profile::Profile& profile);

extern const char* const kStyle;
extern const char* const kScript;

}  // namespace ridgeline::cli::html
