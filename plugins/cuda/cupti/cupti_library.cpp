#include "plugins/cuda/cupti/cupti_library.h"

#include "plugins/cuda/cupti/params.h"

#include <dlfcn.h>

#include <vector>

namespace ridgeline::cuda {
namespace {

void* open(const std::string& place) {
  std::vector<std::string> names;
  if (!place.empty()) names = {place, place + "/libcupti.so"};
  for (const char* name : {"libcupti.so.13", "libcupti.so.12", "libcupti.so"}) names.emplace_back(name);
  for (const char* folder : {RIDGELINE_CUPTI_FOLDER, "/usr/local/cuda/lib64", "/usr/local/cuda/extras/CUPTI/lib64"}) {
    names.push_back(std::string(folder) + "/libcupti.so");
  }
  for (const auto& name : names) {
    if (void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

// Remembers the first function that is missing.
class Functions {
 public:
  explicit Functions(void* library) : m_library(library) {}
  template <class Function>
  void find(const char* name, Function& function) {
    maybe(name, function);
    if (!function && m_missing.empty()) m_missing = name;
  }
  template <class Function>
  void maybe(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(m_library, name));
  }
  const std::string& missing() const { return m_missing; }

 private:
  void* m_library;
  std::string m_missing;
};

void* theLibrary = nullptr;

std::string fill(CuptiLibrary& cupti) {
  Functions functions(theLibrary);
  functions.find("cuptiSubscribe", cupti.subscribe);
  functions.find("cuptiUnsubscribe", cupti.unsubscribe);
  functions.find("cuptiEnableCallback", cupti.enableCallback);
  functions.find("cuptiActivityEnable", cupti.activityEnable);
  functions.find("cuptiActivityRegisterCallbacks", cupti.registerCallbacks);
  functions.find("cuptiActivityRegisterTimestampCallback", cupti.registerTimestamps);
  functions.find("cuptiActivityFlushAll", cupti.flushAll);
  functions.find("cuptiActivityGetNextRecord", cupti.nextRecord);
  functions.find("cuptiActivityGetNumDroppedRecords", cupti.droppedRecords);
  functions.find("cuptiGetCallbackName", cupti.callbackName);
  functions.find("cuptiGetResultString", cupti.resultString);
  functions.find("cuptiGetVersion", cupti.version);
  functions.maybe("cuptiSubscribe_v2", cupti.subscribeNamed);
  functions.maybe("cuptiActivityFlushPeriod", cupti.flushPeriod);
  return functions.missing();
}

std::string fill(CuptiProfiler& profiler) {
  Functions functions(theLibrary);
  functions.find("cuptiProfilerInitialize", profiler.initialize);
  functions.find("cuptiDeviceGetChipName", profiler.chipName);
  functions.find("cuptiProfilerGetCounterAvailability", profiler.availability);
  functions.find("cuptiProfilerHostInitialize", profiler.hostInitialize);
  functions.find("cuptiProfilerHostDeinitialize", profiler.hostDeinitialize);
  functions.find("cuptiProfilerHostGetBaseMetrics", profiler.baseMetrics);
  functions.find("cuptiProfilerHostConfigAddMetrics", profiler.addMetrics);
  functions.find("cuptiProfilerHostGetConfigImageSize", profiler.imageSize);
  functions.find("cuptiProfilerHostGetConfigImage", profiler.image);
  functions.find("cuptiProfilerHostGetNumOfPasses", profiler.passes);
  functions.find("cuptiProfilerHostEvaluateToGpuValues", profiler.evaluate);
  functions.find("cuptiRangeProfilerEnable", profiler.enable);
  functions.find("cuptiRangeProfilerDisable", profiler.disable);
  functions.find("cuptiRangeProfilerSetConfig", profiler.setConfig);
  functions.find("cuptiRangeProfilerStart", profiler.start);
  functions.find("cuptiRangeProfilerStop", profiler.stop);
  functions.find("cuptiRangeProfilerDecodeData", profiler.decode);
  functions.find("cuptiRangeProfilerGetCounterDataSize", profiler.dataSize);
  functions.find("cuptiRangeProfilerCounterDataImageInitialize", profiler.dataInitialize);
  functions.find("cuptiRangeProfilerGetCounterDataInfo", profiler.dataInfo);
  return functions.missing();
}

}  // namespace

std::string CuptiLibrary::reason(CUptiResult result) const {
  const char* text = nullptr;
  resultString(result, &text);
  return text ? text : "error " + std::to_string(static_cast<int>(result));
}

const CuptiLibrary* CuptiLibrary::get(const std::string& place, std::string& why) {
  static CuptiLibrary cupti;
  static const std::string trouble = [&]() -> std::string {
    theLibrary = open(place);
    if (!theLibrary)
      return "CUPTI (libcupti.so) was not found; it comes with the CUDA toolkit, or set --plugin-option "
             "cuda.cupti=FOLDER";
    const auto missing = fill(cupti);
    return missing.empty() ? "" : "CUPTI is too old: it lacks " + missing + "; 12 or later is needed";
  }();
  why = trouble;
  return trouble.empty() ? &cupti : nullptr;
}

void CuptiProfiler::begin() const {
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Initialize_Params);
  initialize(&params);
}

std::string CuptiProfiler::chipOf(size_t device, std::string& why) const {
  begin();
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Device_GetChipName_Params);
  params.deviceIndex = device;
  const auto known = chipName(&params);
  if (known == CUPTI_SUCCESS && params.pChipName) return params.pChipName;
  why = "CUPTI does not know the chip: " + library->reason(known);
  return {};
}

const CuptiProfiler* CuptiProfiler::get(const std::string& place, std::string& why) {
  static CuptiProfiler profiler;
  profiler.library = CuptiLibrary::get(place, why);
  if (!profiler.library) return nullptr;
  static const std::string missing = fill(profiler);
  if (!missing.empty()) why = "CUPTI is too old to count: it lacks " + missing + "; 12.6 or later is needed";
  return missing.empty() ? &profiler : nullptr;
}

}  // namespace ridgeline::cuda
