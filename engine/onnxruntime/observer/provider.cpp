// An execution provider that claims no node and so changes nothing, but has a profiler: the engine then tells it
// of the begin and end of every node of every other provider, on the thread that runs it. All of that goes on to an
// EventSink.
#include "engine/onnxruntime/observer/event_sink.h"

#include <onnxruntime_c_api.h>

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

using namespace ridgeline::engine;

namespace {

struct Api {
  const OrtApi* ort = nullptr;
  const OrtEpApi* ep = nullptr;

  // Observation must never fail a run: a status that nobody acts on is released.
  void drop(OrtStatus* status) const {
    if (status) ort->ReleaseStatus(status);
  }
};

class Profiler : public OrtEpProfilerImpl {
 public:
  Profiler(const Api& api, EventSink* sink) : OrtEpProfilerImpl{}, m_api(api), m_sink(sink) {
    ort_version_supported = ORT_API_VERSION;
    Release = [](OrtEpProfilerImpl* p) noexcept { delete self(p); };
    StartProfiling = [](OrtEpProfilerImpl*, int64_t) noexcept -> OrtStatus* { return nullptr; };
    StartEvent = [](OrtEpProfilerImpl* p, uint64_t id) noexcept -> OrtStatus* {
      self(p)->m_sink->begin(id);
      return nullptr;
    };
    StopEvent = [](OrtEpProfilerImpl* p, uint64_t id, const OrtProfilingEvent* event) noexcept -> OrtStatus* {
      self(p)->stop(id, event);
      return nullptr;
    };
    EndProfiling = [](OrtEpProfilerImpl*, OrtProfilingEventsContainer*) noexcept -> OrtStatus* { return nullptr; };
  }

 private:
  static Profiler* self(OrtEpProfilerImpl* p) { return static_cast<Profiler*>(p); }

  const char* argument(const OrtProfilingEvent* event, const char* key) const {
    const char* value = nullptr;
    m_api.drop(m_api.ep->ProfilingEvent_GetArgValue(event, key, &value));
    return value;
  }

  void stop(uint64_t id, const OrtProfilingEvent* event) const {
    OrtProfilingEventCategory category = OrtProfilingEventCategory_SESSION;
    EventView view;
    m_api.drop(m_api.ep->ProfilingEvent_GetCategory(event, &category));
    m_api.drop(m_api.ep->ProfilingEvent_GetName(event, &view.name));
    view.node = category == OrtProfilingEventCategory_NODE;
    if (view.node) {
      view.opType = argument(event, "op_name");
      view.provider = argument(event, "provider");
      view.nodeIndex = argument(event, "node_index");
      view.inputShapes = argument(event, "input_type_shape");
      view.outputShapes = argument(event, "output_type_shape");
    }
    m_sink->end(id, view);
  }

  const Api m_api;
  EventSink* m_sink;
};

class Provider : public OrtEp {
 public:
  Provider(const Api& api, EventSink* sink) : OrtEp{}, m_api(api), m_sink(sink) {
    ort_version_supported = ORT_API_VERSION;
    GetName = [](const OrtEp*) noexcept -> const char* { return kProviderName; };
    GetCapability = [](OrtEp*, const OrtGraph*, OrtEpGraphSupportInfo*) noexcept -> OrtStatus* { return nullptr; };
    Compile = [](OrtEp* p, const OrtGraph**, const OrtNode**, size_t, OrtNodeComputeInfo**,
                 OrtNode**) noexcept -> OrtStatus* {
      return self(p)->m_api.ort->CreateStatus(ORT_NOT_IMPLEMENTED, "the observer runs no node");
    };
    ReleaseNodeComputeInfos = [](OrtEp*, OrtNodeComputeInfo**, size_t) noexcept {};
    CreateProfiler = [](OrtEp* p, OrtEpProfilerImpl** out) noexcept -> OrtStatus* {
      *out = nullptr;
      if (!self(p)->m_sink) return nullptr;
      *out = new (std::nothrow) Profiler(self(p)->m_api, self(p)->m_sink);
      return *out ? nullptr : self(p)->m_api.ort->CreateStatus(ORT_FAIL, "out of memory");
    };
  }

 private:
  static Provider* self(OrtEp* p) { return static_cast<Provider*>(p); }
  const Api m_api;
  EventSink* m_sink;
};

class Factory : public OrtEpFactory {
 public:
  explicit Factory(const Api& api) : OrtEpFactory{}, m_api(api) {
    ort_version_supported = ORT_API_VERSION;
    GetName = [](const OrtEpFactory*) noexcept -> const char* { return kProviderName; };
    GetVendor = [](const OrtEpFactory*) noexcept -> const char* { return "Ridgeline"; };
    GetVersion = [](const OrtEpFactory*) noexcept -> const char* { return "1.0.0"; };
    GetVendorId = [](const OrtEpFactory*) noexcept -> uint32_t { return 0; };
    GetSupportedDevices = [](OrtEpFactory* f, const OrtHardwareDevice* const* devices, size_t count, OrtEpDevice** out,
                             size_t capacity, size_t* made) noexcept -> OrtStatus* {
      return self(f)->supportedDevices(devices, count, out, capacity, made);
    };
    CreateEp = [](OrtEpFactory* f, const OrtHardwareDevice* const*, const OrtKeyValuePairs* const*, size_t,
                  const OrtSessionOptions* options, const OrtLogger*, OrtEp** out) noexcept -> OrtStatus* {
      *out = new (std::nothrow) Provider(self(f)->m_api, self(f)->sinkOf(options));
      return *out ? nullptr : self(f)->m_api.ort->CreateStatus(ORT_FAIL, "out of memory");
    };
    ReleaseEp = [](OrtEpFactory*, OrtEp* ep) noexcept { delete static_cast<Provider*>(ep); };
    CreateAllocator = [](OrtEpFactory*, const OrtMemoryInfo*, const OrtKeyValuePairs*,
                         OrtAllocator** out) noexcept -> OrtStatus* {
      *out = nullptr;
      return nullptr;
    };
    ReleaseAllocator = [](OrtEpFactory*, OrtAllocator*) noexcept {};
    CreateDataTransfer = [](OrtEpFactory*, OrtDataTransferImpl** out) noexcept -> OrtStatus* {
      *out = nullptr;
      return nullptr;
    };
    IsStreamAware = [](const OrtEpFactory*) noexcept { return false; };
  }

 private:
  static Factory* self(OrtEpFactory* f) { return static_cast<Factory*>(f); }

  OrtStatus* supportedDevices(const OrtHardwareDevice* const* devices, size_t count, OrtEpDevice** out, size_t capacity,
                              size_t* made) {
    *made = 0;
    for (size_t i = 0; i < count && *made < capacity; ++i) {
      if (m_api.ort->HardwareDevice_Type(devices[i]) != OrtHardwareDeviceType_CPU) continue;
      if (OrtStatus* failed = m_api.ep->CreateEpDevice(this, devices[i], nullptr, nullptr, &out[*made])) return failed;
      ++*made;
    }
    return nullptr;
  }

  // Null when the session was not made to be observed, or by a program of another version.
  EventSink* sinkOf(const OrtSessionOptions* options) const {
    char text[64] = {};
    size_t size = sizeof text;
    if (OrtStatus* failed = m_api.ort->GetSessionConfigEntry(options, kSinkConfigKey, text, &size)) {
      m_api.drop(failed);
      return nullptr;
    }
    int version = 0;
    uintptr_t address = 0;
    if (std::sscanf(text, "%d:%" SCNxPTR, &version, &address) != 2 || version != kSinkVersion) return nullptr;
    return reinterpret_cast<EventSink*>(address);
  }

  const Api m_api;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) OrtStatus* CreateEpFactories(const char*, const OrtApiBase* base,
                                                                               const OrtLogger*, OrtEpFactory** out,
                                                                               size_t capacity, size_t* made) {
  *made = 0;
  Api api;
  api.ort = base->GetApi(ORT_API_VERSION);
  if (!api.ort || capacity == 0) return nullptr;
  api.ep = api.ort->GetEpApi();
  out[0] = new (std::nothrow) Factory(api);
  *made = out[0] ? 1 : 0;
  return nullptr;
}

extern "C" __attribute__((visibility("default"))) OrtStatus* ReleaseEpFactory(OrtEpFactory* factory) {
  delete static_cast<Factory*>(factory);
  return nullptr;
}
