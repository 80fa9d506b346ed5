// CUPTI, found at run time: one binary serves machines with and without it.
#pragma once

#include <cupti.h>

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

  // The one of this process; null with the reason in `why`. `place`: a file or folder to look at first; may be empty.
  static const CuptiLibrary* get(const std::string& place, std::string& why);
};

}  // namespace ridgeline::cuda
