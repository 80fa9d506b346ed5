// CUPTI's host API for one chip: which counters it has, in how many passes some of them can be counted, and their
// values from what the Range Profiler gathered. Works without a driver and without a GPU.
#pragma once

#include "plugins/cuda/cupti/cupti_library.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ridgeline::cuda {

class HostMetrics {
 public:
  // `chip`: as cuptiDeviceGetChipName has it, "GH100". `availability`: the device's counter availability image, for
  // chips that this CUPTI does not know; may be empty. Null, with the reason, for a chip that it cannot serve.
  static std::unique_ptr<HostMetrics> open(const CuptiProfiler& cupti, const std::string& chip,
                                           const std::vector<uint8_t>& availability, std::string& why);
  ~HostMetrics();
  HostMetrics(const HostMetrics&) = delete;
  HostMetrics& operator=(const HostMetrics&) = delete;

  // Of every kind, without what stands behind the dot.
  std::set<std::string> baseCounters() const;
  // Once in its life. False, with the reason, when the chip cannot count them.
  bool configure(std::vector<std::string> counters, std::string& why);
  const std::vector<uint8_t>& image() const { return m_image; }
  size_t passes() const { return m_passes; }
  // The configured counters' names as CUPTI wants them.
  std::vector<const char*>& names() { return m_names; }
  // Of one range; empty when they cannot be had.
  std::vector<double> values(const std::vector<uint8_t>& data, size_t range);

 private:
  HostMetrics(const CuptiProfiler& cupti, CUpti_Profiler_Host_Object* host) : m_cupti(cupti), m_host(host) {}
  const CuptiProfiler& m_cupti;
  CUpti_Profiler_Host_Object* m_host;
  std::vector<std::string> m_counters;
  std::vector<const char*> m_names;
  std::vector<uint8_t> m_image;
  size_t m_passes = 0;
};

}  // namespace ridgeline::cuda
