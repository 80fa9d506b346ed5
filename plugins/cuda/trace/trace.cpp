// What CUDA_INJECTION64_PATH puts into a process: the driver calls InitializeInjection() when it is first used. It
// traces (tracing.h) or counts (counting.h).
#include "plugins/cuda/trace/counting.h"
#include "plugins/cuda/trace/tracing.h"

#include <cstdlib>

namespace {

using namespace ridgeline::cuda;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (size_t from = 0; from < list.size();) {
    const auto comma = std::min(list.find(',', from), list.size());
    if (comma > from) words.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return words;
}

// Both live until the process is gone: CUPTI calls back very late.
RidgelineSpool* theSpool = nullptr;
Counting* theCounting = nullptr;

void note(const std::string& text) {
  auto n = RIDGELINE_INIT(RidgelineNote);
  n.severity = RIDGELINE_WARNING;
  n.text = text.c_str();
  ridgeline_spool_record(theSpool, RIDGELINE_RECORD_NOTE, &n);
  ridgeline_spool_flush(theSpool);
}

void CUPTIAPI onCallback(void*, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (theCounting) return theCounting->onCallback(domain, id, data);
  if (auto* tracing = Tracing::get()) tracing->onCallback(domain, id);
}

// CUPTI serves one at a time. Version 13 tells who is there.
bool subscribe(const CuptiLibrary& cupti, CUpti_SubscriberHandle& subscriber) {
  char other[CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN + 1] = {};
  CUpti_SubscriberParams params{};
  params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  params.subscriberName = "Ridgeline";
  params.oldSubscriberName = other;
  params.oldSubscriberSize = CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN;
  const auto result = cupti.subscribeNamed ? cupti.subscribeNamed(&subscriber, onCallback, nullptr, &params)
                                           : cupti.subscribe(&subscriber, onCallback, nullptr);
  if (result == CUPTI_SUCCESS) return true;
  if (result != CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    note("there is no trace: CUPTI: " + cupti.reason(result));
  } else if (*other) {
    note(std::string("there is no trace: ") + other + " is at work in the process, and CUPTI serves one at a time");
  } else {
    note("there is no trace: another profiler is at work in the process (Nsight, a debugger, or the program's own)");
  }
  return false;
}

void count(const std::string& place, const std::string& counters, CUpti_SubscriberHandle subscriber) {
  std::string why;
  const auto* profiler = CuptiProfiler::get(place, why);
  if (!profiler) return note("there are no counters: " + why);
  theCounting = new Counting(theSpool, *profiler, split(counters), note);
  if (!theCounting->subscribe(subscriber)) note("there are no counters: CUPTI does not tell of contexts");
  std::atexit([] { theCounting->finish(); });
}

void trace(const CuptiLibrary& cupti, CUpti_SubscriberHandle subscriber) {
  TracingOptions options;
  options.driverCalls = variable("RIDGELINE_CUDA_DRIVER") != "0";
  options.ranges = variable("RIDGELINE_CUDA_NVTX") != "0";
  options.memory = variable("RIDGELINE_CUDA_MEMORY") != "0";
  options.power = variable("RIDGELINE_CUDA_POWER") != "0";
  options.wholeGraphs = variable("RIDGELINE_CUDA_GRAPH") == "graph";
  Tracing::start(theSpool, cupti, options, note);
  Tracing::get()->subscribe(subscriber);
  std::atexit([] { Tracing::get()->finish(); });
  pthread_atfork(nullptr, nullptr, [] { Tracing::get()->forget(); });
}

void begin() {
  theSpool = ridgeline_spool_open("cuda");
  if (!theSpool) return;
  std::string why;
  const auto place = variable("RIDGELINE_CUDA_CUPTI");
  const auto* cupti = CuptiLibrary::get(place, why);
  if (!cupti) return note("there is no trace: " + why);
  CUpti_SubscriberHandle subscriber = nullptr;
  if (!subscribe(*cupti, subscriber)) return;
  const auto counters = variable("RIDGELINE_CUDA_COUNTERS");
  counters.empty() ? trace(*cupti, subscriber) : count(place, counters, subscriber);
}

}  // namespace

// The driver's name for it. What it returns the driver does not look at.
extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  static std::once_flag once;
  std::call_once(once, begin);
  return 1;
}
