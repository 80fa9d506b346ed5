#include "base/units.h"
#include "cli/commands/command.h"

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

void addPluginOptions(CLI::App& verb, std::vector<std::string>& given) {
  verb.add_option("--plugin-option", given,
                  "An option of a plugin, as `ridgeline plugin list` shows them (cuda.nvtx=0); repeatable")
      ->type_name("PLUGIN.NAME=VALUE")
      ->allow_extra_args(false);
}

CLI::Option* addQuantity(CLI::App& verb, const std::string& name, double& target,
                         Result<double> (*parse)(std::string_view), const std::string& description) {
  return verb.add_option_function<std::string>(
      name,
      [&target, parse, name](const std::string& text) {
        auto value = parse(text);
        if (!value) throw CLI::ValidationError(name, value.error().text());
        target = *value;
      },
      description);
}

}  // namespace ridgeline::cli
