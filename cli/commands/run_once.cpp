#include "advisor/memory.h"
#include "cli/commands/command.h"
#include "engine/inputs.h"
#include "engine/session.h"

namespace ridgeline::cli {

Action declareRunOnce(CLI::App& program) {
  struct Arguments {
    std::filesystem::path model;
    ModelOptions options;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("run-once", "Load a model, run it three times, print the peak memory in bytes");
  verb->group("");
  verb->add_option("MODEL", args->model)->required();
  addModelOptions(*verb, args->options);
  return [args](Console& console) -> Status {
    auto model = graph::Model::load(args->model);
    if (!model) return passOn(model);
    engine::InputSet inputs;
    if (args->options.inputs.empty()) {
      auto shapes = engine::parseShapes(args->options.shapes, *model);
      if (!shapes) return passOn(shapes);
      auto synthesized = engine::synthesizeInputs(*model, *shapes, 1);
      if (!synthesized) return passOn(synthesized);
      inputs = std::move(*synthesized);
    } else {
      auto read = engine::readInputs(args->options.inputs, *model);
      if (!read) return passOn(read);
      inputs = std::move(*read);
    }
    engine::SessionOptions options;
    options.threads = args->options.threads;
    auto made = engine::Session::create(*model, options);
    if (!made) return passOn(made);
    if (auto s = made->bind(inputs.samples.front()); !s) return s;
    for (int i = 0; i < 3; ++i) {
      if (auto ns = made->run(); !ns) return passOn(ns);
    }
    auto peak = advisor::ownPeakMemory();
    if (!peak) return passOn(peak);
    return console.print(fmt::format("{:.0f}\n", *peak));
  };
}

}  // namespace ridgeline::cli
