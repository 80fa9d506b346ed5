#include "engine/onnxruntime/counted_threads.h"

#include <thread>

namespace ridgeline::engine {
namespace {

// The engine knows a thread by a pointer to a struct that is never defined.
OrtCustomThreadHandle begin(void* given, OrtThreadWorkerFn work, void* argument) {
  auto* reader = static_cast<CounterReader*>(given);
  auto* thread = new std::thread([reader, work, argument] {
    reader->threadBegins();
    work(argument);
    reader->threadEnds();
  });
  return reinterpret_cast<OrtCustomThreadHandle>(thread);
}

void join(OrtCustomThreadHandle handle) {
  auto* thread = reinterpret_cast<std::thread*>(const_cast<OrtCustomHandleType*>(handle));
  thread->join();
  delete thread;
}

}  // namespace

void countThreads(Ort::SessionOptions& options, CounterReader& reader) {
  options.SetCustomCreateThreadFn(begin);
  options.SetCustomThreadCreationOptions(&reader);
  options.SetCustomJoinThreadFn(join);
}

}  // namespace ridgeline::engine
