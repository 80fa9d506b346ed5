#include "base/units.h"
#include "cli/commands/command.h"

#include <functional>
#include <map>

namespace ridgeline::cli {

void addOutputOptions(CLI::App& verb, OutputOptions& options, bool withFile) {
  static const std::map<std::string, Format> formats{
      {"text", Format::Text}, {"json", Format::Json}, {"markdown", Format::Markdown}};
  static const std::map<std::string, ProgressStyle> styles{{"auto", ProgressStyle::Auto},
                                                           {"none", ProgressStyle::None},
                                                           {"bar", ProgressStyle::Bar},
                                                           {"json", ProgressStyle::Json}};
  verb.add_option("--format", options.format, "How to print: text, json or markdown (default text)")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
  verb.add_option("--progress", options.progress,
                  "What to tell meanwhile on stderr: auto, bar, json or none (default auto: a bar on a terminal)")
      ->transform(CLI::CheckedTransformer(styles).description(""))
      ->type_name("STYLE");
  if (withFile) verb.add_option("-o,--output", options.file, "Print into this file")->type_name("FILE");
}

void addModelOptions(CLI::App& verb, ModelOptions& options) {
  verb.add_option(
          "--shape", options.shapes,
          "Size of what the model leaves open: an input (input_ids=1x128) or a dimension by name (T=128); repeatable")
      ->type_name("NAME=DIMS")
      ->allow_extra_args(false);
  verb.add_option("--inputs", options.inputs,
                  "Folder with inputs: test_data_set_N/input_K.pb, or .npy / .npz by input name (default: made up from "
                  "the shapes)")
      ->type_name("DIR");
  verb.add_option("--threads", options.threads, "Threads of the engine (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
}

void addEngineSettings(CLI::App& verb, std::filesystem::path& file) {
  verb.add_option(
          "--engine-settings", file,
          "Settings of the engine to run the model with (default: MODEL.engine.json beside it, if there is one)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
}

std::vector<std::string> memoryProbe(const ModelOptions& model) {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (ec) return {};
  std::vector<std::string> command{self.string(), "run-once"};
  for (const auto& shape : model.shapes) command.insert(command.end(), {"--shape", shape});
  if (!model.inputs.empty()) command.insert(command.end(), {"--inputs", model.inputs.string()});
  if (model.threads > 0) command.insert(command.end(), {"--threads", std::to_string(model.threads)});
  return command;
}

void addPluginOptions(CLI::App& verb, std::vector<std::string>& given) {
  verb.add_option("--plugin-option", given,
                  "An option of a plugin, as `ridgeline plugin list` shows them (cuda.nvtx=0); repeatable")
      ->type_name("PLUGIN.NAME=VALUE")
      ->allow_extra_args(false);
}

namespace {

// What CLI11 is to do with an option's text.
std::function<void(const std::string&)> parsedInto(const std::string& name, Result<double> (*parse)(std::string_view),
                                                   std::function<void(double)> take) {
  return [name, parse, take](const std::string& text) {
    auto value = parse(text);
    if (!value) throw CLI::ValidationError(name, value.error().text());
    take(*value);
  };
}

}  // namespace

CLI::Option* addQuantity(CLI::App& verb, const std::string& name, double& target,
                         Result<double> (*parse)(std::string_view), const std::string& description) {
  return verb.add_option_function<std::string>(name, parsedInto(name, parse, [&target](double v) { target = v; }),
                                               description);
}

CLI::Option* addLimit(CLI::App& verb, const std::string& name, std::optional<double>& target,
                      Result<double> (*parse)(std::string_view), double factor, const std::string& description) {
  return verb.add_option_function<std::string>(
      name, parsedInto(name, parse, [&target, factor](double v) { target = v * factor; }), description);
}

}  // namespace ridgeline::cli
