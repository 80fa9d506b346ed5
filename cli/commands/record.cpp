#include "collector/record.h"

#include "base/units.h"
#include "cli/commands/command.h"
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
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("record", "Measure a model into a profile");
  verb->footer(
      "The model is run plainly, for its latency, and observed, for the time of each operator; the two kinds of runs\n"
      "take turns. The machine's roofs are measured first, once.");
  verb->add_option("MODEL", args->request.model, "An ONNX file")->required();
  verb->add_option("-o,--output", args->request.output, "The profile to write (default: MODEL.ridge in this folder)")
      ->type_name("FILE.ridge");
  addModelOptions(*verb, args->model);
  addQuantity(*verb, "--duration", args->request.seconds, parseDuration, "Time to spend on the runs (default 10s)")
      ->type_name("TIME");
  addOutputOptions(*verb, args->output, false);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto& request = args->request;
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
