// The one place that includes ONNX Runtime's headers for the engine, and turns its exceptions into Results.
#pragma once

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include "base/result.h"

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::engine {

// The process's ONNX Runtime environment: silent, made at first use, alive until the process ends.
class Environment {
 public:
  // Unavailable when the library is older than the headers this was built with.
  static Result<Environment*> get();

  Ort::Env& env() { return m_env; }
  // Registers the observer library at first use. Unavailable when it cannot be found or loaded.
  Status addObserver(Ort::SessionOptions& options);

 private:
  Environment();
  Result<const OrtEpDevice*> findObserver();
  Ort::Env m_env;
};

// An error of the engine as ours: `what` says what was being done. BadInput, save for lack of memory.
tl::unexpected<Error> engineError(std::string_view what, std::string_view reason);

// Runs `work`, which calls ONNX Runtime, and returns its Result, or the error it threw.
template <class Work>
auto guarded(std::string_view what, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return unavailable(std::string(what) + ": not enough memory");
  } catch (const std::exception& e) {
    return engineError(what, e.what());
  }
}

}  // namespace ridgeline::engine
