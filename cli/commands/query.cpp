#include "cli/commands/command.h"
#include "cli/text/table.h"
#include "profile/profile.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

nlohmann::ordered_json jsonOf(const profile::Cell& cell) {
  return std::visit(
      [](const auto& v) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) {
          return nullptr;
        } else {
          return v;
        }
      },
      cell);
}

std::string asJson(const profile::Table& result) {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& row : result.rows) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (size_t c = 0; c < result.columns.size(); ++c) object[result.columns[c]] = jsonOf(row[c]);
    rows.push_back(std::move(object));
  }
  return rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Table asTable(const profile::Table& result) {
  std::vector<Column> columns;
  for (size_t c = 0; c < result.columns.size(); ++c) {
    bool numbers = !result.rows.empty();
    for (const auto& row : result.rows) numbers &= !std::holds_alternative<std::string>(row[c]);
    columns.push_back({result.columns[c], numbers ? Align::Right : Align::Left, 60});
  }
  Table table(std::move(columns));
  for (const auto& row : result.rows) {
    std::vector<std::string> cells;
    for (const auto& cell : row) cells.push_back(profile::textOf(cell));
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace

Action declareQuery(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile;
    std::string sql;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("query", "Ask a profile in SQL");
  verb->footer(
      "docs/profile-schema.md describes tables and views. The views operators, hotspots, roofs, trials and\n"
      "advice_ranked are made for people:\n"
      "  ridgeline query before.ridge \"SELECT name, time_ms, bound FROM operators LIMIT 10\"");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("SQL", args->sql, "One statement that reads")->required();
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    auto profile = profile::Profile::open(args->profile, profile::Profile::Mode::ReadOnly);
    if (!profile) return passOn(profile);
    auto result = profile->query(args->sql, &console.job().stop);
    if (!result) return passOn(result);
    std::string text;
    switch (args->output.format) {
      case Format::Json:
        text = asJson(*result);
        break;
      case Format::Markdown:
        text = asTable(*result).markdown();
        break;
      case Format::Text:
        text = asTable(*result).text(0);
        break;
    }
    return console.print(text, args->output.file);
  };
}

}  // namespace ridgeline::cli
