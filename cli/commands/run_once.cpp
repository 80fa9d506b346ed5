#include "advisor/memory.h"
#include "cli/commands/command.h"
#include "engine/inputs.h"
#include "engine/session.h"

namespace ridgeline::cli {

namespace {

struct Arguments {
  std::filesystem::path model;
  ModelOptions options;
  std::filesystem::path engineSettings;
};

// Whatever this takes is forgotten before the model is loaded to be run.
Result<engine::InputSet> makeInputs(const Arguments& args) {
  auto model = graph::Model::load(args.model);
  if (!model) return passOn(model);
  if (!args.options.inputs.empty()) return engine::readInputs(args.options.inputs, *model);
  auto shapes = engine::parseShapes(args.options.shapes, *model);
  if (!shapes) return passOn(shapes);
  return engine::synthesizeInputs(*model, *shapes, 1);
}

}  // namespace

Action declareRunOnce(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("run-once", "Load a model, run it three times, print the peak memory in bytes");
  verb->group("");
  verb->add_option("MODEL", args->model)->required();
  addModelOptions(*verb, args->options);
  addEngineSettings(*verb, args->engineSettings);
  return [args](Console& console) -> Status {
    auto inputs = makeInputs(*args);
    if (!inputs) return passOn(inputs);
    auto settings = engine::settingsFor(args->model, args->engineSettings);
    if (!settings) return passOn(settings);
    advisor::resetOwnPeakMemory();
    engine::SessionOptions options;
    options.threads = args->options.threads;
    options.settings = *settings;
    auto made = engine::Session::open(args->model, options);
    if (!made) return passOn(made);
    if (auto s = made->bind(inputs->samples.front()); !s) return s;
    for (int i = 0; i < 3; ++i) {
      if (auto ns = made->run(); !ns) return passOn(ns);
    }
    auto peak = advisor::ownPeakMemory();
    if (!peak) return passOn(peak);
    return console.print(fmt::format("{:.0f}\n", *peak));
  };
}

}  // namespace ridgeline::cli
