#include "advisor/check/run_store.h"
#include "base/stats.h"
#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ridgeline::cli {
namespace {

using advisor::StoredRun;

std::string historyJson(const std::vector<StoredRun>& runs) {
  nlohmann::ordered_json j{{"schema_version", 1}, {"runs", nlohmann::ordered_json::array()}};
  for (const auto& r : runs) {
    const auto number = [](const std::optional<double>& v) {
      return v && std::isfinite(*v) ? nlohmann::ordered_json(*v) : nlohmann::ordered_json();
    };
    j["runs"].push_back({{"id", r.id},
                         {"created", r.created},
                         {"project", r.labels.project},
                         {"branch", r.labels.branch},
                         {"commit", r.labels.commit},
                         {"model", r.model},
                         {"model_sha256", r.modelSha256},
                         {"device", r.device},
                         {"engine", r.engine},
                         {"threads", r.threads},
                         {"latency_ms", number(r.latencyMs)},
                         {"latency_sigma_ms", number(r.latencySigmaMs)},
                         {"runs", r.runs}});
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// A bar from the fastest run to the slowest, so that a step is seen.
std::string barOf(const StoredRun& run, double fastest, double slowest) {
  if (!run.latencyMs || !(slowest > fastest)) return {};
  const auto cells = static_cast<int>(std::lround((*run.latencyMs - fastest) / (slowest - fastest) * 14)) + 1;
  std::string out;
  for (int i = 0; i < cells; ++i) out += "▪";
  return out;
}

Table historyTable(const std::vector<StoredRun>& runs) {
  double fastest = 0, slowest = 0;
  for (const auto& r : runs) {
    if (!r.latencyMs) continue;
    fastest = fastest > 0 ? std::min(fastest, *r.latencyMs) : *r.latencyMs;
    slowest = std::max(slowest, *r.latencyMs);
  }
  Table table({{"recorded", Align::Left, 20},
               {"branch", Align::Left, 14},
               {"commit", Align::Left, 10},
               {"device", Align::Left, 22},
               {"latency", Align::Right},
               {"", Align::Left, 15},
               {"run", Align::Left, 12}});
  for (const auto& r : runs) {
    table.add({r.created, r.labels.branch, r.labels.commit.substr(0, 10), fmt::format("{} x{}", r.device, r.threads),
               r.latencyMs ? formatMs(*r.latencyMs) : "-", barOf(r, fastest, slowest), r.id.substr(0, 12)});
  }
  return table;
}

}  // namespace

Action declareHistory(CLI::App& program) {
  struct Arguments {
    std::string where;
    advisor::RunFilter filter;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  args->filter.limit = 30;
  auto* verb = program.add_subcommand("history", "List the runs that were published of a model, newest first");
  verb->add_option("MODEL", args->filter.model, "Name of the model's file (default: all models)");
  verb->add_option("--from", args->where, "A folder, or postgres://HOST/NAME")->required()->type_name("WHERE");
  verb->add_option("--project", args->filter.project, "Of this project only")->type_name("NAME");
  verb->add_option("--branch", args->filter.branch, "Of this branch only")->type_name("NAME");
  verb->add_option("--device", args->filter.device, "On this device only")->type_name("NAME");
  verb->add_option("--limit", args->filter.limit, "How many (default 30)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000).description(""));
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    args->filter.model = std::filesystem::path(args->filter.model).filename().string();
    std::error_code ec;
    // Publishing makes a folder; listing one that is not there is a slip of the pen.
    if (!advisor::isDatabase(args->where) && !std::filesystem::is_directory(args->where, ec)) {
      return badInput(fmt::format("{} is no folder of runs", args->where),
                      "name the folder or database that runs are published to");
    }
    auto store = advisor::openRunStore(args->where);
    if (!store) return passOn(store);
    auto runs = (*store)->list(args->filter);
    if (!runs) return passOn(runs);
    switch (args->output.format) {
      case Format::Json:
        return console.print(historyJson(*runs), args->output.file);
      case Format::Markdown:
        return console.print(historyTable(*runs).markdown(), args->output.file);
      case Format::Text:
        break;
    }
    if (runs->empty()) return console.print("No runs.\n", args->output.file);
    return console.print(historyTable(*runs).text(), args->output.file);
  };
}

}  // namespace ridgeline::cli
