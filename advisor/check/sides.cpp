#include "advisor/check/sides.h"

#include "base/hash.h"
#include "collector/known_models.h"
#include "collector/record.h"
#include "plugins/cpu/roofs.h"

#include <fstream>

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

// "input_ids int64 1x128" as the recorder wrote it -> "input_ids=1x128". Scalars have no shape to ask for.
std::vector<std::string> shapesOf(const profile::Model& row) {
  std::vector<std::string> arguments;
  for (const auto& line : row.inputs) {
    const auto dims = line.rfind(' ');
    if (dims == std::string::npos || dims == 0) continue;
    const auto type = line.rfind(' ', dims - 1);
    if (type == std::string::npos || line.compare(dims + 1, std::string::npos, "scalar") == 0) continue;
    arguments.push_back(line.substr(0, type) + "=" + line.substr(dims + 1));
  }
  return arguments;
}

CheckSide factsOf(const StoredRun& run, const std::string& name) {
  return {.name = name,
          .model = run.model,
          .modelSha256 = run.modelSha256,
          .device = run.device,
          .engine = run.engine,
          .commit = run.labels.commit,
          .created = run.created,
          .threads = run.threads,
          .latencyMs = run.latencyMs};
}

RunFilter likeSubject(const CheckRequest& request, const Side& current) {
  RunFilter filter;
  filter.project = request.labels.project;
  filter.branch = request.againstBranch;
  filter.model = current.facts.model;
  return filter;
}

// Of runs of this model, those of this device come first: others compare only in turns.
const StoredRun* bestOf(const std::vector<StoredRun>& runs, const std::string& device, int threads) {
  const StoredRun* best = nullptr;
  int score = -1;
  for (const auto& run : runs) {
    const int s = 2 * (run.device == device) + (threads == 0 || run.threads == threads);
    if (s > score) {
      score = s;
      best = &run;
    }
  }
  return best;
}

Result<Baseline> baselineOfStore(const CheckRequest& request, const Side& current, const fs::path& scratch) {
  Baseline baseline;
  auto store = openRunStore(request.baseline);
  if (!store) return passOn(store);
  baseline.store = std::move(*store);
  auto runs = baseline.store->list(likeSubject(request, current));
  if (!runs) return passOn(runs);
  if (current.recording && !runs->empty()) {
    // A recording that was published already is not its own baseline.
    auto own = sha256OfFile(*current.recording);
    if (!own) return passOn(own);
    runs->erase(std::remove_if(runs->begin(), runs->end(), [&](const StoredRun& r) { return r.id == *own; }),
                runs->end());
  }
  const auto* chosen = bestOf(*runs, current.facts.device, request.threads);
  if (chosen == nullptr) return baseline;
  const auto recording = scratch / "baseline.ridge";
  if (auto s = baseline.store->fetch(chosen->id, recording); !s) return passOn(s);
  auto named = request.baselineModel;
  if (named.empty()) named = baseline.store->modelFile(chosen->modelSha256).value_or("");
  auto side = sideOfRecording(recording, named);
  if (!side) return passOn(side);
  side->facts = factsOf(*chosen, fmt::format("run {} of {}", chosen->id.substr(0, 12), baseline.store->name()));
  baseline.side = std::move(*side);
  for (auto& run : *runs) {
    const auto& like = baseline.side->facts;
    if (run.device == like.device && run.threads == like.threads) baseline.past.push_back(std::move(run));
  }
  return baseline;
}

}  // namespace

bool isRecording(const fs::path& path) {
  if (path.extension() == ".ridge") return true;
  char magic[15] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::string_view(magic, sizeof magic) == "SQLite format 3";
}

Result<Side> sideOfRecording(const fs::path& path, const fs::path& named) {
  auto run = describeRun(path);
  if (!run) return passOn(run);
  Side side;
  side.recording = path;
  side.facts = factsOf(*run, path.filename().string());
  auto profile = profile::Profile::open(path, profile::Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  auto models = profile->all<profile::Model>();
  if (!models) return passOn(models);
  if (models->empty()) return side;
  side.shapes = shapesOf(models->front());
  auto file = collector::findModel(models->front().sha256, models->front().name, path, named);
  if (file) {
    side.model = std::move(*file);
  } else if (!named.empty()) {
    return passOn(file);
  }
  return side;
}

Result<Side> sideOfModel(const fs::path& path) {
  auto hash = sha256OfFile(path);
  if (!hash) return passOn(hash);
  Side side;
  side.model = path;
  side.facts.name = side.facts.model = path.filename().string();
  side.facts.modelSha256 = std::move(*hash);
  side.facts.device = cpu::detectProcessor().model;
  side.facts.engine = engine::Session::engineName();
  return side;
}

Result<Baseline> findBaseline(const CheckRequest& request, const Side& current, const fs::path& scratch) {
  const fs::path path = request.baseline;
  std::error_code ec;
  const bool isFile = !isDatabase(request.baseline) && fs::is_regular_file(path, ec);
  if (!isFile && (isDatabase(request.baseline) || (path.extension() != ".ridge" && path.extension() != ".onnx"))) {
    return baselineOfStore(request, current, scratch);
  }
  Baseline baseline;
  if (!isFile && path.extension() == ".ridge") return baseline;
  auto side = isRecording(path) ? sideOfRecording(path, request.baselineModel) : sideOfModel(path);
  if (!side) return passOn(side);
  baseline.side = std::move(*side);
  return baseline;
}

Status recordSide(const CheckRequest& request, Side& side, const fs::path& scratch, Job job) {
  if (side.recording) return {};
  collector::RecordRequest record;
  record.model = *side.model;
  record.shapes = request.shapes;
  record.inputs = request.inputs;
  record.threads = request.threads;
  record.output = scratch / (side.model->stem().string() + ".ridge");
  record.seconds = std::min(10.0, request.budgetSeconds / 3);
  record.command = {"ridgeline", "check", side.model->string()};
  auto done = collector::recordModel(record, job);
  if (!done) return passOn(done);
  side.recording = record.output;
  side.facts.threads = done->threads;
  side.facts.latencyMs = done->latencyMs;
  side.facts.device = done->device;
  return {};
}

Status makeBaseline(const CheckRequest& request, Baseline& baseline, Side& current, const fs::path& scratch, Job job) {
  if (auto s = recordSide(request, current, scratch, job); !s) return s;
  if (baseline.store) {
    auto published = baseline.store->publish(*current.recording, request.labels, current.model.value_or(""));
    if (!published) return passOn(published);
    return {};
  }
  auto bytes = readFile(*current.recording);
  if (!bytes) return passOn(bytes);
  return writeFileAtomically(request.baseline, *bytes);
}

}  // namespace ridgeline::advisor
