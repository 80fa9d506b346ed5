#include "engine/onnxruntime/api.h"

#include "engine/onnxruntime/observer/event_sink.h"
#include "engine/onnxruntime/observer_library.h"
#include "engine/onnxruntime/reason.h"

#include <charconv>
#include <cstdlib>
#include <mutex>

namespace ridgeline::engine {
namespace {

void discardLog(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

// Version 1.N serves API versions up to N. Asking it for a later one would make it print.
int apiVersionServed(std::string_view version) {
  const auto dot = version.find('.');
  int minor = 0;
  if (dot != std::string_view::npos) std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  return minor;
}

}  // namespace

Environment::Environment() : m_env(ORT_LOGGING_LEVEL_FATAL, "ridgeline", discardLog, nullptr) {}

Result<Environment*> Environment::get() {
  static const Result<Environment*> instance = []() -> Result<Environment*> {
    const OrtApiBase* base = OrtGetApiBase();
    const std::string version = base->GetVersionString();
    if (apiVersionServed(version) < ORT_API_VERSION) {
      return unavailable(
          fmt::format("ONNX Runtime {} is too old: this program needs 1.{} or later", version, ORT_API_VERSION),
          "install a newer libonnxruntime");
    }
    // Builds of 1.30 and later tell their makers of every session, from threads that run beside what we measure.
    // Whoever wants that says ORT_DISABLE_TELEMETRY=0.
    ::setenv("ORT_DISABLE_TELEMETRY", "1", 0);
    Ort::InitApi(base->GetApi(ORT_API_VERSION));
    // Never destroyed: the engine's own statics may be gone before ours.
    return guarded("cannot start ONNX Runtime", []() -> Result<Environment*> { return new Environment(); });
  }();
  return instance;
}

Result<const OrtEpDevice*> Environment::findObserver() {
  auto library = observerLibrary();
  if (!library) return passOn(library);
  m_env.RegisterExecutionProviderLibrary("ridgeline-observer", library->string());
  const OrtEpDevice* const* devices = nullptr;
  size_t count = 0;
  Ort::ThrowOnError(Ort::GetApi().GetEpDevices(m_env, &devices, &count));
  for (size_t i = 0; i < count; ++i) {
    if (std::string_view(Ort::GetApi().EpDevice_EpName(devices[i])) == kProviderName) return devices[i];
  }
  return unavailable(fmt::format("{} offers no observer", library->string()), "build it anew");
}

Status Environment::addObserver(Ort::SessionOptions& options) {
  static std::once_flag once;
  static Result<const OrtEpDevice*> device = nullptr;
  std::call_once(once, [this] { device = guarded("cannot load the observer", [this] { return findObserver(); }); });
  if (!device) return unavailable(device.error().message, device.error().hint);
  Ort::ThrowOnError(
      Ort::GetApi().SessionOptionsAppendExecutionProvider_V2(options, m_env, &*device, 1, nullptr, nullptr, 0));
  return {};
}

tl::unexpected<Error> engineError(std::string_view what, std::string_view reason) {
  auto message = fmt::format("{}: {}", what, plainReason(reason));
  const bool memory = reason.find("Failed to allocate memory") != std::string_view::npos ||
                      reason.find("bad_alloc") != std::string_view::npos;
  return memory ? unavailable(std::move(message)) : badInput(std::move(message));
}

}  // namespace ridgeline::engine
