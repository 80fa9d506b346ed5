// A verb of the command line: declares its arguments, then does its work.
#pragma once

#include "cli/console.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::cli {

// What a command returns is the program's exit status, by its Error; Negative means "done, and the answer is no" and
// prints nothing further.
using Action = std::function<Status(Console&)>;

// Adds the verb to the program and returns what to do when it was the one given. The action may refer to what the
// arguments were parsed into; the command keeps that alive.
using DeclareCommand = Action (*)(CLI::App& program);

Action declareDevices(CLI::App& program);
Action declareRecord(CLI::App& program);
Action declareImport(CLI::App& program);
Action declareReport(CLI::App& program);
Action declareAdvise(CLI::App& program);
Action declareOptimize(CLI::App& program);
Action declareDiff(CLI::App& program);
Action declareExport(CLI::App& program);
Action declareCheck(CLI::App& program);
Action declarePublish(CLI::App& program);
Action declareHistory(CLI::App& program);
Action declareQuery(CLI::App& program);
Action declarePlugin(CLI::App& program);
Action declareSample(CLI::App& program);
Action declareSource(CLI::App& program);
Action declareGui(CLI::App& program);
Action declareRunOnce(CLI::App& program);  // not in the help: loads and runs a model, for measuring its memory

// --- options that several verbs have ---

struct OutputOptions {
  Format format = Format::Text;
  std::filesystem::path file;
  ProgressStyle progress = ProgressStyle::Auto;
};
// --format and --progress; and, for verbs whose -o is the printed result, -o.
void addOutputOptions(CLI::App& verb, OutputOptions& options, bool withFile);

struct ModelOptions {
  std::vector<std::string> shapes;
  std::filesystem::path inputs;
  int threads = 0;
};
void addModelOptions(CLI::App& verb, ModelOptions& options);
void addEngineSettings(CLI::App& verb, std::filesystem::path& file);
// The command that advisor/memory.h starts with a model's path behind it: this program's `run-once` with these options.
// Empty when this program does not know where it is.
std::vector<std::string> memoryProbe(const ModelOptions& model);

// --plugin-option; what was given stands in `given` as PLUGIN.NAME=VALUE.
void addPluginOptions(CLI::App& verb, std::vector<std::string>& given);

// A value with a unit ("5ms", "200MB", "3%"), parsed by one of base/units.h's functions into `target`.
CLI::Option* addQuantity(CLI::App& verb, const std::string& name, double& target,
                         Result<double> (*parse)(std::string_view), const std::string& description);

// The same for a limit, absent when the option is not given: the parsed value times `factor`.
CLI::Option* addLimit(CLI::App& verb, const std::string& name, std::optional<double>& target,
                      Result<double> (*parse)(std::string_view), double factor, const std::string& description);

}  // namespace ridgeline::cli
