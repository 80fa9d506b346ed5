#include "base/units.h"
#include "cli/commands/command.h"
#include "graph/samples/samples.h"

namespace ridgeline::cli {

Action declareSample(CLI::App& program) {
  struct Arguments {
    std::string name;
    std::filesystem::path output;
    uint64_t seed = 7;
  };
  auto args = std::make_shared<Arguments>();
  std::string names;
  for (const auto& s : graph::samples()) {
    if (s.forTests) continue;
    names += fmt::format("\n  {:<14} {}", s.name, s.summary);
  }
  auto* verb = program.add_subcommand("sample", "Write a network with seeded weights, to try things on");
  verb->footer("Networks:" + names);
  verb->add_option("NAME", args->name, "Which network")->required();
  verb->add_option("-o,--output", args->output, "The ONNX file to write (default: NAME.onnx)")->type_name("FILE");
  verb->add_option("--seed", args->seed, "Seed of the weights (default 7)")->type_name("N");
  return [args](Console& console) -> Status {
    auto model = graph::makeSample(args->name, args->seed);
    if (!model) return passOn(model);
    const auto output = args->output.empty() ? std::filesystem::path(args->name + ".onnx") : args->output;
    if (auto saved = model->save(output); !saved) return saved;
    return console.print(fmt::format("{}: {}, {} nodes\n", output.string(),
                                     formatBytes(static_cast<double>(model->byteSize())),
                                     model->graphProto().node_size()));
  };
}

}  // namespace ridgeline::cli
