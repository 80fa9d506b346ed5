#include "plugins/cuda/counters/range_counting.h"

#include "plugins/cuda/counters/permission.h"
#include "plugins/cuda/cupti/params.h"

namespace ridgeline::cuda {
namespace {

// Kernels between two readings: reading costs milliseconds, and what is not read yet is lost when the process dies.
constexpr size_t kKernelsAtOnce = 64;

std::vector<uint8_t> availabilityOf(const CuptiProfiler& cupti, CUcontext context) {
  auto params = RIDGELINE_CUPTI_PARAMS(CUpti_Profiler_GetCounterAvailability_Params);
  params.ctx = context;
  if (cupti.availability(&params) != CUPTI_SUCCESS) return {};
  std::vector<uint8_t> image(params.counterAvailabilityImageSize);
  params.pCounterAvailabilityImage = image.data();
  if (cupti.availability(&params) != CUPTI_SUCCESS) return {};
  return image;
}

}  // namespace

std::string whyNoCounters(const CuptiLibrary& cupti, CUptiResult result) {
  switch (result) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
      return std::string("the driver lets only administrators count; ") + kPermissionRemedy;
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
      return "the GPU is a virtual one that may not count: its host must enable profiling for it";
    case CUPTI_ERROR_HARDWARE_BUSY:
      return "another program holds the counters (a DCGM agent: dcgmi profile --pause)";
    case CUPTI_ERROR_NOT_COMPATIBLE:
      return "another way of profiling is at work in the process";
    default:
      return "CUPTI: " + cupti.reason(result);
  }
}

std::unique_ptr<RangeCounting> RangeCounting::begin(const CuptiProfiler& cupti, CUcontext context, size_t device,
                                                    const std::vector<std::string>& requested, Tell tell,
                                                    std::string& why) {
  std::unique_ptr<RangeCounting> counting(new RangeCounting(cupti, context, std::move(tell)));
  if (!counting->prepare(device, requested, why) || !counting->enable(why) || !counting->start(why)) return nullptr;
  return counting;
}

bool RangeCounting::prepare(size_t device, const std::vector<std::string>& requested, std::string& why) {
  m_chip = m_cupti.chipOf(device, why);
  if (m_chip.empty()) return false;
  m_host = HostMetrics::open(m_cupti, m_chip, availabilityOf(m_cupti, m_context), why);
  return m_host && resolveCounters(metricCatalog(), requested, m_host->baseCounters(), m_resolved, why) &&
         m_host->configure(m_resolved.counters, why);
}

bool RangeCounting::enable(std::string& why) {
  auto enable = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Enable_Params);
  enable.ctx = m_context;
  auto result = m_cupti.enable(&enable);
  m_profiler = enable.pRangeProfilerObject;
  auto size = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataSize_Params);
  if (result == CUPTI_SUCCESS) {
    size.pRangeProfilerObject = m_profiler;
    size.pMetricNames = m_host->names().data();
    size.numMetrics = m_host->names().size();
    size.maxNumOfRanges = kKernelsAtOnce;
    size.maxNumRangeTreeNodes = kKernelsAtOnce;
    result = m_cupti.dataSize(&size);
  }
  if (result != CUPTI_SUCCESS) {
    why = whyNoCounters(*m_cupti.library, result);
    return false;
  }
  m_data.resize(size.counterDataSize);
  return true;
}

bool RangeCounting::start(std::string& why) {
  auto clear = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_CounterDataImage_Initialize_Params);
  clear.pRangeProfilerObject = m_profiler;
  clear.counterDataSize = m_data.size();
  clear.pCounterData = m_data.data();
  auto result = m_cupti.dataInitialize(&clear);
  if (result == CUPTI_SUCCESS) {
    auto config = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_SetConfig_Params);
    config.pRangeProfilerObject = m_profiler;
    config.configSize = m_host->image().size();
    config.pConfig = m_host->image().data();
    config.counterDataImageSize = m_data.size();
    config.pCounterDataImage = m_data.data();
    config.range = CUPTI_AutoRange;
    config.replayMode = CUPTI_KernelReplay;
    config.maxRangesPerPass = kKernelsAtOnce;
    config.numNestingLevels = 1;
    config.minNestingLevel = 1;
    config.passIndex = 0;
    config.targetNestingLevel = 1;
    result = m_cupti.setConfig(&config);
  }
  if (result == CUPTI_SUCCESS) {
    auto start = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Start_Params);
    start.pRangeProfilerObject = m_profiler;
    result = m_cupti.start(&start);
  }
  m_running = result == CUPTI_SUCCESS;
  if (!m_running) why = whyNoCounters(*m_cupti.library, result);
  return m_running;
}

void RangeCounting::collect() {
  if (!m_running) {
    m_lost += std::exchange(m_launched, {}).size();
    return;
  }
  m_running = false;
  auto stop = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Stop_Params);
  stop.pRangeProfilerObject = m_profiler;
  bool read = m_cupti.stop(&stop) == CUPTI_SUCCESS;
  auto decode = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_DecodeData_Params);
  decode.pRangeProfilerObject = m_profiler;
  read = read && m_cupti.decode(&decode) == CUPTI_SUCCESS;
  auto info = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataInfo_Params);
  info.pCounterDataImage = m_data.data();
  info.counterDataImageSize = m_data.size();
  read = read && m_cupti.dataInfo(&info) == CUPTI_SUCCESS;
  const auto kernels = std::exchange(m_launched, {});
  // Ranges have no names: with one more or less nobody knows whose they are.
  if (!read || info.numTotalRanges != kernels.size()) {
    m_lost += kernels.size();
    return;
  }
  std::vector<double> values(m_resolved.metrics.size());
  for (size_t i = 0; i < kernels.size(); ++i) {
    const auto counters = m_host->values(m_data, i);
    if (counters.empty()) {
      ++m_lost;
      continue;
    }
    for (size_t m = 0; m < values.size(); ++m) values[m] = m_resolved.metrics[m].value(counters);
    m_tell(kernels[i], values);
  }
}

void RangeCounting::launched() {
  if (m_launched.size() < kKernelsAtOnce) return;
  collect();
  std::string why;
  start(why);
}

void RangeCounting::finish() {
  if (!m_launched.empty() || m_running) collect();
}

RangeCounting::~RangeCounting() {
  if (!m_profiler) return;
  auto disable = RIDGELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Disable_Params);
  disable.pRangeProfilerObject = m_profiler;
  m_cupti.disable(&disable);
}

}  // namespace ridgeline::cuda
