#include "analyzers/analyze.h"
#include "base/hash.h"
#include "collector/device_rows.h"
#include "collector/known_models.h"
#include "collector/model_rows.h"
#include "collector/observe.h"
#include "collector/operator_rows.h"
#include "collector/record.h"
#include "engine/inputs.h"

#include <fmt/format.h>

namespace ridgeline::collector {
namespace {

using profile::Profile;

// What is run, read and checked before anything is measured.
struct Subject {
  ModelFile file;
  graph::Model model;
  engine::InputSet inputs;
  engine::Settings settings;
};

Result<engine::InputSet> findInputs(const RecordRequest& request, const graph::Model& model) {
  const auto shapes = engine::parseShapes(request.shapes, model);
  if (!shapes) return tl::unexpected<Error>(shapes.error());
  if (request.inputs.empty()) return engine::synthesizeInputs(model, *shapes, 1);
  return engine::readInputs(request.inputs, model);
}

Result<Subject> openSubject(const RecordRequest& request) {
  auto model = graph::Model::load(request.model);
  if (!model) return passOn(model);
  model->setWeightsAside();
  auto inputs = findInputs(request, *model);
  if (!inputs) return passOn(inputs);
  auto settings = engine::settingsFor(request.model, request.engineSettings, request.threads);
  if (!settings) return passOn(settings);
  auto hash = sha256OfFile(request.model);
  if (!hash) return passOn(hash);
  return Subject{{request.model.filename().string(), std::move(*hash)},
                 std::move(*model),
                 std::move(*inputs),
                 std::move(*settings)};
}

Status writeMeta(Profile& profile, const RecordRequest& request, const Subject& subject, const RecordSummary& summary,
                 int64_t lostEvents) {
  std::string notes;
  for (const auto& note : summary.notes) notes += (notes.empty() ? "" : "\n") + note;
  const std::pair<std::string_view, std::string> values[] = {
      {profile::meta::toolVersion, RIDGELINE_VERSION},
      {profile::meta::engine, summary.engine},
      {profile::meta::command, profile::commandForProfile(request.command)},
      {profile::meta::device, summary.device},
      {profile::meta::threads, std::to_string(summary.threads)},
      {profile::meta::model, subject.file.name},
      {profile::meta::modelSha256, subject.file.sha256},
      {profile::meta::inputs,
       std::string(nameOf(summary.syntheticInputs ? profile::InputKind::Synthetic : profile::InputKind::Given))},
      {profile::meta::samples, std::to_string(subject.inputs.samples.size())},
      {profile::meta::lostEvents, std::to_string(lostEvents)},
      {profile::meta::notes, notes}};
  for (const auto& [key, value] : values) {
    if (value.empty()) continue;
    if (auto set = profile.setMeta(key, value); !set) return set;
  }
  return {};
}

RecordSummary summarize(const Subject& subject, const cpu::Processor& processor, const Observation& observation) {
  RecordSummary summary;
  summary.device = processor.model;
  summary.engine = engine::Session::engineName();
  summary.threads = observation.threads;
  summary.latencyMs = observation.latencyMs;
  summary.observedLatencyMs = observation.observedLatencyMs;
  for (const auto& run : observation.runs) ++(run.observed ? summary.observedRuns : summary.plainRuns);
  for (const auto& op : observation.operators) summary.operatorMs += op.depth == 0 ? op.timeNs * 1e-6 : 0;
  summary.operators = static_cast<int64_t>(observation.operators.size());
  summary.nodes = subject.model.graphProto().node_size();
  summary.syntheticInputs = subject.inputs.synthetic;
  summary.notes = subject.inputs.notes;
  if (!subject.settings.empty()) summary.notes.push_back("engine settings: " + engine::describe(subject.settings));
  if (observation.untracedOperators > 0) {
    summary.notes.push_back(
        fmt::format("{} executed operators could not be traced to nodes of the file", observation.untracedOperators));
  }
  return summary;
}

// All rows in one transaction: a profile has them all or does not exist.
Status writeProfile(Profile& profile, const RecordRequest& request, const Subject& subject, const NodeWorks& works,
                    const cpu::Processor& processor, const std::vector<cpu::Roof>& roofs,
                    const Observation& observation, const RecordSummary& summary) {
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  if (auto done = writeMeta(profile, request, subject, summary, observation.lostEvents); !done) return done;
  const auto device = writeDevice(profile, processor, roofs);
  if (!device) return tl::unexpected<Error>(device.error());
  const auto nodes = writeModel(profile, subject.file, subject.model, subject.inputs.samples.front(), works);
  if (!nodes) return tl::unexpected<Error>(nodes.error());
  if (auto done = writeObservation(profile, *device, *nodes, observation); !done) return done;
  return transaction->commit();
}

}  // namespace

Result<RecordSummary> recordModel(const RecordRequest& request, Job job) {
  // The output first: nobody wants to learn after the measurements that it cannot be written.
  auto profile = Profile::create(request.output);
  if (!profile) return passOn(profile);
  job.progress.phase("load");
  const auto subject = openSubject(request);
  if (!subject) return tl::unexpected<Error>(subject.error());
  const auto& inputs = subject->inputs.samples.front();
  const auto shapes = engine::probeShapes(subject->model, inputs, request.threads);
  if (!shapes) return tl::unexpected<Error>(shapes.error());

  const ObserveOptions options{.threads = request.threads, .settings = subject->settings, .seconds = request.seconds};
  const auto observation = observe(subject->model, inputs, *shapes, options, job);
  if (!observation) return tl::unexpected<Error>(observation.error());
  const auto counted = countOperators(subject->model, inputs, observation->threads, request.counting, job);
  if (!counted) return tl::unexpected<Error>(counted.error());
  const auto processor = cpu::detectProcessor();
  const auto roofs = cpu::cachedRoofs(processor, observation->threads, false, job);
  if (!roofs) return tl::unexpected<Error>(roofs.error());

  job.progress.phase("analyze");
  auto summary = summarize(*subject, processor, *observation);
  for (const auto& counter : counted->counters) summary.counters.push_back(counter.name);
  summary.notes.insert(summary.notes.end(), counted->notes.begin(), counted->notes.end());
  const auto works = nodeWorks(subject->model, *shapes);
  auto written = writeProfile(*profile, request, *subject, works, processor, *roofs, *observation, summary);
  if (!written) return passOn(written);
  if (auto done = writeCounts(*profile, *counted); !done) return passOn(done);
  if (auto done = analyzers::analyze(*profile); !done) return passOn(done);
  if (auto go = job.stop.check(); !go) return passOn(go);
  if (auto finished = profile->finish(); !finished) return passOn(finished);
  rememberModel(subject->file.sha256, request.model);
  return summary;
}

}  // namespace ridgeline::collector
