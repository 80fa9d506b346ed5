#include "plugins/cuda/trace/counting.h"

#include "plugins/cuda/trace/process_driver.h"

#include <algorithm>

namespace ridgeline::cuda {
namespace {

constexpr CUpti_CallbackId kLaunches[] = {
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz,
};

template <class Numbers>
void take(LaunchedKernel& kernel, const Numbers& n) {
  kernel.grid[0] = n.gridDimX, kernel.grid[1] = n.gridDimY, kernel.grid[2] = n.gridDimZ;
  kernel.block[0] = n.blockDimX, kernel.block[1] = n.blockDimY, kernel.block[2] = n.blockDimZ;
  kernel.dynamicShared = n.sharedMemBytes;
}

void takeShape(LaunchedKernel& kernel, CUpti_CallbackId id, const void* params) {
  switch (id) {
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel:
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz:
      return take(kernel, *static_cast<const cuLaunchKernel_params*>(params));
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel:
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz:
      return take(kernel, *static_cast<const cuLaunchCooperativeKernel_params*>(params));
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx:
    case CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz:
      return take(kernel, *static_cast<const cuLaunchKernelEx_params*>(params)->config);
    default:
      return;
  }
}

bool isGraph(CUpti_CallbackId id) {
  return id == CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch || id == CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz;
}

}  // namespace

bool Counting::subscribe(CUpti_SubscriberHandle subscriber) {
  const auto& cupti = *m_cupti.library;
  bool all = true;
  for (const auto id : {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING}) {
    all = all && cupti.enableCallback(1, subscriber, CUPTI_CB_DOMAIN_RESOURCE, id) == CUPTI_SUCCESS;
  }
  for (const auto id : kLaunches) cupti.enableCallback(1, subscriber, CUPTI_CB_DOMAIN_DRIVER_API, id);
  return all;
}

void Counting::onCallback(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (domain == CUPTI_CB_DOMAIN_DRIVER_API) return onLaunch(id, *static_cast<const CUpti_CallbackData*>(data));
  if (domain != CUPTI_CB_DOMAIN_RESOURCE) return;
  const auto context = static_cast<const CUpti_ResourceData*>(data)->context;
  if (id == CUPTI_CBID_RESOURCE_CONTEXT_CREATED) begin(context);
  if (id == CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING) end(context);
}

void Counting::begin(CUcontext context) {
  const std::lock_guard lock(m_mutex);
  const int device = ProcessDriver::get().currentDevice();
  std::string why;
  auto& counting = m_contexts[context];
  counting = RangeCounting::begin(
      m_cupti, context, static_cast<size_t>(std::max(device, 0)), m_requested,
      [this, &counting](const LaunchedKernel& kernel, const auto& values) { tell(*counting, kernel, values); }, why);
  if (!counting) {
    m_contexts.erase(context);
    m_note("there are no counters: " + why);
  }
}

void Counting::onLaunch(CUpti_CallbackId id, const CUpti_CallbackData& data) {
  const std::lock_guard lock(m_mutex);
  const auto found = m_contexts.find(data.context);
  if (found == m_contexts.end()) return;
  if (data.callbackSite == CUPTI_API_ENTER) {
    LaunchedKernel kernel;
    kernel.name = isGraph(id) ? "CUDA graph" : m_names.readable(data.symbolName);
    takeShape(kernel, id, data.functionParams);
    found->second->launching(std::move(kernel));
  } else {
    found->second->launched();
    tellLost(*found->second);
  }
}

void Counting::tell(const RangeCounting& counting, const LaunchedKernel& kernel, const std::vector<double>& values) {
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.name = kernel.name.c_str();
  k.correlation = ++m_counted;
  std::copy(kernel.grid, kernel.grid + 3, k.grid);
  std::copy(kernel.block, kernel.block + 3, k.block);
  k.dynamic_shared_bytes = kernel.dynamicShared;
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_KERNEL, &k);
  auto count = RIDGELINE_INIT(RidgelineCount);
  count.correlation = k.correlation;
  for (size_t i = 0; i < values.size(); ++i) {
    count.counter = counting.metrics()[i].name.c_str();
    count.value = values[i];
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_COUNT, &count);
  }
}

void Counting::tellLost(RangeCounting& counting) {
  auto lost = RIDGELINE_INIT(RidgelineLost);
  lost.count = counting.takeLost();
  lost.why = "CUPTI gave no counters for them";
  if (lost.count > 0) ridgeline_spool_record(m_spool, RIDGELINE_RECORD_LOST, &lost);
}

void Counting::end(CUcontext context) {
  const std::lock_guard lock(m_mutex);
  const auto found = m_contexts.find(context);
  if (found == m_contexts.end()) return;
  found->second->finish();
  tellLost(*found->second);
  m_contexts.erase(found);
  ridgeline_spool_flush(m_spool);
}

// A context that is still there at exit may be half gone: what it holds is read, and it is left alone.
void Counting::finish() {
  const std::lock_guard lock(m_mutex);
  for (auto& [context, counting] : m_contexts) {
    counting->finish();
    tellLost(*counting);
    counting.release();
  }
  m_contexts.clear();
  ridgeline_spool_flush(m_spool);
}

}  // namespace ridgeline::cuda
