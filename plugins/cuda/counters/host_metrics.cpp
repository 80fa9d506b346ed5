#include "plugins/cuda/counters/host_metrics.h"

#include "plugins/cuda/cupti/params.h"

namespace ridgeline::cuda {

std::unique_ptr<HostMetrics> HostMetrics::open(const CuptiProfiler& cupti, const std::string& chip,
                                               const std::vector<uint8_t>& availability, std::string& why) {
  cupti.begin();
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_Initialize_Params);
  params.profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
  params.pChipName = chip.c_str();
  params.pCounterAvailabilityImage = availability.empty() ? nullptr : availability.data();
  const auto result = cupti.hostInitialize(&params);
  if (result == CUPTI_SUCCESS && params.pHostObject)
    return std::unique_ptr<HostMetrics>(new HostMetrics(cupti, params.pHostObject));
  why = "CUPTI cannot count on the chip " + chip + ": " + cupti.library->reason(result);
  return nullptr;
}

HostMetrics::~HostMetrics() {
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_Deinitialize_Params);
  params.pHostObject = m_host;
  m_cupti.hostDeinitialize(&params);
}

std::set<std::string> HostMetrics::baseCounters() const {
  std::set<std::string> names;
  for (const auto type : {CUPTI_METRIC_TYPE_COUNTER, CUPTI_METRIC_TYPE_RATIO, CUPTI_METRIC_TYPE_THROUGHPUT}) {
    auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetBaseMetrics_Params);
    params.pHostObject = m_host;
    params.metricType = type;
    if (m_cupti.baseMetrics(&params) != CUPTI_SUCCESS) continue;
    for (size_t i = 0; i < params.numMetrics; ++i) names.insert(params.ppMetricNames[i]);
  }
  return names;
}

bool HostMetrics::configure(std::vector<std::string> counters, std::string& why) {
  m_counters = std::move(counters);
  for (const auto& counter : m_counters) m_names.push_back(counter.c_str());
  const auto check = [&](CUptiResult result, const char* what) {
    if (result == CUPTI_SUCCESS) return true;
    why = std::string("CUPTI cannot ") + what + ": " + m_cupti.library->reason(result);
    return false;
  };
  auto add = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params);
  add.pHostObject = m_host;
  add.ppMetricNames = m_names.data();
  add.numMetrics = m_names.size();
  if (!check(m_cupti.addMetrics(&add), "count these together")) return false;
  auto size = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImageSize_Params);
  size.pHostObject = m_host;
  if (!check(m_cupti.imageSize(&size), "plan the counting")) return false;
  m_image.resize(size.configImageSize);
  auto image = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImage_Params);
  image.pHostObject = m_host;
  image.configImageSize = m_image.size();
  image.pConfigImage = m_image.data();
  if (!check(m_cupti.image(&image), "plan the counting")) return false;
  auto passes = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetNumOfPasses_Params);
  passes.configImageSize = m_image.size();
  passes.pConfigImage = m_image.data();
  if (!check(m_cupti.passes(&passes), "tell the number of passes")) return false;
  m_passes = passes.numOfPasses;
  return true;
}

std::vector<double> HostMetrics::values(const std::vector<uint8_t>& data, size_t range) {
  std::vector<double> values(m_names.size());
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_Host_EvaluateToGpuValues_Params);
  params.pHostObject = m_host;
  params.pCounterDataImage = data.data();
  params.counterDataImageSize = data.size();
  params.rangeIndex = range;
  params.ppMetricNames = m_names.data();
  params.numMetrics = m_names.size();
  params.pMetricValues = values.data();
  if (m_cupti.evaluate(&params) != CUPTI_SUCCESS) values.clear();
  return values;
}

}  // namespace ridgeline::cuda
