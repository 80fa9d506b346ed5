// Threads of the engine's pool that tell a counter reader when they begin and end.
#pragma once

#include "engine/counters.h"
#include "engine/onnxruntime/api.h"

namespace ridgeline::engine {

// The reader must outlive every session that is made with the options.
void countThreads(Ort::SessionOptions& options, CounterReader& reader);

}  // namespace ridgeline::engine
