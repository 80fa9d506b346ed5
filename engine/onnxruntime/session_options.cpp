#include "engine/onnxruntime/session_options.h"

#include "engine/onnxruntime/counted_threads.h"

#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <thread>

namespace ridgeline::engine {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kWhat = "the model does not load";

GraphOptimizationLevel levelOf(Optimization optimization) {
  switch (optimization) {
    case Optimization::None:
      return ORT_DISABLE_ALL;
    case Optimization::Basic:
      return ORT_ENABLE_BASIC;
    case Optimization::Extended:
      return ORT_ENABLE_EXTENDED;
    case Optimization::All:
      break;
  }
  return ORT_ENABLE_ALL;
}

int defaultThreads() {
  // Hyper-threads of one core share a siblings list.
  std::set<std::string> cores;
  for (unsigned cpu = 0; cpu < std::max(1u, std::thread::hardware_concurrency()); ++cpu) {
    std::ifstream in(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
    std::string siblings;
    if (std::getline(in, siblings)) cores.insert(siblings);
  }
  return cores.empty() ? static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))
                       : static_cast<int>(cores.size());
}

void apply(const Settings& settings, int threads, Ort::SessionOptions& out) {
  if (settings.spinning) {
    const char* const value = *settings.spinning ? "1" : "0";
    out.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, value);
    out.AddConfigEntry(kOrtSessionOptionsConfigAllowInterOpSpinning, value);
  }
  if (settings.parallel) out.SetExecutionMode(*settings.parallel ? ORT_PARALLEL : ORT_SEQUENTIAL);
  if (settings.parallel.value_or(false)) out.SetInterOpNumThreads(threads);
  if (settings.arena) *settings.arena ? out.EnableCpuMemArena() : out.DisableCpuMemArena();
  if (settings.memoryPattern) *settings.memoryPattern ? out.EnableMemPattern() : out.DisableMemPattern();
  if (settings.prepacking)
    out.AddConfigEntry(kOrtSessionOptionsConfigDisablePrepacking, *settings.prepacking ? "0" : "1");
}

}  // namespace

int threadsOf(const SessionOptions& options) {
  const int asked = options.settings.threads.value_or(options.threads);
  return asked > 0 ? asked : defaultThreads();
}

Ort::SessionOptions toOrt(const SessionOptions& options) {
  Ort::SessionOptions out;
  out.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  out.SetGraphOptimizationLevel(levelOf(options.optimization));
  if (options.settings.threads || options.threads > 0) out.SetIntraOpNumThreads(threadsOf(options));
  apply(options.settings, threadsOf(options), out);
  if (options.quietBetweenRuns) out.AddConfigEntry(kOrtSessionOptionsConfigForceSpinningStop, "1");
  for (const auto& [key, value] : options.config) out.AddConfigEntry(key.c_str(), value.c_str());
  if (options.counters) countThreads(out, *options.counters);
  return out;
}

Status writeOptimizedModel(Ort::SessionOptions& options, const fs::path& path) {
  const fs::path weights = path.string() + ".data";
  std::error_code ec;
  fs::create_symlink("/dev/null", weights, ec);
  if (ec) return unavailable(fmt::format("cannot write {}: {}", weights.string(), ec.message()));
  options.SetOptimizedModelFilePath(path.c_str());
  options.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersFileName, weights.filename().c_str());
  options.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersMinSizeInBytes, "1024");
  return {};
}

Result<Ort::Session> load(Ort::Env& env, const graph::Model& model, Ort::SessionOptions& options,
                          std::optional<TemporaryFolder>& folder) {
  if (model.proto().ByteSizeLong() <= static_cast<size_t>(std::numeric_limits<int>::max())) {
    if (!model.folder().empty()) {
      options.AddConfigEntry(kOrtSessionOptionsModelExternalInitializersFileFolderPath,
                             fs::absolute(model.folder()).c_str());
    }
    const std::string bytes = model.proto().SerializeAsString();
    return guarded(kWhat,
                   [&]() -> Result<Ort::Session> { return Ort::Session(env, bytes.data(), bytes.size(), options); });
  }
  if (!folder) {
    auto made = TemporaryFolder::create("session");
    if (!made) return passOn(made);
    folder.emplace(std::move(*made));
  }
  const auto path = folder->path() / "model.onnx";
  if (auto saved = model.save(path); !saved) return passOn(saved);
  return load(env, path, options);
}

Result<Ort::Session> load(Ort::Env& env, const fs::path& file, Ort::SessionOptions& options) {
  return guarded(kWhat, [&]() -> Result<Ort::Session> { return Ort::Session(env, file.c_str(), options); });
}

}  // namespace ridgeline::engine
