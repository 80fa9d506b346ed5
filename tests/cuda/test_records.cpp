// CUPTI gives records in its own version's layout, whatever header the decoder was built with: the members it reads
// stand at the same place in every version since CUPTI 12. Where one does not, this file does not compile.
#include <catch2/catch.hpp>
#include <cupti.h>

#include <cstddef>

#define SAME(Older, Newer, member) static_assert(offsetof(Older, member) == offsetof(Newer, member))

#define SAME_KERNEL(Older)                                   \
  SAME(Older, CUpti_ActivityKernel10, start);                \
  SAME(Older, CUpti_ActivityKernel10, end);                  \
  SAME(Older, CUpti_ActivityKernel10, deviceId);             \
  SAME(Older, CUpti_ActivityKernel10, contextId);            \
  SAME(Older, CUpti_ActivityKernel10, streamId);             \
  SAME(Older, CUpti_ActivityKernel10, gridX);                \
  SAME(Older, CUpti_ActivityKernel10, blockZ);               \
  SAME(Older, CUpti_ActivityKernel10, staticSharedMemory);   \
  SAME(Older, CUpti_ActivityKernel10, dynamicSharedMemory);  \
  SAME(Older, CUpti_ActivityKernel10, localMemoryPerThread); \
  SAME(Older, CUpti_ActivityKernel10, registersPerThread);   \
  SAME(Older, CUpti_ActivityKernel10, correlationId);        \
  SAME(Older, CUpti_ActivityKernel10, name);                 \
  SAME(Older, CUpti_ActivityKernel10, queued);               \
  SAME(Older, CUpti_ActivityKernel10, submitted);            \
  SAME(Older, CUpti_ActivityKernel10, graphNodeId);          \
  SAME(Older, CUpti_ActivityKernel10, graphId)
SAME_KERNEL(CUpti_ActivityKernel8);
SAME_KERNEL(CUpti_ActivityKernel9);

#define SAME_COPY(Older, Newer)      \
  SAME(Older, Newer, start);         \
  SAME(Older, Newer, end);           \
  SAME(Older, Newer, deviceId);      \
  SAME(Older, Newer, contextId);     \
  SAME(Older, Newer, streamId);      \
  SAME(Older, Newer, correlationId); \
  SAME(Older, Newer, bytes);         \
  SAME(Older, Newer, graphNodeId);   \
  SAME(Older, Newer, graphId)
SAME_COPY(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6);
SAME(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, copyKind);
SAME(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, srcKind);
SAME(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, dstKind);

SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, type);
SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, start);
SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, end);
SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, correlationId);
SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, contextId);
SAME(CUpti_ActivitySynchronization, CUpti_ActivitySynchronization2, streamId);

#define SAME_OVERHEAD(Older)                        \
  SAME(Older, CUpti_ActivityOverhead3, objectKind); \
  SAME(Older, CUpti_ActivityOverhead3, objectId);   \
  SAME(Older, CUpti_ActivityOverhead3, start);      \
  SAME(Older, CUpti_ActivityOverhead3, end)
SAME_OVERHEAD(CUpti_ActivityOverhead);
SAME_OVERHEAD(CUpti_ActivityOverhead2);

SAME(CUpti_ActivityMarkerData, CUpti_ActivityMarkerData2, id);
SAME(CUpti_ActivityMarkerData, CUpti_ActivityMarkerData2, payloadKind);
SAME(CUpti_ActivityMarkerData, CUpti_ActivityMarkerData2, payload);

SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, correlationId);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, start);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, end);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, deviceId);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, graphId);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, contextId);
SAME(CUpti_ActivityGraphTrace, CUpti_ActivityGraphTrace2, streamId);

#define SAME_MEMORY(Older)                                 \
  SAME(Older, CUpti_ActivityMemory4, memoryOperationType); \
  SAME(Older, CUpti_ActivityMemory4, memoryKind);          \
  SAME(Older, CUpti_ActivityMemory4, bytes);               \
  SAME(Older, CUpti_ActivityMemory4, timestamp);           \
  SAME(Older, CUpti_ActivityMemory4, deviceId)
SAME_MEMORY(CUpti_ActivityMemory2);
SAME_MEMORY(CUpti_ActivityMemory3);

TEST_CASE("a kernel's members stand where CUPTI 12 and 13 document them") {
  // In front of all the others, so that a shift of any would move them.
  CHECK(offsetof(CUpti_ActivityKernel10, start) == 16);
  CHECK(offsetof(CUpti_ActivityKernel10, correlationId) == offsetof(CUpti_ActivityKernel9, correlationId));
}
