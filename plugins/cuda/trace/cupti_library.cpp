#include "plugins/cuda/trace/cupti_library.h"

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

// The first function that is missing; empty when all are there.
std::string fill(void* library, CuptiLibrary& cupti) {
  std::string missing;
  const auto find = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    if (!function && missing.empty()) missing = name;
  };
  find("cuptiSubscribe", cupti.subscribe);
  find("cuptiUnsubscribe", cupti.unsubscribe);
  find("cuptiEnableCallback", cupti.enableCallback);
  find("cuptiActivityEnable", cupti.activityEnable);
  find("cuptiActivityRegisterCallbacks", cupti.registerCallbacks);
  find("cuptiActivityRegisterTimestampCallback", cupti.registerTimestamps);
  find("cuptiActivityFlushAll", cupti.flushAll);
  find("cuptiActivityGetNextRecord", cupti.nextRecord);
  find("cuptiActivityGetNumDroppedRecords", cupti.droppedRecords);
  find("cuptiGetCallbackName", cupti.callbackName);
  find("cuptiGetResultString", cupti.resultString);
  find("cuptiGetVersion", cupti.version);
  return missing;
}

}  // namespace

const CuptiLibrary* CuptiLibrary::get(const std::string& place, std::string& why) {
  static CuptiLibrary cupti;
  static const std::string trouble = [&]() -> std::string {
    void* library = open(place);
    if (!library)
      return "CUPTI (libcupti.so) was not found; it comes with the CUDA toolkit, or set --plugin-option "
             "cuda.cupti=FOLDER";
    const auto missing = fill(library, cupti);
    return missing.empty() ? "" : "CUPTI is too old: it lacks " + missing + "; 12 or later is needed";
  }();
  why = trouble;
  return trouble.empty() ? &cupti : nullptr;
}

}  // namespace ridgeline::cuda
