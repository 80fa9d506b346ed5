#include "advisor/check/check.h"

#include "base/files.h"
#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/text/check_text.h"

namespace ridgeline::cli {
namespace {

constexpr const char* kDefaultConfig = "ridgeline.toml";
constexpr const char* kDefaultBaseline = ".ridgeline/baselines";

struct Arguments {
  advisor::CheckRequest request;
  ModelOptions model;
  OutputOptions output;
  std::filesystem::path config, junit, sarif, markdown;
  bool github = false, strict = false, noRun = false;
  double maxRegression = -1, budget = -1, maxLatency = 0;
};

// What the command line says wins over the file, and the file over the defaults.
Status settle(Arguments& args) {
  auto& request = args.request;
  std::error_code ec;
  if (args.config.empty() && std::filesystem::exists(kDefaultConfig, ec)) args.config = kDefaultConfig;
  if (!args.config.empty()) {
    auto config = advisor::readConfig(args.config);
    if (!config) return passOn(config);
    request.config = std::move(*config);
  }
  const auto& config = request.config;
  if (config && config->maxRegression) request.maxRegression = *config->maxRegression;
  if (config && config->budgetSeconds) request.budgetSeconds = *config->budgetSeconds;
  if (args.maxRegression >= 0) request.maxRegression = args.maxRegression;
  if (args.budget >= 0) request.budgetSeconds = args.budget;
  if (request.baseline.empty() && config) request.baseline = config->baseline;
  if (request.baseline.empty()) request.baseline = kDefaultBaseline;
  request.shapes = args.model.shapes;
  request.inputs = args.model.inputs;
  request.threads = args.model.threads;
  request.mayRun = !args.noRun;
  request.memoryProbe = memoryProbe(args.model);
  const auto labels = advisor::labelsFromEnvironment();
  auto& own = request.labels;
  if (own.project.empty()) own.project = labels.project;
  if (own.branch.empty()) own.branch = labels.branch;
  if (own.commit.empty()) own.commit = labels.commit;
  return {};
}

Status writeReports(const Arguments& args, const advisor::CheckResult& result) {
  const auto subject = args.request.subject.string();
  if (!args.junit.empty()) {
    if (auto s = writeFileAtomically(args.junit, checkJunit(result, subject)); !s) return s;
  }
  if (!args.sarif.empty()) {
    if (auto s = writeFileAtomically(args.sarif, checkSarif(result, subject)); !s) return s;
  }
  if (!args.markdown.empty()) return writeFileAtomically(args.markdown, checkMarkdown(result));
  return {};
}

Status runCheck(Arguments& args, Console& console) {
  console.setProgress(args.output.progress);
  if (auto s = settle(args); !s) return s;
  auto result = advisor::check(args.request, console.job());
  if (!result) return passOn(result);
  if (auto s = writeReports(args, *result); !s) return s;
  std::string text;
  switch (args.output.format) {
    case Format::Json:
      text = checkJson(*result);
      break;
    case Format::Markdown:
      text = checkMarkdown(*result);
      break;
    case Format::Text:
      text = checkText(*result);
      break;
  }
  if (args.github) text += checkGithub(*result, args.request.subject.string());
  if (auto s = console.print(text, args.output.file); !s) return s;
  const bool doubt = args.strict && result->verdict == advisor::CheckVerdict::Inconclusive;
  if (!result->passes() || doubt) return fail(ErrorCode::Negative, "the check does not pass");
  return {};
}

void addLimits(CLI::App& verb, const std::shared_ptr<Arguments>& args) {
  auto& limits = args->request.limits;
  const auto add = [&](const char* name, std::optional<double>& target, Result<double> (*parse)(std::string_view),
                       double factor, const char* type,
                       const char* what) { addLimit(verb, name, target, parse, factor, what)->type_name(type); };
  add("--max-latency", limits.maxLatencyMs, parseDuration, 1e3, "TIME", "A run may take this long: 5ms");
  add("--max-memory", limits.maxMemoryBytes, parseBytes, 1, "SIZE", "Peak memory of a process that runs it: 200MB");
  add("--max-memory-growth", limits.maxMemoryGrowth, parseFraction, 1, "X", "The same, over the baseline's: 5%");
  add("--max-model-size", limits.maxModelBytes, parseBytes, 1, "SIZE", "Size of the model with its weights: 100MB");
  add("--max-model-growth", limits.maxModelGrowth, parseFraction, 1, "X", "The same, over the baseline's: 5%");
  verb.add_option_function<double>(
          "--min-cosine", [&limits](const double& x) { limits.minCosine = x; },
          "Every floating output's cosine with that of the baseline's model: 0.99")
      ->type_name("X")
      ->check(CLI::Range(-1.0, 1.0).description(""));
}

}  // namespace

Action declareCheck(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto& request = args->request;
  auto* verb = program.add_subcommand("check", "Fail when a model or recording is worse than its baseline");
  verb->footer(
      "Where the baseline's model can be run here, both models are measured in turns, so that the machine's mood\n"
      "cancels. Else earlier recordings on the same kind of machine decide. A regression is surely slower, and by "
      "more\n"
      "than allowed; what cannot be told within the budget is inconclusive, and passes unless --strict is given.\n"
      "Without a baseline, this run becomes it. docs/ci.md has pipelines to copy.");
  verb->add_option("SUBJECT", request.subject, "An ONNX file, or a .ridge file")->required();
  verb->add_option("--baseline", request.baseline,
                   "A .ridge or ONNX file, a folder of recordings, or postgres://HOST/NAME (default: that of "
                   "ridgeline.toml, else .ridgeline/baselines)")
      ->type_name("WHERE");
  verb->add_option("--baseline-model", request.baselineModel, "The baseline's model, where it is not found by itself")
      ->type_name("MODEL.onnx");
  verb->add_option("--against", request.againstBranch, "Take baselines of this branch only")->type_name("BRANCH");
  addQuantity(*verb, "--max-regression", args->maxRegression, parseFraction, "Allowed loss of speed (default 3%)")
      ->type_name("X");
  addQuantity(*verb, "--budget", args->budget, parseDuration, "Time to spend (default 60s)")->type_name("TIME");
  addLimits(*verb, args);
  verb->add_option("--config", args->config, "Limits and defaults (default: ridgeline.toml, if there is one)")
      ->type_name("FILE.toml")
      ->check(CLI::ExistingFile.description(""));
  verb->add_flag("--no-run", args->noRun, "Compare recordings only, run nothing");
  verb->add_flag("--strict", args->strict, "Inconclusive fails too");
  verb->add_option("--junit", args->junit, "Write JUnit XML")->type_name("FILE");
  verb->add_option("--sarif", args->sarif, "Write SARIF 2.1.0")->type_name("FILE");
  verb->add_option("--markdown", args->markdown, "Write a comment for a pull request")->type_name("FILE");
  verb->add_flag("--github", args->github, "Print annotations for GitHub Actions too");
  addModelOptions(*verb, args->model);
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) { return runCheck(*args, console); };
}

}  // namespace ridgeline::cli
