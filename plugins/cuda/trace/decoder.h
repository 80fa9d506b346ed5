// CUPTI's activity records as Ridgeline's. Calls nothing of CUPTI, so it is tested where there is none.
//
// Records are read up to the members that every version of their struct since CUPTI 12 has, so that one decoder serves
// the CUPTI that happens to be there.
#pragma once

#include "plugins/cuda/trace/kernel_names.h"
#include "plugins/sdk/ridgeline_plugin.h"

#include <cupti.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ridgeline::cuda {

struct DecoderOptions {
  // Names of API functions: cuptiGetCallbackName.
  std::function<const char*(CUpti_CallbackDomain, CUpti_CallbackId)> callName;
  std::function<std::string(uint32_t)> deviceName;  // by CUDA's number; empty: not known
  // CUPTI 13 hands details of overheads over with the record, to be freed.
  bool ownsOverheadData = false;
};

class ActivityDecoder {
 public:
  using Out = std::function<void(RidgelineRecordType, const void*)>;
  ActivityDecoder(Out out, DecoderOptions options) : m_out(std::move(out)), m_options(std::move(options)) {}

  // One record of a buffer that CUPTI handed back. One thread at a time.
  void decode(const CUpti_Activity& record);
  // Tells what was not worth a record of its own: spoiled and unknown ones. Called when a buffer has been read.
  void tellLosses();
  // Ranges that were begun and not ended, at the end of the process.
  void endOpenRanges(int64_t now);
  // The track of samples that are of a device as a whole; tells of the device.
  uint64_t deviceTrack(uint32_t device);
  // Devices and tracks are told again: this is another process.
  void forget();

 private:
  struct OpenRange {
    std::string name, domain, detail;
    int64_t startNs = 0;
    uint32_t thread = 0;
  };
  void tellDeviceOnce(uint32_t device);
  uint64_t streamTrack(uint32_t device, uint32_t context, uint32_t stream);
  uint64_t threadTrack(uint32_t thread);
  bool isSpoiled(uint64_t start, uint64_t end);
  void kernel(const CUpti_Activity& record);
  void memcpy(const CUpti_Activity& record);
  template <class Record>
  void tellCopy(const Record& record, int32_t kind, uint32_t flags);
  void call(const CUpti_Activity& record);
  void synchronization(const CUpti_Activity& record);
  void overhead(const CUpti_Activity& record);
  void marker(const CUpti_Activity& record);
  void markerData(const CUpti_Activity& record);
  void graph(const CUpti_Activity& record);
  void memory(const CUpti_Activity& record);
  void tellRange(const OpenRange& range, int64_t endNs);

  Out m_out;
  DecoderOptions m_options;
  std::unordered_set<uint32_t> m_devices;
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> m_streams;  // by context and stream
  std::unordered_set<uint32_t> m_threads, m_deviceTracks;
  std::unordered_map<uint32_t, uint64_t> m_memoryInUse;  // bytes, by device
  KernelNames m_names;
  std::unordered_map<uint32_t, OpenRange> m_ranges;  // by the marker's id
  uint64_t m_spoiled = 0, m_unknown = 0;
};

}  // namespace ridgeline::cuda
