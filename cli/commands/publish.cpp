#include "advisor/check/run_store.h"
#include "base/units.h"
#include "cli/commands/command.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {

Action declarePublish(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile, model;
    std::string where;
    advisor::RunLabels labels;
    size_t keep = 0;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("publish", "Put a recording where other runs are compared with it");
  verb->footer(
      "A recording is a run once, however often it is published. Project, branch and commit come from the environment\n"
      "of GitHub and GitLab jobs where they are not given. A database's password comes from PGPASSWORD or PGPASSFILE.");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("--to", args->where, "A folder, or postgres://HOST/NAME")->required()->type_name("WHERE");
  verb->add_option("--project", args->labels.project, "What the run belongs to")->type_name("NAME");
  verb->add_option("--branch", args->labels.branch, "The branch it was made of")->type_name("NAME");
  verb->add_option("--commit", args->labels.commit, "The commit it was made of")->type_name("HASH");
  verb->add_option("--model", args->model,
                   "The recorded model: a folder keeps it, so that checks can measure it in turns with later ones")
      ->type_name("MODEL.onnx");
  verb->add_option("--keep", args->keep, "Then remove all but the newest N of each project, branch, model and device")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000).description(""));
  addOutputOptions(*verb, args->output, false);
  return [args](Console& console) -> Status {
    auto labels = advisor::labelsFromEnvironment();
    if (!args->labels.project.empty()) labels.project = args->labels.project;
    if (!args->labels.branch.empty()) labels.branch = args->labels.branch;
    if (!args->labels.commit.empty()) labels.commit = args->labels.commit;
    auto store = advisor::openRunStore(args->where);
    if (!store) return passOn(store);
    auto run = (*store)->publish(args->profile, labels, args->model);
    if (!run) return passOn(run);
    int64_t gone = 0;
    if (args->keep > 0) {
      auto pruned = (*store)->prune(args->keep);
      if (!pruned) return passOn(pruned);
      gone = *pruned;
    }
    if (args->output.format == Format::Json) {
      const nlohmann::ordered_json j{
          {"schema_version", 1},       {"id", run->id},           {"to", (*store)->name()},  {"model", run->model},
          {"project", labels.project}, {"branch", labels.branch}, {"commit", labels.commit}, {"removed", gone}};
      return console.print(j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    auto text = fmt::format("Published {} as run {} to {}\n", args->profile.filename().string(), run->id.substr(0, 12),
                            (*store)->name());
    if (gone > 0) text += fmt::format("Removed {} older runs\n", gone);
    return console.print(text);
  };
}

}  // namespace ridgeline::cli
