// CUPTI, found at run time: one binary serves machines with and without it.
#pragma once

#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>

#include <string>

namespace ridgeline::cuda {

struct CuptiLibrary {
  decltype(&cuptiSubscribe) subscribe = nullptr;
  decltype(&cuptiUnsubscribe) unsubscribe = nullptr;
  decltype(&cuptiEnableCallback) enableCallback = nullptr;
  decltype(&cuptiActivityEnable) activityEnable = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) registerCallbacks = nullptr;
  decltype(&cuptiActivityRegisterTimestampCallback) registerTimestamps = nullptr;
  decltype(&cuptiActivityFlushAll) flushAll = nullptr;
  decltype(&cuptiActivityGetNextRecord) nextRecord = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) droppedRecords = nullptr;
  decltype(&cuptiGetCallbackName) callbackName = nullptr;
  decltype(&cuptiGetResultString) resultString = nullptr;
  decltype(&cuptiGetVersion) version = nullptr;
  // May be null in an older CUPTI.
  decltype(&cuptiSubscribe_v2) subscribeNamed = nullptr;
  decltype(&cuptiActivityFlushPeriod) flushPeriod = nullptr;

  std::string reason(CUptiResult result) const;

  // The one of this process; null with the reason in `why`. `place`: a file or folder to look at first; may be empty.
  static const CuptiLibrary* get(const std::string& place, std::string& why);
};

// What counts on the GPU: the Range Profiler, and the host API, which knows every chip's counters without a GPU.
struct CuptiProfiler {
  decltype(&cuptiProfilerInitialize) initialize = nullptr;
  decltype(&cuptiDeviceGetChipName) chipName = nullptr;
  decltype(&cuptiProfilerGetCounterAvailability) availability = nullptr;
  decltype(&cuptiProfilerHostInitialize) hostInitialize = nullptr;
  decltype(&cuptiProfilerHostDeinitialize) hostDeinitialize = nullptr;
  decltype(&cuptiProfilerHostGetBaseMetrics) baseMetrics = nullptr;
  decltype(&cuptiProfilerHostConfigAddMetrics) addMetrics = nullptr;
  decltype(&cuptiProfilerHostGetConfigImageSize) imageSize = nullptr;
  decltype(&cuptiProfilerHostGetConfigImage) image = nullptr;
  decltype(&cuptiProfilerHostGetNumOfPasses) passes = nullptr;
  decltype(&cuptiProfilerHostEvaluateToGpuValues) evaluate = nullptr;
  decltype(&cuptiRangeProfilerEnable) enable = nullptr;
  decltype(&cuptiRangeProfilerDisable) disable = nullptr;
  decltype(&cuptiRangeProfilerSetConfig) setConfig = nullptr;
  decltype(&cuptiRangeProfilerStart) start = nullptr;
  decltype(&cuptiRangeProfilerStop) stop = nullptr;
  decltype(&cuptiRangeProfilerDecodeData) decode = nullptr;
  decltype(&cuptiRangeProfilerGetCounterDataSize) dataSize = nullptr;
  decltype(&cuptiRangeProfilerCounterDataImageInitialize) dataInitialize = nullptr;
  decltype(&cuptiRangeProfilerGetCounterDataInfo) dataInfo = nullptr;
  const CuptiLibrary* library = nullptr;

  // Before anything else, and after cuInit(). Fails where there is no driver, and what needs none works all the same.
  void begin() const;
  // As CUPTI calls the chip of a device, by CUDA's number: "GH100". Empty, with the reason, when it does not know it.
  std::string chipOf(size_t device, std::string& why) const;

  static const CuptiProfiler* get(const std::string& place, std::string& why);
};

}  // namespace ridgeline::cuda
