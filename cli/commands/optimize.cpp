#include "advisor/optimize.h"

#include "advisor/ledger.h"
#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/commands/processor_advice.h"
#include "cli/text/optimize_text.h"
#include "collector/record.h"

#include <map>

namespace ridgeline::cli {
namespace {

struct Arguments {
  advisor::OptimizeRequest request;
  ModelOptions model;
  OutputOptions output;
  std::filesystem::path profile;
};

// Where the ledger goes: an existing profile, or a new recording of the model as it came.
Result<profile::Profile> openOrRecord(const Arguments& args, Job job) {
  std::error_code ec;
  if (std::filesystem::exists(args.profile, ec)) {
    return profile::Profile::open(args.profile, profile::Profile::Mode::ReadWrite);
  }
  collector::RecordRequest record;
  record.model = args.request.model;
  record.shapes = args.model.shapes;
  record.inputs = args.model.inputs;
  record.threads = args.model.threads;
  record.engineSettings = args.request.engineSettings;
  record.output = args.profile;
  auto done = collector::recordModel(record, job);
  if (!done) return passOn(done);
  return profile::Profile::open(args.profile, profile::Profile::Mode::ReadWrite);
}

Status runOptimize(Arguments& args, Console& console) {
  console.setProgress(args.output.progress);
  auto& request = args.request;
  request.shapes = args.model.shapes;
  request.inputs = args.model.inputs;
  request.threads = args.model.threads;
  request.memoryProbe = memoryProbe(args.model);
  request.deviceAdvice = processorAdvice(console.job());
  std::optional<profile::Profile> ledger;
  if (!args.profile.empty()) {
    auto opened = openOrRecord(args, console.job());
    if (!opened) return passOn(opened);
    ledger.emplace(std::move(*opened));
  }
  auto result = advisor::optimize(request, console.job());
  if (!result) return passOn(result);
  if (ledger) {
    if (auto s = advisor::writeLedger(*ledger, *result, request.output); !s) return s;
  }
  std::string text;
  switch (args.output.format) {
    case Format::Json:
      text = optimizeJson(request, *result);
      break;
    case Format::Markdown:
      text = optimizeMarkdown(request, *result);
      break;
    case Format::Text:
      text = optimizeText(request, *result);
      break;
  }
  if (auto s = console.print(text); !s) return s;
  if (!result->constraintsMet) return fail(ErrorCode::Negative, "a constraint is not met");
  return {};
}

void addGoal(CLI::App& verb, const std::shared_ptr<Arguments>& args) {
  using advisor::Goal;
  static const std::map<std::string, Goal> goals{
      {"latency", Goal::Latency}, {"memory", Goal::Memory}, {"size", Goal::Size}};
  verb.add_option("--goal", args->request.goal,
                  "What to make less: latency; memory (peak of a process that runs it) or size (of the model), without "
                  "becoming slower than it was, or than --max-latency (default latency)")
      ->transform(CLI::CheckedTransformer(goals).description(""))
      ->type_name("GOAL");
}

}  // namespace

Action declareOptimize(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto& c = args->request.constraints;
  auto* verb = program.add_subcommand("optimize", "Make a model faster, and prove it");
  verb->footer(
      "Rewrites are tried in order of predicted gain, measured against the best so far in interleaved runs, and kept\n"
      "only when surely faster and within the bounds. The winner is measured against the original once more. When\n"
      "nothing helps, the output is the model that came in. Weights that the model also lists as inputs\n"
      "become constants where that helps.\n\n"
      "With --tune-engine, settings of the engine that surely help go into FILE.engine.json beside the output, which\n"
      "`record` and `optimize` load by the model's name; docs/engine-settings.md says how a program does.\n\n"
      "Without bounds, the cosine of every floating output stays at or above 0.99; --exact forbids rewrites that\n"
      "change precision.");
  verb->add_option("MODEL", args->request.model, "An ONNX file")->required();
  verb->add_option("-o,--output", args->request.output, "The ONNX file to write")->required()->type_name("FILE");
  addModelOptions(*verb, args->model);
  addGoal(*verb, args);
  verb->add_flag("--tune-engine", args->request.tuneEngine,
                 "Try settings of the engine too; they are written beside the model, for programs that load them");
  verb->add_flag("--pin-shapes", args->request.pinShapes,
                 "Make the model one for these input shapes only (see --shape), where that helps");
  verb->add_flag("--allow-io-layout", args->request.allowIoLayout,
                 "Inputs and outputs may come with their axes in another order, where that helps");
  verb->add_option("--max-opset", args->request.maxOpset,
                   "Raise the model to no newer opset than this, for an engine older than the one here: 17")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("N");
  addEngineSettings(*verb, args->request.engineSettings);
  verb->add_option("--calibration", args->request.calibration,
                   "Folder with samples to take value ranges from (default: the inputs)")
      ->type_name("DIR");
  verb->add_option("--profile", args->profile, "Keep every trial in this profile; recorded first if it does not exist")
      ->type_name("FILE.ridge");
  addLimit(*verb, "--max-latency", c.maxLatencyMs, parseDuration, 1e3, "The result must run this fast: 5ms")
      ->type_name("TIME");
  addLimit(*verb, "--max-memory", c.maxMemoryBytes, parseBytes, 1, "Peak memory of a process that runs it: 200MB")
      ->type_name("SIZE");
  addLimit(*verb, "--max-tensor-memory", c.maxTensorBytes, parseBytes, 1,
           "Memory for tensors that are alive at once, by their shapes: 50MB")
      ->type_name("SIZE");
  addLimit(*verb, "--max-model-size", c.maxModelBytes, parseBytes, 1, "Size of the model with its weights: 100MB")
      ->type_name("SIZE");
  verb->add_option("--min-cosine", c.minCosine, "Every floating output's cosine with the original's (default 0.99)")
      ->type_name("X")
      ->check(CLI::Range(-1.0, 1.0).description(""));
  verb->add_option_function<double>(
          "--min-top1", [args](const double& x) { args->request.constraints.minTop1 = x; },
          "Share of rows whose largest output stays the largest: 0.99")
      ->type_name("X")
      ->check(CLI::Range(0.0, 1.0).description(""));
  auto* metric = verb->add_option("--metric", c.metricCommand,
                                  "Your own measure: a command that gets the model's path and prints a number")
                     ->type_name("CMD");
  verb->add_option_function<double>(
          "--min-metric", [args](const double& x) { args->request.constraints.minMetric = x; },
          "What that number must reach")
      ->type_name("X")
      ->needs(metric);
  verb->add_flag("--exact", c.exactOnly, "Only rewrites that keep the numbers up to rounding");
  addQuantity(*verb, "--budget", args->request.budgetSeconds, parseDuration, "Time to spend on the search (default 5m)")
      ->type_name("TIME");
  addOutputOptions(*verb, args->output, false);
  return [args](Console& console) { return runOptimize(*args, console); };
}

}  // namespace ridgeline::cli
