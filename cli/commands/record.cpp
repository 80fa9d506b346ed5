#include "collector/record.h"

#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/commands/record_command.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

std::string summaryText(const collector::RecordRequest& request, const collector::RecordSummary& s, Format format) {
  const auto model = request.model.filename().string();
  std::string out =
      fmt::format("{}: {} plain, {} observed, {} {} on {}\n", model, formatMs(s.latencyMs),
                  formatMs(s.observedLatencyMs), s.threads, s.threads == 1 ? "thread" : "threads", s.device);
  out += fmt::format("{} runs plain and {} observed; {} nodes ran as {} operators\n", s.plainRuns, s.observedRuns,
                     s.nodes, s.operators);
  if (!s.counters.empty()) {
    std::string names;
    for (const auto& c : s.counters) names += (names.empty() ? "" : ", ") + c;
    out += wrap(fmt::format("counted around each operator: {}", names), 98, 2) + "\n";
  }
  for (const auto& n : s.notes) out += wrap(n, 98, 2) + "\n";
  const auto file = request.output.string();
  out += format == Format::Markdown ? fmt::format("\nWritten: `{}`\n", file)
                                    : fmt::format("\nWritten: {}; see it with: ridgeline report {}\n", file, file);
  return out;
}

std::string summaryJson(const collector::RecordRequest& request, const collector::RecordSummary& s) {
  nlohmann::ordered_json j;
  j["schema_version"] = 1;
  j["profile"] = request.output.string();
  j["model"] = request.model.string();
  j["device"] = s.device;
  j["engine"] = s.engine;
  j["threads"] = s.threads;
  j["latency_ms"] = s.latencyMs;
  j["observed_latency_ms"] = s.observedLatencyMs;
  j["operator_time_ms"] = s.operatorMs;
  j["plain_runs"] = s.plainRuns;
  j["observed_runs"] = s.observedRuns;
  j["nodes"] = s.nodes;
  j["operators"] = s.operators;
  j["counters"] = s.counters;
  j["inputs"] = s.syntheticInputs ? "synthetic" : "given";
  j["notes"] = s.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declareRecord(CLI::App& program) {
  struct Arguments {
    collector::RecordRequest request;
    ModelOptions model;
    OutputOptions output;
    std::vector<std::string> counters, pluginOptions;
    double followSeconds = 10;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb =
      program.add_subcommand("record", "Measure a model, or whatever a command does on accelerators, into a profile");
  verb->footer(
      "The model is run plainly, for its latency, and observed, for the time of each operator; the two kinds of runs\n"
      "take turns. The machine's roofs are measured first, once.\n\n"
      "  ridgeline record -o FILE.ridge -- COMMAND [ARGUMENT...]\n\n"
      "runs the command with every plugin's library put into it and its children, and records what runs on their\n"
      "devices. The exit status is the command's.");
  verb->add_option("MODEL", args->request.model, "An ONNX file; or -- COMMAND [ARGUMENT...]");
  verb->add_option("-o,--output", args->request.output,
                   "The profile to write (default: MODEL.ridge or COMMAND.ridge in this folder)")
      ->type_name("FILE.ridge");
  addModelOptions(*verb, args->model);
  addEngineSettings(*verb, args->request.engineSettings);
  addQuantity(*verb, "--duration", args->request.seconds, parseDuration, "Time to spend on the runs (default 10s)")
      ->type_name("TIME");
  verb->add_option(
          "--counters", args->counters,
          "What to count: names or sets that `ridgeline plugin list` shows, or none (default: what works here)")
      ->delimiter(',')
      ->type_name("LIST")
      ->allow_extra_args(false);
  addQuantity(*verb, "--follow", args->followSeconds, parseDuration,
              "With a command: time for processes that outlive it (default 10s)")
      ->type_name("TIME");
  addPluginOptions(*verb, args->pluginOptions);
  addOutputOptions(*verb, args->output, false);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto& request = args->request;
    plugins::HostOptions hostOptions;
    for (const auto& text : args->pluginOptions) {
      if (auto added = plugins::addOption(text, hostOptions); !added) return added;
    }
    if (!console.tail().empty()) {
      if (!request.model.empty()) return fail(ErrorCode::Usage, "either a MODEL or -- COMMAND, not both");
      const bool none = args->counters == std::vector<std::string>{"none"};
      return recordCommand(console,
                           {.output = request.output,
                            .counters = none ? std::vector<std::string>() : args->counters,
                            .plugins = std::move(hostOptions),
                            .followSeconds = args->followSeconds},
                           args->output);
    }
    request.counting.off = args->counters == std::vector<std::string>{"none"};
    if (!request.counting.off) request.counting.counters = args->counters;
    request.counting.plugins = std::move(hostOptions);
    if (request.model.empty()) {
      return fail(ErrorCode::Usage, "there is nothing to record", "name a MODEL.onnx, or a command behind --");
    }
    request.shapes = args->model.shapes;
    request.inputs = args->model.inputs;
    request.threads = args->model.threads;
    request.command = {"ridgeline", "record", request.model.string()};
    for (const auto& s : request.shapes) request.command.insert(request.command.end(), {"--shape", s});
    if (request.output.empty()) request.output = request.model.stem().string() + ".ridge";
    auto summary = collector::recordModel(request, console.job());
    if (!summary) return passOn(summary);
    if (args->output.format == Format::Json) return console.print(summaryJson(request, *summary));
    return console.print(summaryText(request, *summary, args->output.format));
  };
}

}  // namespace ridgeline::cli
