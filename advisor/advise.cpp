#include "advisor/advise.h"

#include "advisor/ledger.h"
#include "advisor/workbench.h"
#include "collector/known_models.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace ridgeline::advisor {
namespace {

// For trying settings of the engine.
constexpr double kLookSeconds = 15;

// "input_ids int64 1x128" as the recorder wrote it -> "input_ids=1x128". Scalars have no shape to ask for.
std::vector<std::string> shapesAsRecorded(const profile::Model& row) {
  std::vector<std::string> arguments;
  for (const auto& line : row.inputs) {
    const auto dims = line.rfind(' ');
    if (dims == std::string::npos) continue;
    const auto type = line.rfind(' ', dims - 1);
    if (type == std::string::npos || line.compare(dims + 1, std::string::npos, "scalar") == 0) continue;
    arguments.push_back(line.substr(0, type) + "=" + line.substr(dims + 1));
  }
  return arguments;
}

int threadsAsRecorded(const profile::Profile& profile) {
  const auto text = profile.metaValue(profile::meta::threads).value_or("0");
  int threads = 0;
  std::from_chars(text.data(), text.data() + text.size(), threads);
  return threads;
}

// While weights can be overridden, no rule may touch them: what could be done next is found in the model that has them
// frozen.
Status adviseFrozen(Workbench& bench, const graph::Model& model, const Workbench::Facts& facts, bool exactOnly,
                    Proposals& proposals) {
  const auto it = std::ranges::find(proposals.opportunities, "freeze-weights", &Opportunity::rule);
  if (it == proposals.opportunities.end()) return {};
  const auto freeze = *it;
  auto frozen = applyToCopy(model, freeze, bench.subject(model, facts));
  if (!frozen) return passOn(frozen);
  auto after = bench.study(frozen->model);
  if (!after) return passOn(after);
  auto more = propose(frozen->model, bench.subject(frozen->model, *after), exactOnly, Ask::Rewrites);
  if (!more) return passOn(more);
  for (auto& o : more->opportunities) o.evidence.insert(o.evidence.begin(), "builds on freeze-weights");
  // What was found without it is found again, or is a setting of the engine.
  std::erase_if(proposals.opportunities, [&](const Opportunity& o) {
    return o.rule != freeze.rule && findRule(o.rule)->info().kind != RuleKind::Engine;
  });
  std::ranges::move(more->opportunities, std::back_inserter(proposals.opportunities));
  proposals.nearMisses = std::move(more->nearMisses);
  return {};
}

}  // namespace

Result<AdviseResult> advise(const std::filesystem::path& path, const std::filesystem::path& named, bool exactOnly,
                            std::vector<DeviceAdvice> deviceAdvice, Job job) {
  auto profile = profile::Profile::open(path, profile::Profile::Mode::ReadWrite);
  if (!profile) return passOn(profile);
  auto models = profile->all<profile::Model>();
  if (!models) return passOn(models);
  if (models->empty()) {
    return badInput(fmt::format("{} holds no model", path.string()),
                    "advice needs a recording of an ONNX model: ridgeline record MODEL.onnx");
  }
  const auto& row = models->front();
  auto file = collector::findModel(row.sha256, row.name, path, named);
  if (!file) return passOn(file);
  auto model = graph::Model::load(*file);
  if (!model) return passOn(model);
  model->setWeightsAside();
  auto settings = engine::settingsFor(*file, {});
  if (!settings) return passOn(settings);
  engine::keepSettings(*model, *settings);
  auto shapes = engine::parseShapes(shapesAsRecorded(row), *model);
  if (!shapes) return passOn(shapes);
  auto inputs = engine::synthesizeInputs(*model, *shapes, 1);
  if (!inputs) return passOn(inputs);

  Constraints constraints;
  constraints.exactOnly = exactOnly;
  auto bench = Workbench::create(*model, *inputs, *inputs, constraints, {.threads = threadsAsRecorded(*profile)}, job);
  if (!bench) return passOn(bench);
  bench->setDeviceAdvice(std::move(deviceAdvice));
  job.progress.phase("study");
  auto facts = bench->study(*model);
  if (!facts) return passOn(facts);
  job.progress.phase("ask the rules");
  auto proposals =
      propose(*model, bench->subject(*model, *facts, Goal::Latency, kLookSeconds), exactOnly, Ask::Everything);
  if (!proposals) return passOn(proposals);
  if (auto s = adviseFrozen(*bench, *model, *facts, exactOnly, *proposals); !s) return passOn(s);
  if (auto s = writeAdvice(*profile, *proposals); !s) return passOn(s);
  return AdviseResult{row.name, facts->latencyMs, std::move(*proposals), inputs->notes};
}

}  // namespace ridgeline::advisor
