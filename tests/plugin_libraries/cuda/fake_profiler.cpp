/* The counting half of the fake CUPTI: every launch between start and stop is a range. */
#include "fake_cupti.h"

static const char* the_counters[] = {"dram__bytes",
                                     "lts__t_bytes",
                                     "sm__ops_path_tensor_src_fp16",
                                     "sm__ops_path_tensor_src_fp16_sparsity_on",
                                     "sm__pipe_tensor_cycles_active",
                                     "smsp__sass_thread_inst_executed_op_dadd_pred_on",
                                     "smsp__sass_thread_inst_executed_op_dfma_pred_on",
                                     "smsp__sass_thread_inst_executed_op_dmul_pred_on",
                                     "smsp__sass_thread_inst_executed_op_fadd_pred_on",
                                     "smsp__sass_thread_inst_executed_op_ffma_pred_on",
                                     "smsp__sass_thread_inst_executed_op_fmul_pred_on",
                                     "smsp__sass_thread_inst_executed_op_hadd_pred_on",
                                     "smsp__sass_thread_inst_executed_op_hfma_pred_on",
                                     "smsp__sass_thread_inst_executed_op_hmul_pred_on"};
static FakeEvent the_ranges[256];
static size_t the_count;
static int is_running, is_enabled;

void fake_count(const FakeEvent* kernel) {
  if (is_running && the_count < 256) the_ranges[the_count++] = *kernel;
}
int fake_is_counting(void) { return is_enabled; }

/* One multiply-add and eight bytes a thread; half the cycles in the tensor pipe. */
static double value_of(const char* counter, const FakeEvent* kernel) {
  const double threads = (double)kernel->blocks * kernel->threads;
  if (strcmp(counter, "smsp__sass_thread_inst_executed_op_ffma_pred_on.sum") == 0) return threads;
  if (strcmp(counter, "dram__bytes.sum") == 0) return 8 * threads;
  if (strcmp(counter, "sm__ops_path_tensor_src_fp16.sum") == 0) return 1000;
  if (strncmp(counter, "sm__pipe_tensor_cycles_active", 29) == 0) return 50;
  return 0;
}

FAKE_EXPORT CUptiResult cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params* p) { return (void)p, CUPTI_SUCCESS; }
FAKE_EXPORT CUptiResult cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params* p) {
  return p->pChipName = "GH100", CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerGetCounterAvailability(CUpti_Profiler_GetCounterAvailability_Params* p) {
  return p->counterAvailabilityImageSize = 8, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params* p) {
  return p->pHostObject = (CUpti_Profiler_Host_Object*)the_counters, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params* p) {
  return (void)p, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostGetBaseMetrics(CUpti_Profiler_Host_GetBaseMetrics_Params* p) {
  p->ppMetricNames = the_counters;
  p->numMetrics = p->metricType == CUPTI_METRIC_TYPE_COUNTER ? sizeof the_counters / sizeof *the_counters : 0;
  return CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params* p) {
  return (void)p, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostGetConfigImageSize(CUpti_Profiler_Host_GetConfigImageSize_Params* p) {
  return p->configImageSize = 16, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params* p) {
  return memset(p->pConfigImage, 1, p->configImageSize), CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params* p) {
  return p->numOfPasses = 7, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiProfilerHostEvaluateToGpuValues(CUpti_Profiler_Host_EvaluateToGpuValues_Params* p) {
  for (size_t i = 0; i < p->numMetrics; ++i) {
    p->pMetricValues[i] = value_of(p->ppMetricNames[i], &the_ranges[p->rangeIndex]);
  }
  return CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params* p) {
  if (getenv("FAKE_CUPTI_FORBIDDEN")) return CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  p->pRangeProfilerObject = (CUpti_RangeProfiler_Object*)the_counters;
  return is_enabled = 1, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params* p) {
  return (void)p, is_enabled = 0, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params* p) {
  return p->configSize == 16 ? CUPTI_SUCCESS : CUPTI_ERROR_INVALID_PARAMETER;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params* p) {
  return (void)p, is_running = 1, the_count = 0, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params* p) {
  return p->isAllPassSubmitted = 1, is_running = 0, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params* p) {
  return (void)p, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerGetCounterDataSize(CUpti_RangeProfiler_GetCounterDataSize_Params* p) {
  return p->counterDataSize = 64, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult
cuptiRangeProfilerCounterDataImageInitialize(CUpti_RangeProfiler_CounterDataImage_Initialize_Params* p) {
  return memset(p->pCounterData, 0, p->counterDataSize), CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiRangeProfilerGetCounterDataInfo(CUpti_RangeProfiler_GetCounterDataInfo_Params* p) {
  return p->numTotalRanges = the_count, CUPTI_SUCCESS;
}
